/// The few things this package does to paths, which are plain strings with `/` between names.
public enum FilePath {
  /// `join("runs", "vae")` is `runs/vae`; an absolute `name` stands alone.
  public static func join(_ folder: String, _ name: String) -> String {
    if name.hasPrefix("/") || folder.isEmpty { return name }
    return folder.hasSuffix("/") ? folder + name : folder + "/" + name
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
  public static func isFolder(_ path: String) -> Bool { SystemCalls.isFolder(path) }

  /// What else may be the matter where `path` is not there, as a sentence after a blank; or nothing.
  ///
  /// Swift's strings are Unicode: a byte of a name that is not UTF-8 becomes U+FFFD, and the name
  /// another one.
  public static func remark(onMissing path: String) -> String {
    path.unicodeScalars.contains("\u{FFFD}")
      ? " Its name, or that of a folder above it, is not UTF-8 ('\u{FFFD}' stands for what is not), "
        + "and so cannot be opened: rename it." : ""
  }

  /// The names in a folder, sorted by their bytes, without `.` and `..`.
  public static func names(in folder: String) throws(FileProblem) -> [String] {
    try SystemCalls.names(in: folder)
  }

  /// Removes a file; one that is not there is no error.
  public static func remove(_ path: String) throws(FileProblem) {
    try SystemCalls.remove(path)
  }

  private static func trimmingSlashes(_ path: String) -> String {
    var path = path[...]
    while path.count > 1 && path.hasSuffix("/") { path = path.dropLast() }
    return String(path)
  }
}
