/// A file that grows at its end. Each `append` is one write: a reader sees all of it or, after a
/// kill in its midst, a beginning of it.
public final class AppendingFile {
  public let path: String
  /// For a process that inherits it.
  package let file: Descriptor
  private var size: Int

  /// Opens the file, making it if there is none. One that has other names too (hard links) is
  /// copied first, so that nothing is appended under those.
  public init(_ path: String) throws(FileProblem) {
    self.path = path
    let isNew = !FilePath.exists(path)
    var file = try SystemCalls.openForAppending(path)
    if SystemCalls.nameCount(file) > 1 {
      try AtomicFile.write(FileBytes.read(path), to: path)
      file = try SystemCalls.openForAppending(path)
    }
    self.file = file
    size = try SystemCalls.sizeOfPlainFile(file)
    if isNew { try SystemCalls.syncFolder(FilePath.folder(of: path)) }
  }

  /// Appends text; a failure (a full disk, say) takes back what was written of it.
  ///
  /// - Parameter isDurable: waits until the disk has it.
  public func append(_ text: String, isDurable: Bool) throws(FileProblem) {
    try append(Array(text.utf8), isDurable: isDurable)
  }

  /// The same for bytes.
  public func append(_ bytes: [UInt8], isDurable: Bool) throws(FileProblem) {
    var problem: FileProblem?
    bytes.withUnsafeBytes { bytes in
      do throws(FileProblem) { try SystemCalls.write(bytes, to: file) } catch { problem = error }
    }
    if let problem {
      try? SystemCalls.truncate(file, to: size)
      throw problem
    }
    size += bytes.count
    if isDurable { try SystemCalls.sync(file) }
  }
}
