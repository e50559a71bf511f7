/// Reading whole files.
public enum FileBytes {
  /// The bytes of a plain file.
  ///
  /// - Parameter limit: the largest size accepted, in bytes; checked before anything is allocated.
  ///   The default is 4 GiB.
  /// - Throws: `missing`, `unreadable` (a folder, a pipe, no permission) or `tooLarge`.
  public static func read(_ path: String, limit: Int = 4 << 30) throws(FileProblem) -> [UInt8] {
    let file = try SystemCalls.openForReading(path)
    let size = try SystemCalls.sizeOfPlainFile(file)
    guard size <= limit else {
      throw FileProblem(
        .tooLarge, "is \(size) bytes long, and at most \(limit) are accepted here.", path: path)
    }
    return try read(file, at: 0, count: size)
  }

  /// The text of a UTF-8 file.
  public static func readText(_ path: String, limit: Int = 256 << 20) throws(FileProblem) -> String
  {
    let bytes = try read(path, limit: limit)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw FileProblem(.malformed, "this is not valid UTF-8 text.", path: path)
    }
    return text
  }

  /// The first bytes of a file that does not tell its size, such as those under /proc.
  package static func readStart(
    _ path: String, limit: Int = 1 << 16
  ) throws(FileProblem) -> [UInt8] {
    try SystemCalls.readToEnd(SystemCalls.openForReading(path), limit: limit)
  }

  /// The first bytes of a plain file: `count`, or all if it is shorter.
  static func readFirst(_ path: String, count: Int) throws(FileProblem) -> [UInt8] {
    let file = try SystemCalls.openForReading(path)
    return try read(file, at: 0, count: min(count, SystemCalls.sizeOfPlainFile(file)))
  }

  /// The size of a plain file in bytes.
  public static func size(of path: String) throws(FileProblem) -> Int {
    try SystemCalls.sizeOfPlainFile(SystemCalls.openForReading(path))
  }

  /// Up to `count` bytes from `offset` on; fewer only at the end of the file.
  static func read(_ file: Descriptor, at offset: Int, count: Int) throws(FileProblem) -> [UInt8] {
    guard Memory.has(count) else {
      throw FileProblem(
        .tooLarge, "there is not enough memory for \(count) bytes of it.", path: file.path)
    }
    var problem: FileProblem?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(FileProblem) {
        filled = try SystemCalls.read(file, at: offset, into: UnsafeMutableRawBufferPointer(buffer))
      } catch {
        problem = error
      }
    }
    if let problem { throw problem }
    return bytes
  }
}

/// A plain file in memory without reading it: the system brings in the pages that are touched.
///
/// The file must not be shortened by others meanwhile (touching a page that is gone ends the
/// process); files written by `AtomicFile` are replaced, never changed, and so are safe.
public final class MappedFile: Sendable {
  public let path: String
  public let count: Int
  nonisolated(unsafe) private let base: UnsafeRawPointer?  // read-only memory, unmapped in deinit

  public init(_ path: String) throws(FileProblem) {
    let file = try SystemCalls.openForReading(path)
    self.path = path
    count = try SystemCalls.sizeOfPlainFile(file)
    base = count == 0 ? nil : try SystemCalls.map(file, size: count)
  }

  deinit {
    if let base { SystemCalls.unmap(base, size: count) }
  }

  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    body(UnsafeRawBufferPointer(start: base, count: count))
  }
}
