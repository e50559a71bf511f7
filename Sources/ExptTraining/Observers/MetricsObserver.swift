import ExptRunFolder

/// Writes `metrics.csv`: one row per epoch, the same bytes on every machine.
final class MetricsObserver: TrainingObserver {
  let activity = Profile.Activity.records
  private let writer: MetricsWriter
  private let columns: Columns

  init(_ folder: RunFolder, _ trainer: Trainer, resuming: Bool) throws {
    columns = Columns(trainer)
    writer =
      resuming
      ? try MetricsWriter(
        resuming: folder.metricsFile, columns: columns.names,
        keepingThrough: trainer.position.epoch)
      : try MetricsWriter(folder.metricsFile, columns: columns.names)
  }

  func observe(_ event: TrainingEvent, of trainer: Trainer) throws {
    if case .epochEnded(let epoch) = event { try writer.append(columns.row(epoch)) }
  }

  /// Which columns a run has: β and its like only where the model has them, validation only with
  /// validation images.
  private struct Columns {
    let scalars: [String]
    let skips: Bool
    let validates: Bool
    let terms: [String]

    init(_ trainer: Trainer) {
      scalars = trainer.scalars.map(\.name)
      skips = trainer.skipsSteps
      validates = !trainer.data.validation.isEmpty
      terms = trainer.columnNames
    }

    var names: [String] {
      ["epoch", "step", "learning_rate"] + scalars + (skips ? ["skipped_steps"] : [])
        + terms.map { "train_\($0)" } + (validates ? terms.map { "validation_\($0)" } : [])
    }

    func row(_ epoch: EpochSummary) -> [MetricValue] {
      [.integer(epoch.epoch), .integer(epoch.step), .double(epoch.learningRate)]
        + epoch.scalars.map { .double($0.value) }
        + (skips ? [.integer(epoch.skipped ?? 0)] : [])
        + epoch.train.map { .double($0.value) }
        + (validates ? epoch.validation.map { .double($0.value) } : [])
    }
  }
}
