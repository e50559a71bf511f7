#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads a whole regular file, or says in a sentence why not.
///
/// Pipes, devices and directories are refused without reading, and a file over the limit by its
/// size alone, so that no path can make a command hang or fill the memory.
enum FileReader {
  /// Which file it is, whatever the path it was reached by.
  struct Identity: Hashable {
    var device: UInt64
    var inode: UInt64
  }

  /// - Throws: One diagnostic at `span`, the place that names the file, if any.
  static func contents(
    ofFile path: String, at span: SourceSpan? = nil
  ) throws(Diagnostic) -> (bytes: [UInt8], identity: Identity) {
    let name = Diagnostic.quote(path: path)
    if path.isEmpty || path.utf8.contains(0) {
      throw .error(.fileNotFound, "\(name) is not a file name", at: span)
    }
    // Non-blocking, so that opening a pipe that nobody writes to returns at once.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(errno, name, at: span) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(errno, name, at: span) }
    if let kind = irregularity(status.st_mode) {
      throw .error(
        .fileUnreadable, "cannot read \(name): it is \(kind), not a file", at: span,
        help: kind == "a pipe" ? "write - to read what is piped in" : nil)
    }
    if status.st_size > off_t(Limits.bytes) {
      throw tooLarge(name, "has \(status.st_size) bytes", at: span)
    }
    let identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    return (try readAll(descriptor, name, at: span), identity)
  }

  private static func readAll(
    _ descriptor: CInt, _ name: String, at span: SourceSpan?
  ) throws(Diagnostic) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(errno, name, at: span)
      }
      bytes += buffer[..<count]
      // The size was checked; this is for files that grow, and those of /proc, which have none.
      if bytes.count > Limits.bytes {
        throw tooLarge(name, "has more than \(Limits.bytes) bytes", at: span)
      }
    }
  }

  private static func irregularity(_ mode: mode_t) -> String? {
    switch mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a directory"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }

  private static func tooLarge(
    _ name: String, _ size: String, at span: SourceSpan?
  ) -> Diagnostic {
    .error(
      .fileTooLarge, "\(name) \(size); an experiment file may have \(Limits.bytes) (1 MiB)",
      at: span, help: "is this the right file?")
  }

  private static func failure(
    _ code: CInt, _ name: String, at span: SourceSpan?
  ) -> Diagnostic {
    switch code {
    case ENOENT, ENOTDIR:
      .error(
        .fileNotFound, "there is no file \(name)", at: span,
        help: name.unicodeScalars.contains("\u{FFFD}")
          ? "its name is not UTF-8 ('\u{FFFD}' marks what is not) and cannot be opened; rename it"
          : nil)
    case EACCES, EPERM:
      .error(
        .fileUnreadable, "no permission to read \(name)", at: span, help: "check its permissions")
    default:
      .error(
        .fileUnreadable, "cannot read \(name): \(String(cString: strerror(code)))", at: span)
    }
  }
}
