import ExptRunFolder

/// Keeps `run.json` up to date: status, metrics, times.
final class ManifestObserver: TrainingObserver {
  let activity = Profile.Activity.records
  let looksAtModel = true
  private let folder: RunFolder
  private(set) var manifest: Manifest
  private let clock = ContinuousClock()
  private var writtenAt = ContinuousClock.now
  private var lastEpoch: EpochSummary?

  init(_ folder: RunFolder, _ manifest: Manifest) {
    self.folder = folder
    self.manifest = manifest
  }

  func observe(_ event: TrainingEvent, of trainer: Trainer) throws {
    switch event {
    case .started(let position, _): try start(position)
    case .batchEnded: break
    case .epochEnded(let epoch): try record(epoch, trainer)
    case .interrupted: try end(.interrupted)
    case .finished:
      // With the status, so that no kill leaves a finished run without its diagnosis.
      let epoch = try lastEpoch ?? trainer.lastEpoch(folder)
      manifest.diagnosis = Diagnosis.sentences(trainer, lastEpoch: epoch)
      try end(.finished)
    }
  }

  private func start(_ position: Position) throws {
    if manifest.started == nil {
      manifest.started = .now
    } else {
      manifest.resumptions.append(
        Manifest.Resumption(
          time: .now, epoch: position.epoch, step: position.step, after: manifest.status,
          host: Machine.current.host))
    }
    manifest.status = .running
    manifest.failure = nil
    manifest.finished = nil
    manifest.diagnosis = []
    manifest.process = .current
    writtenAt = clock.now
    try folder.write(manifest)
  }

  private func record(_ epoch: EpochSummary, _ trainer: Trainer) throws {
    lastEpoch = epoch
    let record = Manifest.MetricsRecord(
      epoch: epoch.epoch, step: epoch.step,
      values: epoch.train.map { .init("train_\($0.name)", $0.value) }
        + epoch.validation.map { .init("validation_\($0.name)", $0.value) })
    manifest.lastMetrics = record
    if epoch.isBest { manifest.bestMetrics = record }
    try write()
  }

  private func end(_ status: Manifest.Status) throws {
    manifest.status = status
    manifest.finished = .now
    try write()
  }

  /// Writes that training failed, and why.
  func fail(_ sentence: String) throws {
    manifest.failure = sentence
    try end(.failed)
  }

  private func write() throws {
    let now = clock.now
    manifest.secondsTrained += writtenAt.duration(to: now).seconds
    writtenAt = now
    try folder.write(manifest)
  }
}
