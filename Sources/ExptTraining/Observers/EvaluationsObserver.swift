import ExptComponents
import ExptFiles
import ExptRunFolder

/// Measures the model every few epochs by the evaluators of `outputs.evaluate`, and writes what they find
/// to `evaluations.csv`, and how to `evaluations.json`. An evaluator that cannot measure is said once,
/// and training continues.
final class EvaluationsObserver: TrainingObserver {
  let activity = Profile.Activity.outputs
  let looksAtModel = true
  private let folder: RunFolder
  private let settings: EvaluateSettings
  private let version: String
  private let fingerprint: String
  private let resuming: Bool
  private let warn: (String) -> Void
  private var writer: MetricsWriter?
  /// Those that have failed.
  private var failed: Set<Int> = []

  init(
    _ folder: RunFolder, _ trainer: Trainer, _ manifest: Manifest, resuming: Bool,
    warn: @escaping (String) -> Void
  ) {
    self.folder = folder
    self.resuming = resuming
    self.warn = warn
    settings = trainer.experiment.outputs.evaluate
    version = manifest.versions.expt
    fingerprint = manifest.dataset.fingerprint
  }

  func observe(_ event: TrainingEvent, of trainer: Trainer) throws {
    guard case .epochEnded(let epoch) = event, !settings.metrics.isEmpty,
      epoch.epoch.isMultiple(of: settings.every) || epoch.epoch == epoch.epochs
    else { return }
    let subject = trainer.subject(
      limit: settings.limit, keeping: KeptFits(folder: folder, fingerprint: fingerprint))
    var entries: [Evaluations.Entry] = []
    for (index, evaluator) in settings.metrics.enumerated() where !failed.contains(index) {
      do throws(EvaluationProblem) {
        entries.append(
          entry(evaluator, try evaluator.score(of: subject), subject, epoch))
      } catch {
        failed.insert(index)
        warn("the evaluator '\(evaluator.id)' cannot measure this run: \(error.message)")
      }
    }
    try write(entries, epoch)
  }

  private func entry(
    _ evaluator: any Evaluator, _ score: Score, _ subject: TrainedSubject, _ epoch: EpochSummary
  ) -> Evaluations.Entry {
    Evaluations.Entry(
      evaluator, score, part: subject.split.rawValue, images: subject.images.count,
      checkpoint: "training", fingerprint: fingerprint, epoch: epoch.epoch, step: epoch.step,
      version: version)
  }

  private func write(_ entries: [Evaluations.Entry], _ epoch: EpochSummary) throws {
    let numbers = entries.flatMap(\.numbers)
    if writer == nil {
      let columns = ["epoch", "step"] + numbers.map(\.name)
      let file = folder.trainingEvaluationsFile
      writer =
        resuming
        ? try MetricsWriter(resuming: file, columns: columns, keepingThrough: epoch.epoch - 1)
        : try MetricsWriter(file, columns: columns)
      try folder.keep(training: entries)
    }
    guard let writer else { return }
    let values = writer.columns.dropFirst(2).map { name in
      numbers.first { $0.name == name }.map { MetricValue.double($0.value) } ?? .none
    }
    try writer.append([.integer(epoch.epoch), .integer(epoch.step)] + values)
  }
}

/// What is measured while a run trains.
public struct EvaluateSettings: Settings {
  @Setting("Measure every N epochs, and after the last.", .atLeast(1)) public var every: Int = 5
  @Slots("What to measure, such as [mig, active_units].", .evaluator)
  public var metrics: [any Evaluator] = []
  @Setting("Only on the first N held-out images; null: all.", .atLeast(1))
  public var limit: Int? = nil

  public init() {}

  public func check(_ report: SettingsReport) {
    let ids = metrics.map(\.id)
    guard let twice = ids.first(where: { id in ids.count { $0 == id } > 1 }) else { return }
    report.error(
      "'\(twice)' is listed twice: its numbers would have the same names", at: "metrics",
      help: "name it once; 'expt evaluate' measures a run with other settings")
  }
}

extension Trainer {
  /// The held-out images, or where nothing is held out those that are trained on; of images that are not in
  /// memory as many as fit there.
  ///
  /// - Parameters:
  ///   - limit: Only the first; nil: all.
  ///   - keeping: See `TrainedSubject`.
  func subject(limit: Int?, keeping: KeptFits? = nil) -> TrainedSubject {
    let isHeldOut = !data.validation.isEmpty
    let range = (isHeldOut ? data.validation : data.train).prefix(
      min(limit ?? data.images.count, data.images.mostInMemory ?? data.images.count))
    return TrainedSubject(
      MeasuredNetwork(network, experiment), data.images, range,
      split: isHeldOut ? .validation : .train, training: (data.images, data.train),
      keeping: keeping)
  }
}

extension Evaluations.Entry {
  /// What an evaluator found.
  public init(
    _ evaluator: any Evaluator, _ score: Score, part: String, images: Int, checkpoint: String,
    fingerprint: String, epoch: Int, step: Int, version: String
  ) {
    self.init(
      Evaluations.Way(
        evaluator: evaluator.id, settings: JSONValue(evaluator.plain), part: part, images: images,
        checkpoint: checkpoint, fingerprint: fingerprint),
      epoch: epoch, step: step, isHigherBetter: type(of: evaluator).direction == .higherIsBetter,
      method: score.method,
      numbers: score.numbers.map {
        .init($0.name, $0.value, standardError: $0.standardError, unit: $0.unit)
      }, version: version)
  }
}
