import ExptData
import ExptFiles
import ExptDocument
import ExptRunFolder

// What a resumed run is made whole from: its checkpoint and its rows, whatever `run.json` says.
extension Trainer {
  /// Takes over a checkpoint, and makes `manifest` say what is on disk: a kill or a full disk may
  /// have come between them.
  ///
  /// - Throws: `FileProblem` if the checkpoint does not fit the experiment, or `metrics.csv` not
  ///   the checkpoint.
  func restore(
    _ recovered: (checkpoint: Checkpoint, from: CheckpointStore.Name)?, of folder: RunFolder,
    _ manifest: inout Manifest, warn: (String) -> Void
  ) throws(FileProblem) {
    guard let (checkpoint, name) = recovered else {
      if manifest.lastMetrics != nil {
        warn("\(folder.checkpointsFolder): no checkpoint is left; training starts over")
      }
      manifest.take(MetricsTable(columns: [], rows: []), best: nil)
      return
    }
    do { try restore(checkpoint) } catch {
      throw FileProblem(
        .malformed, error.message + ".", path: folder.checkpoints.stateFile(name))
    }
    manifest.take(try folder.metrics(before: checkpoint), best: position.best?.epoch)
  }

  /// - Throws: `Diagnostics` where the experiment asks for fewer epochs than there are already.
  func checkEpochs(_ file: ExperimentFile) throws(Diagnostics) {
    guard position.epoch > settings.epochs else { return }
    let written = file.document.root["training"]
    throw Diagnostics(
      .error(
        .doesNotFit,
        "\(Format.count(position.epoch, "epoch")) are trained already, and training.epochs is "
          + "\(settings.epochs)", at: (written?["epochs"] ?? written)?.span,
        help: "ask for more, or start a new run"))
  }

  /// Whether a run has all it will ever have, so that going on with it changes nothing.
  func isWhole(_ folder: RunFolder, _ manifest: Manifest, _ file: ExperimentFile) throws -> Bool {
    guard manifest.status == .finished, position.epoch >= settings.epochs || isStoppedEarly,
      try folder.readManifest() == manifest
    else { return false }
    return file.isAsRecorded
  }

  /// The last epoch that has ended, as it was told when it did; nil before the first.
  func lastEpoch(_ folder: RunFolder) throws -> EpochSummary? {
    let table = try MetricsTable.read(folder.metricsFile)
    guard let record = Manifest.MetricsRecord(table, row: position.epoch - 1) else { return nil }
    func values(_ part: String) -> [(name: String, value: Double)] {
      record.values.filter { $0.name.hasPrefix(part) }
        .map { (String($0.name.dropFirst(part.count)), $0.value) }
    }
    let held = BatchSource.evaluation(
      data.images, experiment.dataset.split, range: data.validation,
      batchSize: settings.batchSize)
    var last = progress
    last.step -= 1
    return EpochSummary(
      epoch: record.epoch, epochs: settings.epochs, step: record.step,
      learningRate: learningRate(last), scalars: scalarValues(last),
      train: values("train_"), validation: values("validation_"),
      klPerDimension: data.validation.isEmpty
        ? [] : withAverage { evaluate(held, progress: last).klPerDimension }, skipped: nil,
      isBest: position.best?.epoch == record.epoch, seconds: 0, imagesPerSecond: 0)
  }
}
