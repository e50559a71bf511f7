/// Folders of which exactly one process can say "I made this".
public enum ExclusiveFolder {
  /// Makes the folder `path`, or `path-2`, `path-3`, … where that name is taken, and returns the
  /// name made. Folders above it are made if missing.
  ///
  /// - Throws: `unwritable`, or `taken` when 10,000 names in a row are.
  public static func make(_ path: String) throws(FileProblem) -> String {
    try makeAll(FilePath.folder(of: path))
    for number in 1...10_000 {
      let name = number == 1 ? path : "\(path)-\(number)"
      do {
        try SystemCalls.makeFolder(name)
        try SystemCalls.syncFolder(FilePath.folder(of: name))
        return name
      } catch  where error.code == .taken {
        continue
      }
    }
    throw FileProblem(
      .taken, "this name and the next 9,999 are taken; move some of them away.", path: path)
  }

  /// Removes folders that `makeAll` made, as far as nothing is in them.
  public static func removeEmpty(_ made: [String]) {
    for folder in made.reversed() where !SystemCalls.removeEmptyFolder(folder) { return }
  }

  /// Makes the folder and those above it where missing; one that exists is not an error.
  ///
  /// - Returns: Those that were made, from the outermost to the innermost.
  @discardableResult
  public static func makeAll(_ path: String) throws(FileProblem) -> [String] {
    if FilePath.isFolder(path) { return [] }
    let parent = FilePath.folder(of: path)
    let above = parent != path ? try makeAll(parent) : []
    do {
      try SystemCalls.makeFolder(path)
      return above + [path]
    } catch  where error.code == .taken {
      if FilePath.isFolder(path) { return above }  // another process was faster
      throw FileProblem(.taken, "this is a file, and a folder is needed here.", path: path)
    }
  }
}
