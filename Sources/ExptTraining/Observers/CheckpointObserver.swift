import ExptFiles
import ExptRunFolder
import Synchronization

/// Saves checkpoints: `last` and `best`, numbered ones as the experiment says, and on
/// interruption. `epoch-0000` holds the initial weights, while it is among the newest kept.
///
/// The state is copied at once and written while the next epoch trains: waiting for the disk took 3 to 11 %
/// of runs of six seconds. Each is waited for at the end of that epoch, where a full disk stops training.
final class CheckpointObserver: TrainingObserver {
  let activity = Profile.Activity.checkpoints
  private let folder: RunFolder
  private var saving: Saving?
  /// Of the newest checkpoint of an epoch that ended.
  private var savedPosition: TrainingPosition?

  init(_ folder: RunFolder) { self.folder = folder }

  func observe(_ event: TrainingEvent, of trainer: Trainer) throws {
    switch event {
    case .started(let position, _):
      // Before the first step there is a checkpoint to resume from, however soon the end comes.
      let isNumbered = trainer.experiment.outputs.checkpointEvery > 0
      if position.step == 0 { try save(trainer, asEpoch: isNumbered, isBest: false) }
    case .epochEnded(let epoch):
      try waitForDisk()
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

  /// Returns when the checkpoint under way, if there is one, is on disk.
  ///
  /// - Throws: Why it is not.
  func waitForDisk() throws(FileProblem) {
    defer { saving = nil }
    try saving?.wait()
  }

  @discardableResult
  private func save(
    _ trainer: Trainer, asEpoch: Bool, isBest: Bool
  ) throws(FileProblem) -> TrainingPosition {
    let checkpoint = folder.knowingMetrics(trainer.checkpoint)
    let store = folder.checkpoints
    let keeping = trainer.experiment.outputs.keepCheckpoints
    saving = Saving { () throws(FileProblem) in
      try store.save(checkpoint, asEpoch: asEpoch, isBest: isBest, keeping: keeping)
    }
    return checkpoint.position
  }
}

/// A checkpoint on its way to the disk.
private final class Saving {
  private let outcome = Outcome()
  private let call: Threads.Call

  init(_ body: @escaping @Sendable () throws(FileProblem) -> Void) {
    call = Threads.begin { [outcome] in
      StepAllocations.leaveOutThisThread()
      do throws(FileProblem) { try body() } catch { outcome.problem.withLock { $0 = error } }
    }
  }

  func wait() throws(FileProblem) {
    call.wait()
    if let problem = outcome.problem.withLock({ $0 }) { throw problem }
  }

  private final class Outcome: Sendable {
    let problem = Mutex<FileProblem?>(nil)
  }
}
