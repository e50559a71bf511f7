/// The few things this package does to paths, which are plain strings with `/` between names.
public enum FilePath {
  /// `join("runs", "vae")` is `runs/vae`; an absolute `name` stands alone.
  public static func join(_ folder: String, _ name: String) -> String {
    if name.hasPrefix("/") || folder.isEmpty { return name }
    return folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// `join` for a name that was read from a file: it may have `/` in it, and leads down only.
  ///
  /// - Throws: `malformed` for a name that leads elsewhere or that no file can have.
  public static func below(_ folder: String, _ name: String) throws(FileProblem) -> String {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ isPlain(String($0)) }) else {
      throw FileProblem(
        .malformed,
        "\(name.debugDescription) cannot be the name of a file: each part of it must have 1 to "
          + "200 bytes and no control characters, and not be '.' or '..'.", path: folder)
    }
    return join(folder, name)
  }

  /// Whether a name can be that of one file, whoever made it up.
  public static func isPlain(_ name: String) -> Bool {
    (1...200).contains(name.utf8.count) && name != "." && name != ".."
      && !name.utf8.contains { $0 < 0x20 || $0 == 0x7f || $0 == UInt8(ascii: "/") }
  }

  /// The folder that holds `path`: `.` for a bare name, `/` at the root.
  public static func folder(of path: String) -> String {
    let trimmed = trimmingSlashes(path)
    guard let slash = trimmed.lastIndex(of: "/") else { return trimmed == "/" ? "/" : "." }
    let folder = trimmed[..<slash]
    return folder.isEmpty ? "/" : trimmingSlashes(String(folder))
  }

  /// The last name in `path`.
  public static func name(of path: String) -> String {
    let trimmed = trimmingSlashes(path)
    guard trimmed != "/", let slash = trimmed.lastIndex(of: "/") else { return trimmed }
    return String(trimmed[trimmed.index(after: slash)...])
  }

  public static func exists(_ path: String) -> Bool { SystemCalls.exists(path) }
  /// The path as it can be used from any other folder.
  public static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    return SystemCalls.workingFolder.map { path.isEmpty ? $0 : join($0, path) } ?? path
  }

  /// Whether it is something to write to as it is, such as `/dev/stdout` or a named pipe.
  public static func isDevice(_ path: String) -> Bool { SystemCalls.isDevice(path) }

  public static func isFolder(_ path: String) -> Bool { SystemCalls.isFolder(path) }

  /// What else may be the matter where `path` is not there, as a sentence after a space; or nothing.
  ///
  /// Swift's strings are Unicode: a byte of a name that is not UTF-8 becomes U+FFFD, and the name
  /// another one.
  public static func remark(onMissing path: String) -> String {
    path.unicodeScalars.contains("\u{FFFD}")
      ? " Its name, or that of a folder above it, is not UTF-8 ('\u{FFFD}' marks what is not), "
        + "and so cannot be opened: rename it." : ""
  }

  /// The path without any symbolic link in it; nil where it leads nowhere.
  public static func resolved(_ path: String) -> String? { SystemCalls.resolved(path) }

  /// The names in a folder, sorted by their bytes, without `.` and `..`.
  public static func names(in folder: String) throws(FileProblem) -> [String] {
    try SystemCalls.names(in: folder)
  }

  /// Removes a file; one that is not there is no error.
  public static func remove(_ path: String) throws(FileProblem) {
    try SystemCalls.remove(path)
  }

  /// Gives a file or folder another name on the same disk.
  public static func move(_ path: String, to target: String) throws(FileProblem) {
    try SystemCalls.move(path, to: target)
  }

  private static func trimmingSlashes(_ path: String) -> String {
    var path = path[...]
    while path.count > 1 && path.hasSuffix("/") { path = path.dropLast() }
    return String(path)
  }
}
