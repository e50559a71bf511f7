import ExptFiles

/// Where `expt init` writes, and what the experiment is called.
struct StartingPlace {
  /// Nil for standard output.
  var path: String?
  var experiment: String

  /// - Parameters:
  ///   - name: As given: a name, a file, `-`, or nothing.
  ///   - other: What the experiment is named after where no name is given.
  /// - Throws: `CommandFailure` where it is no name for an experiment.
  init(_ name: String?, else other: String) throws(CommandFailure) {
    guard let name, name != "-" else {
      experiment = Self.made(of: other)
      path = name == nil ? experiment + ".yaml" : nil
      return
    }
    let isFile = name.hasSuffix(".yaml") || name.hasSuffix(".yml")
    let path = isFile ? name : name + ".yaml"
    let file = FilePath.name(of: path)
    experiment = String(file.prefix(upTo: file.lastIndex(of: ".") ?? file.endIndex))
    self.path = path
    if name.isEmpty || name.hasSuffix("/") || FolderName.problem(with: experiment) != nil {
      let problem = FolderName.problem(with: experiment) ?? "is a folder's"
      throw CommandFailure(
        .usage, "'\(name)' cannot name an experiment: it \(problem); \(FolderName.rule)")
    }
  }

  /// A name for an experiment on a file or folder: its own, without the ending and what no name may hold.
  private static func made(of path: String) -> String {
    let file = FilePath.name(of: FilePath.absolute(path))
    let stem = file.prefix { $0 != "." }
    let kept = stem.map { FolderName.problem(with: "x\($0)x") == nil ? $0 : "_" }
    let name = String(String(kept.drop { "-~ ".contains($0) }).prefix(60))
    return FolderName.problem(with: name) == nil ? name : "model"
  }
}
