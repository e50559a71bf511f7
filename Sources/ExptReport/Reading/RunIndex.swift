public import ExptFiles
public import ExptRunFolder
import Synchronization

/// Finds runs and reads them, several at a time.
public enum RunIndex {
  /// The runs that arguments name: each a run folder (or its `run.json`), or a folder with runs in
  /// it, at most three folders down. In the order of the arguments, those of a folder by path;
  /// each once.
  ///
  /// A folder that a start left without `run.json` counts as a run (an unreadable one).
  ///
  /// - Throws: `missing` for a path that is not there, `malformed` for a folder without runs.
  public static func find(_ paths: [String]) throws(FileProblem) -> [RunFolder] {
    var found: [RunFolder] = []
    var seen: Set<String> = []
    for path in paths {
      for run in try runs(at: path) where seen.insert(run.path).inserted { found.append(run) }
    }
    return found
  }

  /// Reads runs, in their order, on all processors.
  public static func read(_ folders: [RunFolder]) -> [RunRecord] {
    map(folders) { RunRecord($0) }
  }

  /// `find` and `read`.
  public static func records(_ paths: [String]) throws(FileProblem) -> [RunRecord] {
    read(try find(paths))
  }

  /// `transform` of each element, in order, on all processors.
  public static func map<Element: Sendable, Result: Sendable>(
    _ elements: [Element], _ transform: @escaping @Sendable (Element) -> Result
  ) -> [Result] {
    let chunk = 64
    let chunks = (elements.count + chunk - 1) / chunk
    if chunks < 2 { return elements.map(transform) }
    let done = Mutex<[Int: [Result]]>([:])
    Threads.perform(chunks) { index in
      let part = elements[index * chunk..<min(elements.count, (index + 1) * chunk)]
      let results = part.map(transform)
      done.withLock { $0[index] = results }
    }
    return done.withLock { parts in (0..<chunks).flatMap { parts[$0] ?? [] } }
  }

  private static func runs(at path: String) throws(FileProblem) -> [RunFolder] {
    let path = trimmed(path)
    guard FilePath.exists(path) else {
      throw FileProblem(.missing, "there is no such run or folder of runs.", path: path)
    }
    if FilePath.name(of: path) == "run.json" { return [RunFolder(path: FilePath.folder(of: path))] }
    guard FilePath.isFolder(path) else {
      throw FileProblem(
        .malformed, "this is not a folder; name a run, or a folder of runs.", path: path)
    }
    let run = RunFolder(path: path)
    if FilePath.exists(run.manifestFile) { return [run] }
    let names = try FilePath.names(in: path)
    if isStart(of: names) { return [run] }
    let inside = search(path, names, levels: 3)
    guard !inside.isEmpty else {
      throw FileProblem(.malformed, "there are no runs in this folder.", path: path)
    }
    return inside
  }

  private static func search(_ folder: String, _ names: [String], levels: Int) -> [RunFolder] {
    names.filter { !$0.hasPrefix(".") }.flatMap { name -> [RunFolder] in
      let run = RunFolder(path: FilePath.join(folder, name))
      if FilePath.exists(run.manifestFile) { return [run] }
      guard FilePath.isFolder(run.path) else { return [] }
      guard let inside = try? FilePath.names(in: run.path) else { return [run] }  // says why later
      if isStart(of: inside) { return [run] }
      return levels > 1 ? search(run.path, inside, levels: levels - 1) : []
    }
  }

  /// Whether these files are what a start leaves that was killed before it wrote `run.json`.
  private static func isStart(of names: [String]) -> Bool {
    names.contains("resolved.yaml") && names.contains("experiment.yaml")
      || names.contains(".lock") && names.contains("checkpoints")
  }

  private static func trimmed(_ path: String) -> String {
    var path = path[...]
    while path.utf8.count > 1, path.hasSuffix("/") { path = path.dropLast() }
    return String(path)
  }
}
