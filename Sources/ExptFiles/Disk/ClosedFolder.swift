/// A folder that nothing leads out of: what is written below it never goes through a symbolic link,
/// neither a file's nor a folder's on the way to it.
///
/// A run folder is closed, and a sweep's, wherever they are written to: they may have come from
/// somebody else, and a link in them could lead to any file. The path of the folder itself may be a
/// link, since somebody chose it. Other folders are closed while `within` runs:
///
///     try ClosedFolder.within(store) { try AtomicFile.write(bytes, to: FilePath.join(store, "a")) }
///
/// Files that are written whole take a link's place. Files that grow, locks and folders are refused
/// where they are links. Reading follows links: it changes nothing. All calls that change the disk
/// ask here (`SystemCalls`), so that an output of another package need not know.
public enum ClosedFolder {
  @TaskLocal private static var paths: [String] = []

  /// Runs `body` with one more folder closed, named by the path that `body` uses.
  public static func within<Result, Failure: Error>(
    _ path: String, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let result: Swift.Result<Result, Failure> = $paths.withValue(paths + [path]) {
      do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
    return try result.get()
  }

  static func holds(_ path: String) -> Bool { split(path) != nil }

  /// The outermost closed folder above a path, and the names from there down to it; nil for a path
  /// below none.
  static func split(_ path: String) -> (root: String, names: [String])? {
    let bytes = path.utf8
    var end = bytes.startIndex
    while let slash = bytes[end...].firstIndex(of: UInt8(ascii: "/")) {
      end = bytes.index(after: slash)
      let names = path[end...].split(separator: "/").map(String.init)
      if names.isEmpty { return nil }
      let root = String(path[..<end])
      if isClosed(root) { return (root, names) }
    }
    return nil
  }

  /// - Parameter folder: With a slash at its end.
  private static func isClosed(_ folder: String) -> Bool {
    if paths.contains(where: { $0 == folder || $0 + "/" == folder }) { return true }
    return SystemCalls.exists(folder + "run.json")
      || (SystemCalls.exists(folder + "sweep.yaml") && SystemCalls.isFolder(folder + "points"))
  }
}
