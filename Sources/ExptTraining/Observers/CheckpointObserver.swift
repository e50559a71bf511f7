import ExptFiles
import ExptRunFolder

/// Saves checkpoints: `last` and `best`, numbered ones as the experiment says, and on
/// interruption. `epoch-0000` holds the initial weights, while it is among the newest kept.
///
/// The state is copied at once and written while the next epoch trains: see `DiskWriter`.
final class CheckpointObserver: TrainingObserver {
  let activity = Profile.Activity.checkpoints
  private let folder: RunFolder
  private let disk: DiskWriter
  /// Of the newest checkpoint of an epoch that ended.
  private var savedPosition: TrainingPosition?

  init(_ folder: RunFolder, _ disk: DiskWriter) { (self.folder, self.disk) = (folder, disk) }

  func observe(_ event: TrainingEvent, of trainer: Trainer) throws {
    switch event {
    case .started(let position, _):
      // Before the first step there is a checkpoint to resume from, however soon the end comes.
      let isNumbered = trainer.experiment.outputs.checkpointEvery > 0
      if position.step == 0 { try save(trainer, asEpoch: isNumbered, isBest: false) }
    case .epochEnded(let epoch):
      try disk.epochEnded(epoch.epoch)
      let every = trainer.experiment.outputs.checkpointEvery
      let isDue = every > 0 && epoch.epoch % every == 0
      if isDue || epoch.isBest || epoch.epoch == epoch.epochs {
        savedPosition = try save(trainer, asEpoch: isDue, isBest: epoch.isBest)
      }
    case .interrupted(let position), .finished(let position, _):
      try waitForDisk()
      if savedPosition != position.saved {
        try save(trainer, asEpoch: false, isBest: false)
        try waitForDisk()
      }
    case .batchEnded: break
    }
  }

  /// Returns when the checkpoint under way, if there is one, and what was begun before it are on disk.
  ///
  /// - Throws: Why they are not.
  func waitForDisk() throws(FileProblem) { try disk.wait() }

  @discardableResult
  private func save(
    _ trainer: Trainer, asEpoch: Bool, isBest: Bool
  ) throws(FileProblem) -> TrainingPosition {
    let checkpoint = folder.knowingMetrics(trainer.checkpoint)
    let store = folder.checkpoints
    let keeping = trainer.experiment.outputs.keepCheckpoints
    disk.begin { () throws(FileProblem) in
      try store.save(checkpoint, asEpoch: asEpoch, isBest: isBest, keeping: keeping)
    }
    return checkpoint.position
  }
}
