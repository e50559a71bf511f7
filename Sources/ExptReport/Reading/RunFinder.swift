import ExptDocument
import ExptFiles
public import ExptRunFolder

/// Finds the run that a person means.
///
///     let finder = RunFinder("runs")
///     try finder.find("runs/vae/20260131-235908-1f3a9c2e")  // a path
///     try finder.find("vae")                                // the newest run of this name
///     try finder.find("20260131")                           // the one whose folder begins so
///     try finder.find("latest")                             // the newest of all
public struct RunFinder: Sendable {
  /// The folder that holds runs.
  public let root: String

  public init(_ root: String) { self.root = root }

  /// A path that is a run comes first, then `latest`, an experiment's name, a folder's name, and
  /// what a folder's name (or its path within `root`) begins with.
  ///
  /// - Throws: `FileProblem` if there is none, `AmbiguousRun` if several begin so.
  public func find(_ word: String) throws -> RunFolder {
    let problem: FileProblem
    do { return try RunFolder.open(word) } catch { problem = error }
    // What is a path is meant as one, and a name can be that of some other folder here.
    guard !word.isEmpty, !isPath(word) else { throw problem }
    if let found = try named(word) { return found }
    throw FilePath.exists(word) || word.contains("/") ? problem : missing(word)
  }

  /// The runs that words mean: each a run, or a folder with runs in it. Each run once.
  public func records(_ words: [String]) throws -> [RunRecord] {
    var folders: [RunFolder] = []
    var seen: Set<String> = []
    for word in words {
      for run in try several(word) where seen.insert(run.path).inserted { folders.append(run) }
    }
    return RunIndex.read(folders)
  }

  private func several(_ word: String) throws -> [RunFolder] {
    do throws(FileProblem) { return try RunIndex.find([word]) } catch {
      if isPath(word) || word.isEmpty { throw error }
      if FilePath.exists(word) {
        guard let found = try named(word) else { throw error }
        return [found]
      }
      return [try find(word)]
    }
  }

  /// Whether a word cannot be a name: `/data/vae`, `./vae`, `../vae`, `vae/`.
  private func isPath(_ word: String) -> Bool {
    ["/", "./", "../"].contains { word.hasPrefix($0) } || word.hasSuffix("/") || word == "."
      || word == ".."
  }

  /// The run of a name within `root`; nil if there is none.
  private func named(_ word: String) throws -> RunFolder? {
    let all = candidates
    if word == "latest" { return newest(all) }
    if !word.contains("/") {
      if let found = newest(all.filter { $0.name == word }) { return found }
      let same = all.filter { FilePath.name(of: $0.folder.path) == word }
      if !same.isEmpty { return try only(same, word) }
    }
    let begun = all.filter {
      (word.contains("/") ? $0.inside : FilePath.name(of: $0.folder.path)).hasPrefix(word)
    }
    return begun.isEmpty ? nil : try only(begun, word)
  }

  private func only(_ found: [Candidate], _ word: String) throws(AmbiguousRun) -> RunFolder {
    guard found.count == 1 else {
      throw AmbiguousRun(word: word, candidates: found.map(\.folder.path))
    }
    return found[0].folder
  }

  /// The one made last; of those made in one second the one whose folder came last.
  private func newest(_ runs: [Candidate]) -> RunFolder? {
    runs.max { a, b in
      let (one, other) = (a.folder.path, b.folder.path)
      return (a.created, one.utf8.count, one) < (b.created, other.utf8.count, other)
    }?.folder
  }

  private func missing(_ word: String) -> FileProblem {
    let all = candidates
    guard !all.isEmpty else {
      return FileProblem(
        .missing,
        "there is no run '\(word)', and there are no runs in this folder: name a run's path, or the "
          + "folder that holds runs with --runs.", path: root)
    }
    let near = closestMatch(to: word, among: all.map(\.name))
    return FileProblem(
      .missing,
      "there is no run '\(word)' here: "
        + (near.map { "did you mean '\($0)'?" }
          ?? "name a path, an experiment, the beginning of a run folder's name, or 'latest'; "
          + "'expt runs' lists them."),
      path: root)
  }

  /// A run as names mean it.
  private struct Candidate {
    var folder: RunFolder
    var name: String
    var created: Timestamp
    /// Its path within the folder of runs.
    var inside: String
  }

  /// The runs in `root` that can be read.
  private var candidates: [Candidate] {
    let folders = (try? RunIndex.find([root])) ?? []
    return RunIndex.map(folders) { [root] folder -> Candidate? in
      guard let manifest = try? folder.lookAtManifest() else { return nil }
      let inside = folder.path.dropFirst(folder.path.hasPrefix(root) ? root.count : 0)
      return Candidate(
        folder: folder, name: manifest.name, created: manifest.created,
        inside: String(inside.drop { $0 == "/" }))
    }.compactMap(\.self)
  }

  /// What a person may type for a run, for completions.
  public var words: [String] {
    let all = candidates
    let names = Set(all.map(\.name)).sorted()
    let folders = all.map { FilePath.name(of: $0.folder.path) }
    return all.isEmpty ? [] : ["latest"] + names + folders
  }
}

/// A word that several runs' folders begin with.
public struct AmbiguousRun: Error, Sendable, Hashable {
  public var word: String
  /// Paths.
  public var candidates: [String]

  public var message: String {
    let shown = candidates.prefix(10).map { "\n  \($0)" }.joined()
    let rest = candidates.count > 10 ? "\n  and \(candidates.count - 10) more" : ""
    return
      "'\(word)' matches \(candidates.count) runs; write more of the name:\(shown)\(rest)"
  }
}
