public import ExptFiles

/// `log.txt`: what was printed, line by line.
///
/// Lines are handed to the system at once, and so outlive the process; they are not flushed to disk
/// one by one, and the last ones may be lost when the machine stops.
public final class RunLog {
  private let file: AppendingFile

  /// Opens the log to go on at its end.
  public init(_ path: String) throws(FileProblem) { file = try AppendingFile(path) }

  public func append(_ line: String) throws(FileProblem) {
    try file.append(line + "\n", isDurable: false)
  }
}
