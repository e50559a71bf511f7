import ExptRunFolder

/// Writes `timing.csv`: how long each epoch took, kept apart from the metrics because it differs
/// from run to run.
final class TimingObserver: TrainingObserver {
  let activity = Profile.Activity.records
  private let writer: MetricsWriter

  init(_ folder: RunFolder, _ trainer: Trainer, resuming: Bool) throws {
    let columns = ["epoch", "train_seconds", "images_per_second"]
    writer =
      resuming
      ? try MetricsWriter(
        resuming: folder.timingFile, columns: columns, keepingThrough: trainer.position.epoch)
      : try MetricsWriter(folder.timingFile, columns: columns)
  }

  func observe(_ event: TrainingEvent, of trainer: Trainer) throws {
    guard case .epochEnded(let epoch) = event else { return }
    try writer.append([
      .integer(epoch.epoch), .double(epoch.seconds), .double(epoch.imagesPerSecond),
    ])
  }
}
