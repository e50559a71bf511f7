/// Files that appear complete or not at all.
///
/// The bytes go to a temporary name beside the target (`.name.<pid>-<n>.tmp`), the file is flushed
/// to disk, renamed over the target, and the folder flushed. A reader therefore sees the old file or
/// the new one, whenever the process or the machine dies. A failure removes the temporary file; a
/// kill may leave it, and `removeLeftovers(in:)` sweeps those up.
///
/// A symbolic link is followed: what it names is replaced, and it stays. What is not a plain file, such
/// as `/dev/stdout` or a named pipe, is written to as it is. Within a `ClosedFolder` both are
/// replaced.
///
///     try AtomicFile.write(bytes, to: "runs/a/run.json")
public enum AtomicFile {
  public static func write(_ bytes: [UInt8], to path: String) throws(FileProblem) {
    let writer = try AtomicFileWriter(path)
    try writer.append(bytes)
    try writer.commit()
  }

  public static func write(_ text: String, to path: String) throws(FileProblem) {
    try write([UInt8](text.utf8), to: path)
  }

  /// Makes `path` the same file as `source`, by a hard link if the file system has them and by
  /// a copy otherwise. Only for files that are replaced and never changed in place.
  public static func link(_ source: String, as path: String) throws(FileProblem) {
    let temporary = temporaryName(beside: path)
    guard try SystemCalls.link(source, as: temporary) else {
      return try write(FileBytes.read(source, limit: .max), to: path)
    }
    // When both names are already the same file, rename does nothing and keeps the temporary one.
    defer { try? SystemCalls.remove(temporary) }
    try SystemCalls.move(temporary, to: path)
    try SystemCalls.syncFolder(FilePath.folder(of: path))
  }

  /// Removes the temporary files that killed writers left in a folder: those with names as this
  /// type gives them, and not of another process that goes on. Folders below are left alone.
  public static func removeLeftovers(in folder: String) throws(FileProblem) {
    for name in try FilePath.names(in: folder) {
      guard let writer = writer(ofTemporary: name),
        writer == SystemCalls.processIdentifier || !SystemCalls.processExists(writer)
      else { continue }
      try SystemCalls.remove(FilePath.join(folder, name))
    }
  }

  /// Whether a file has a name as this type gives to what is not complete yet.
  public static func isTemporary(_ name: String) -> Bool { writer(ofTemporary: name) != nil }

  /// The process that gave a file its temporary name; nil for a name of another kind.
  static func writer(ofTemporary name: String) -> Int? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[0].isEmpty, parts.last == "tmp" else { return nil }
    let tail = parts[parts.count - 2].split(separator: "-", omittingEmptySubsequences: false)
    guard tail.count == 2, UInt32(tail[1], radix: 36) != nil else { return nil }
    return Int(tail[0])
  }

  static func temporaryName(beside path: String) -> String {
    // A random tail keeps threads and processes apart without shared state.
    let tail = String(UInt32.random(in: 0 ... .max), radix: 36)
    let name = ".\(FilePath.name(of: path)).\(SystemCalls.processIdentifier)-\(tail).tmp"
    return FilePath.join(FilePath.folder(of: path), name)
  }
}

/// `AtomicFile.write` in pieces: `append` as often as needed, then `commit`. Dropped without
/// `commit`, it removes what it wrote and leaves the target as it was.
public final class AtomicFileWriter {
  public let path: String
  /// Nil when the target is written to as it is.
  private let temporary: String?
  private let target: String
  private let file: Descriptor
  private var pending: [UInt8] = []
  private var finished = false

  public init(_ path: String) throws(FileProblem) {
    self.path = path
    let isClosed = ClosedFolder.holds(path)
    if !isClosed, SystemCalls.isDevice(path) {
      (target, temporary) = (path, nil)
      file = try SystemCalls.openForWriting(path)
      return
    }
    target = isClosed ? path : SystemCalls.linkTarget(path)
    let name = AtomicFile.temporaryName(beside: target)
    temporary = name
    do {
      file = try SystemCalls.createExclusively(name)
    } catch {
      var problem = error
      // The user never heard of the temporary name.
      if problem.path == name { problem.path = path }
      throw problem
    }
  }

  deinit {
    if let temporary, !finished { try? SystemCalls.remove(temporary) }
  }

  public func append(_ bytes: [UInt8]) throws(FileProblem) {
    if pending.count + bytes.count <= 1 << 16 {
      pending += bytes
      return
    }
    try flush()
    try writeOut(bytes)
  }

  /// Appends the memory of an array of plain numbers, in this machine's byte order.
  func appendMemory<Element: BitwiseCopyable>(of values: [Element]) throws(FileProblem) {
    try flush()
    try writeOut(values)
  }

  /// Flushes everything to disk and puts the file in place.
  ///
  /// - Parameter path: Another place in the same folder, for a name that only the content tells.
  public func commit(as path: String? = nil) throws(FileProblem) {
    let target = path ?? target
    try flush()
    guard let temporary else { return }
    do {
      try SystemCalls.sync(file)
    } catch {
      throw renamed(error)
    }
    try SystemCalls.move(temporary, to: target)
    finished = true
    try SystemCalls.syncFolder(FilePath.folder(of: target))
  }

  private func flush() throws(FileProblem) {
    if pending.isEmpty { return }
    try writeOut(pending)
    pending.removeAll(keepingCapacity: true)
  }

  private func writeOut<Element: BitwiseCopyable>(_ values: [Element]) throws(FileProblem) {
    var problem: FileProblem?
    values.withUnsafeBytes { bytes in
      do throws(FileProblem) { try SystemCalls.write(bytes, to: file) } catch { problem = error }
    }
    if let problem { throw renamed(problem) }
  }

  private func renamed(_ problem: FileProblem) -> FileProblem {
    var problem = problem
    problem.path = path
    return problem
  }
}
