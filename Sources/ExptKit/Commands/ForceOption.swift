import ArgumentParser
import ExptFiles

/// Whether a command may write over files that are there.
struct ForceOption: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Overwrite existing files.")
  var force = false

  /// - Throws: `CommandFailure` if a file of the user's would be lost.
  func refuse(_ paths: [String]) throws(CommandFailure) {
    guard !force else { return }
    let taken = paths.filter { FilePath.exists($0) && !FilePath.isDevice($0) }
    guard let first = taken.first else { return }
    let rest = taken.count > 1 ? " (and \(taken.count - 1) more)" : ""
    throw CommandFailure(
      .usage,
      "\(first)\(rest) already exists: name another place with -o, or overwrite it with --force")
  }

  /// Where a single file goes: `path`, or a file of that name in the folder `path`. Makes its
  /// folder.
  ///
  /// - Throws: `CommandFailure` if it exists, or is what training wrote; `FileProblem`.
  func file(_ path: String, named name: String) throws -> String {
    guard path != "-", !path.isEmpty else {
      throw CommandFailure(
        .usage, "-o needs the name of a file to write; leave it out to write to stdout")
    }
    let file = path.hasSuffix("/") || FilePath.isFolder(path) ? FilePath.join(path, name) : path
    try TrainingFiles.refuse(file: file)
    try refuse([file])
    try ExclusiveFolder.makeAll(FilePath.folder(of: file))
    return file
  }

  /// Where a page of `expt report` goes.
  func page(_ path: String) throws -> String { try file(path, named: "report.html") }
}
