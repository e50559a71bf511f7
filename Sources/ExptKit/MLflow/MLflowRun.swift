import ExptDocument
import ExptFiles
import ExptReport
import ExptRunFolder

/// One run as MLflow keeps it: settings as parameters, the columns of `metrics.csv` as metrics, and
/// the experiment, the pictures and the weights as artifacts.
///
/// Writing the same run again updates it, and keeps what was written about it in MLflow, such as its
/// description.
struct MLflowRun {
  private let record: RunRecord
  private let manifest: Manifest
  private let weights: String?

  /// - Parameter weights: A file to put with the artifacts.
  init(_ run: RunFolder, weights: String?) throws(FileProblem) {
    record = RunRecord(run)
    manifest = try run.readManifest()
    self.weights = weights
  }

  /// Adds the run to a store.
  ///
  /// - Returns: Its folder there.
  func write(to store: MLflowStore) throws(FileProblem) -> String {
    try ClosedFolder.within(store.folder) { () throws(FileProblem) in
      try write(into: store)
    }
  }

  private func write(into store: MLflowStore) throws(FileProblem) -> String {
    let experiment = try store.experiment(named: manifest.name, created: manifest.created)
    let folder = try store.run(identifier, in: experiment)
    for setting in record.settings.all {
      try write("\(setting.value)", to: "params/\(Self.key(setting.key))", in: folder)
    }
    for (name, lines) in try metrics() { try write(lines, to: "metrics/\(name)", in: folder) }
    for (name, text) in tags { try write(text, to: "tags/\(name)", in: folder) }
    try writeArtifacts(to: folder)
    // Last, because MLflow passes over a run that has none.
    try MLflowStore.describe(
      folder, description(experiment: FilePath.name(of: experiment), in: folder))
    return folder
  }

  /// The same whenever the run is exported, also after it was resumed with more epochs.
  private var identifier: String {
    let fixed = record.settings.all.filter {
      !$0.key.hasPrefix("training.") && !$0.key.hasPrefix("outputs.")
    }
    let facts =
      [FilePath.name(of: record.path), "\(manifest.created.seconds)", manifest.machine.host]
      + fixed.map { "\($0.key)=\($0.value)" }
    return String(SHA256.hex(of: Array(facts.joined(separator: "\n").utf8)).prefix(32))
  }

  /// A line for each value: milliseconds, value, step.
  private func metrics() throws(FileProblem) -> [(String, String)] {
    let table = try record.metrics()
    let times = EpochTimes(record.folder, created: manifest.created)
    let steps = table["step"]
    return table.columns.enumerated().compactMap { column, name in
      if name == "epoch" || name == "step" { return nil }
      let lines = table.rows.enumerated().compactMap { row, values -> String? in
        if values[column].isNaN { return nil }
        let step = steps.flatMap { Int(exactly: $0[row]) } ?? row + 1
        return "\(Int(nearest: times[row] * 1000)) \(values[column]) \(step)\n"
      }
      return lines.isEmpty ? nil : (name, lines.joined())
    }
  }

  private var tags: [(String, String)] {
    let data = manifest.dataset
    var tags = [
      ("mlflow.runName", FilePath.name(of: record.path)),
      ("mlflow.source.name", "expt \(manifest.versions.expt)"), ("mlflow.source.type", "LOCAL"),
      ("status", record.state.rawValue), ("dataset", data.name),
      ("dataset_fingerprint", data.fingerprint), ("likelihood", manifest.likelihood),
      ("parameters", "\(manifest.parameterCount)"), ("host", manifest.machine.host),
      ("processor", manifest.machine.processor),
      ("seconds_trained", "\(manifest.secondsTrained)"),
    ]
    if let wanted = data.substitutedFor { tags.append(("dataset_in_place_of", wanted)) }
    if let git = manifest.git { tags.append(("mlflow.source.git.commit", git.commit)) }
    let sentences = [manifest.failure].compactMap { $0 } + manifest.diagnosis
    if !sentences.isEmpty { tags.append(("diagnosis", sentences.joined(separator: "\n"))) }
    return tags
  }

  private func writeArtifacts(to folder: String) throws(FileProblem) {
    let run = record.folder
    for path in [
      run.experimentFile, run.resolvedFile, run.originsFile, run.metricsFile, run.timingFile,
    ]
    where FilePath.exists(path) {
      try write(FileBytes.readText(path), to: "artifacts/\(FilePath.name(of: path))", in: folder)
    }
    var written: Set<Substring> = []
    for name in (try? FilePath.names(in: run.imagesFolder)) ?? [] {
      let path = FilePath.join(run.imagesFolder, name)
      // A picture may be there as PGM and as PNG.
      guard let dot = name.lastIndex(of: "."),
        ["pgm", "ppm", "png"].contains(name[dot...].dropFirst()),
        written.insert(name[..<dot]).inserted, let picture = try? Image8.read(path)
      else { continue }
      let target = try place("artifacts/images/\(name[..<dot]).png", in: folder)
      try AtomicFile.write(PNG.bytes(of: picture), to: target)
    }
    if let weights {
      let target = try place("artifacts/weights/\(FilePath.name(of: weights))", in: folder)
      // A copy: what others do to a store must not reach the run's checkpoint.
      try AtomicFile.write(FileBytes.read(weights, limit: .max), to: target)
    }
  }

  private func description(experiment: String, in folder: String) -> [YAMLWriter.Entry] {
    let artifacts = FilePath.join(folder, "artifacts")
    return [
      .init("artifact_uri", .text(FilePath.address(artifacts))),
      .init("end_time", manifest.finished.map { .int($0.milliseconds) } ?? .null),
      .init("entry_point_name", .text("")),
      .init("experiment_id", .text(experiment)),
      .init("lifecycle_stage", .text("active")),
      .init("run_id", .text(identifier)),
      .init("run_name", .text(FilePath.name(of: record.path))),
      .init("run_uuid", .text(identifier)),
      .init("source_name", .text("")),
      .init("source_type", .int(4)),
      .init("source_version", .text("")),
      .init("start_time", .int(manifest.created.milliseconds)),
      .init("status", .int(status)),
      .init("tags", .list([])),
      .init("user_id", .text("")),
    ]
  }

  /// MLflow's `RunStatus`.
  private var status: Int {
    switch record.state {
    case .running, .unknown: 1
    case .finished: 3
    case .failed: 4
    case .interrupted, .unreadable: 5
    }
  }

  /// MLflow allows no brackets: `model.encoder.layers[0].type` becomes `model.encoder.layers.0.type`.
  private static func key(_ setting: String) -> String {
    setting.split(whereSeparator: { "[].".contains($0) }).joined(separator: ".")
  }

  private func write(_ text: String, to name: String, in folder: String) throws(FileProblem) {
    try AtomicFile.write(text, to: place(name, in: folder))
  }

  private func place(_ name: String, in folder: String) throws(FileProblem) -> String {
    let path = try FilePath.below(folder, name)
    try ExclusiveFolder.makeAll(FilePath.folder(of: path))
    return path
  }
}
