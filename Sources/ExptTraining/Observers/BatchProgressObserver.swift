import ExptFiles
import ExptRunFolder

/// Says in `progress.json` how far an epoch is, every two seconds while it goes on; at the end of training the
/// file is gone. Training does not depend on it: where it cannot be written, it is not.
final class BatchProgressObserver: TrainingObserver {
  let activity = Profile.Activity.records
  private static let pause = Duration.seconds(2)
  private let folder: RunFolder
  private let clock = ContinuousClock()
  private var writtenAt: ContinuousClock.Instant

  init(_ folder: RunFolder) {
    self.folder = folder
    writtenAt = clock.now
  }

  func observe(_ event: TrainingEvent, of trainer: Trainer) {
    switch event {
    case .batchEnded(let batch):
      guard clock.now - writtenAt >= Self.pause else { return }
      writtenAt = clock.now
      try? folder.write(
        BatchProgress(
          epoch: batch.epoch, batch: batch.batch, batches: batch.batches,
          loss: batch.means.first { $0.name == "loss" }?.value))
    case .interrupted, .finished: folder.removeProgress()
    case .started, .epochEnded: break
    }
  }
}
