import Foundation

/// How the program ends, as in sysexits.
public enum ExitStatus: Int32, Sendable {
  case done = 0
  /// `verify` found something that is not reproduced.
  case notReproduced = 1
  /// The command line is wrong.
  case usage = 64
  /// An experiment file or data is wrong.
  case data = 65
  /// A file that was asked for is not there.
  case noInput = 66
  /// An internal error, or diverged training.
  case software = 70
  /// Reading or writing failed.
  case inputOutput = 74
  /// Stopped by SIGINT or SIGTERM, with the state saved.
  case interrupted = 130

  /// All codes, for the help.
  static let described = """
    0 success, 1 not reproduced (verify), 64 wrong command line, 65 wrong experiment file or data, 66 missing file, 70 \
    internal error or diverged training, 74 reading or writing failed, 130 stopped by Ctrl-C with \
    the state saved
    """

  /// Exits the program; with an error if results could not be written.
  func exit() -> Never {
    var status = self
    if status == .done, let reason = Console.lostResults {
      Console.error("cannot write the results to standard output: \(reason)")
      status = .inputOutput
    }
    fflush(nil)
    #if canImport(Glibc)
      Glibc.exit(status.rawValue)
    #elseif canImport(Musl)
      Musl.exit(status.rawValue)
    #else
      Darwin.exit(status.rawValue)
    #endif
  }
}

/// A command that ends with a message and a code.
struct CommandFailure: Error {
  var status: ExitStatus
  var message: String
  /// Whether the message says `error:` itself.
  var isRendered = false

  init(_ status: ExitStatus, _ message: String, isRendered: Bool = false) {
    self.status = status
    self.message = message
    self.isRendered = isRendered
  }
}
