import ExptRunFolder

/// Saves checkpoints: `last` and `best`, numbered ones as the experiment says, and on
/// interruption. `epoch-0000` holds the initial weights, while it is among the newest kept.
final class CheckpointObserver: TrainingObserver {
  let activity = Profile.Activity.checkpoints
  private let folder: RunFolder

  init(_ folder: RunFolder) { self.folder = folder }

  func observe(_ event: TrainingEvent, of trainer: Trainer) throws {
    switch event {
    case .started(let position, _):
      // Before the first step there is a checkpoint to resume from, however soon the end comes.
      let isNumbered = trainer.experiment.outputs.checkpointEvery > 0
      if position.step == 0 { try save(trainer, asEpoch: isNumbered, isBest: false) }
    case .epochEnded(let epoch):
      let every = trainer.experiment.outputs.checkpointEvery
      let isDue = every > 0 && epoch.epoch % every == 0
      if isDue || epoch.isBest || epoch.epoch == epoch.epochs {
        try save(trainer, asEpoch: isDue, isBest: epoch.isBest)
      }
    case .interrupted: try save(trainer, asEpoch: false, isBest: false)
    case .finished: try save(trainer, asEpoch: false, isBest: false)
    case .batchEnded: break
    }
  }

  private func save(_ trainer: Trainer, asEpoch: Bool, isBest: Bool) throws {
    try folder.checkpoints.save(
      folder.knowingMetrics(trainer.checkpoint), asEpoch: asEpoch, isBest: isBest,
      keeping: trainer.experiment.outputs.keepCheckpoints)
  }
}
