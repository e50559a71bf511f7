import ExptDocument
import ExptFiles
import ExptRunFolder
import Foundation

/// A folder in which MLflow keeps experiments and runs, usually called `mlruns`.
///
/// Each experiment is a folder with a `meta.yaml`, whose name is its number; each run is a folder in
/// it (`MLflowRun`). Several programs may add runs to one store at once.
/// Source: MLflow, `mlflow/store/tracking/file_store.py`.
struct MLflowStore {
  let folder: String
  private static let meta = "meta.yaml"
  private static let trash = ".trash"

  /// The folder of the experiment with this name, made if there is none.
  func experiment(named name: String, created: Timestamp) throws(FileProblem) -> String {
    if !FilePath.isFolder(folder) {
      // What MLflow expects of every store.
      try make("0", named: "Default", created: created)
    }
    for number in try FilePath.names(in: folder) where self.name(ofExperiment: number) == name {
      return FilePath.join(folder, number)
    }
    return try make(freeNumber(for: name), named: name, created: created)
  }

  /// A run's folder, made if there is none. MLflow sees the run when `describe` has been called.
  func run(_ identifier: String, in experiment: String) throws(FileProblem) -> String {
    let run = FilePath.join(experiment, identifier)
    try ExclusiveFolder.makeAll(run)
    return run
  }

  /// Writes what MLflow shows of the experiment or the run in a folder.
  static func describe(
    _ folder: String, _ entries: [YAMLWriter.Entry]
  ) throws(FileProblem) {
    try AtomicFile.write(YAMLWriter.write(entries), to: FilePath.join(folder, meta))
  }

  @discardableResult
  private func make(
    _ number: String, named name: String, created: Timestamp
  ) throws(FileProblem) -> String {
    let path = FilePath.join(folder, number)
    try ExclusiveFolder.makeAll(path)
    try Self.describe(
      path,
      [
        .init("artifact_location", .text(FilePath.address(path))),
        .init("creation_time", .int(created.milliseconds)),
        .init("experiment_id", .text(number)),
        .init("last_update_time", .int(created.milliseconds)),
        .init("lifecycle_stage", .text("active")),
        .init("name", .text(name)),
      ])
    // Shows training runs first, not the traces of language models.
    let tags = FilePath.join(path, "tags")
    try ExclusiveFolder.makeAll(tags)
    try AtomicFile.write(
      "custom_model_development", to: FilePath.join(tags, "mlflow.experimentKind"))
    return path
  }

  /// 18 digits that follow from the name, so that programs that make the experiment at the same
  /// time make the same one.
  private func freeNumber(for name: String) -> String {
    let smallest: UInt64 = 100_000_000_000_000_000
    let hash = XXH64.hex(of: Array(name.utf8))
    var number = smallest + (UInt64(hash, radix: 16) ?? 0) % (8 * smallest)
    let folders = [folder, FilePath.join(folder, Self.trash)]
    // An experiment that was renamed or thrown away keeps its number.
    while folders.contains(where: { FilePath.exists(FilePath.join($0, "\(number)")) }) {
      number += 1
    }
    return "\(number)"
  }

  private func name(ofExperiment number: String) -> String? {
    let path = FilePath.join(FilePath.join(folder, number), Self.meta)
    guard FilePath.exists(path), let bytes = try? FileBytes.read(path, limit: 1 << 20),
      let document = try? Document.parse(bytes: bytes, file: path)
    else { return nil }
    return document.root["name"]?.scalar?.text
  }
}

extension Timestamp {
  /// As MLflow counts.
  var milliseconds: Int { seconds * 1000 }
}

extension FilePath {
  /// `file:///home/me/mlruns`.
  static func address(_ path: String) -> String { URL(fileURLWithPath: path).absoluteString }
}
