import ExptComponents
public import ExptData
import ExptFiles
import ExptInference

// Schedules.
extension Trainer {
  var progress: Progress {
    // Beside a fixed rate the schedules stand at their targets.
    if groups.first?.rateShare != nil { return .end }
    return Progress(
      step: position.step, stepsPerEpoch: stepsPerEpoch, epochs: settings.epochs,
      losses: standing)
  }

  /// Whether an epoch, from 1, may end training or lower the learning rate.
  func stands(afterEpoch epoch: Int) -> Bool {
    judging?.stands(afterEpoch: epoch, stepsPerEpoch: stepsPerEpoch, of: settings.epochs) ?? true
  }

  func learningRate(_ progress: Progress) -> Double {
    experiment.optimizer.step.learningRate(at: progress)
  }

  /// The values of the shown scalars, by name.
  func scalarValues(_ progress: Progress) -> [(name: String, value: Double)] {
    scalars.map { ($0.name, $0.source.value(progress)) }
  }
}

// The end of an epoch.
extension Trainer {
  private var means: [(name: String, value: Double)] {
    columns(position.sums, position.tallies, images: position.images)
  }

  var batchSummary: BatchSummary {
    BatchSummary(
      epoch: position.epoch + 1, epochs: settings.epochs, batch: position.batch,
      batches: batchesPerEpoch, images: position.images, names: columnNames, sums: position.sums)
  }

  func endEpoch(seconds: Double, images: Int) throws {
    let last = Progress(
      step: position.step - 1, stepsPerEpoch: stepsPerEpoch, epochs: settings.epochs,
      losses: standing)
    profile?.charge(.other)
    try checkSkipped()
    let held =
      data.validation.isEmpty ? nil : withAverage { evaluate(validation, progress: last) }
    try data.images.checkRead()
    profile?.charge(.validation)
    let train = means
    if let loss = held?.means.first?.value, !loss.isFinite {
      throw TrainingFailure(
        "the validation loss of epoch \(position.epoch + 1) is \(CSV.field(loss))")
    }
    let deciding = EpochSummary.deciding(held?.means ?? train)
    let isBest = position.best.map { deciding < $0.loss } ?? true
    position.losses.append(deciding)
    position.epoch += 1
    if stands(afterEpoch: position.epoch) { standing.append(deciding) }
    position.batch = 0
    position.images = 0
    (position.sums, position.tallies) = (noSums, noTallies)
    let skipped = skipsSteps ? position.skippedInEpoch : nil
    position.skippedInEpoch = 0
    try tell(
      .epochEnded(
        EpochSummary(
          epoch: position.epoch, epochs: settings.epochs, step: position.step,
          learningRate: learningRate(last), scalars: scalarValues(last),
          train: train, validation: held?.means ?? [],
          klPerDimension: held?.klPerDimension ?? [], skipped: skipped, isBest: isBest,
          seconds: seconds, imagesPerSecond: Double(images) / max(seconds, 1e-9),
          dimensions: experiment.model.parts.likelihood.dimensions(of: network.facts.image))))
  }

  /// - Throws: `TrainingFailure` where an epoch's steps were all left out: so would be all later ones.
  private func checkSkipped() throws {
    guard position.skippedInEpoch >= stepsPerEpoch else { return }
    throw TrainingFailure(
      "every step of epoch \(position.epoch + 1) was left out: its loss was not finite, or its gradients' "
        + "norm over optimizer.skip_norm. Raise that limit, or lower the learning rate")
  }

  /// Begins the next epoch without looking at this one.
  func startNextEpoch() {
    position.epoch += 1
    (position.batch, position.images) = (0, 0)
    (position.sums, position.tallies) = (noSums, noTallies)
    batches.start(epoch: position.epoch)
  }

  /// The loss of a set of images, by the same function as in training. The noise is the same
  /// every time, so that epochs compare.
  public func evaluate(_ source: BatchSource, progress: Progress) -> EpochMeans {
    var (sums, tallied) = (noSums, noTallies)
    var kl: [Double] = []
    for batch in 0..<source.batchCount {
      let size = source.size(ofBatch: batch)
      let plan = network.step(batch: size, mode: .evaluation)
      source.fill(plan.images, plan.inputs, with: batch, pool: network.run.pool)
      plan.setScalars(progress)
      network.run.position = 1 << 63 | UInt64(batch)
      plan.plan.forward()
      for column in plan.columns.indices {
        sums[column] += plan.value(column) * Double(size)
      }
      plan.addTallies(to: &tallied)
      let dimensions = plan.klPerDimension
      if kl.isEmpty { kl = Array(repeating: 0, count: dimensions.count) }
      for index in dimensions.indices { kl[index] += dimensions[index] * Double(size) }
    }
    let count = Double(max(1, source.range.count))
    return EpochMeans(
      means: columns(sums, tallied, images: source.range.count),
      klPerDimension: kl.map { $0 / count }, counts: counts(tallied))
  }

  /// Means over a set of images, in nats.
  public struct EpochMeans {
    public var means: [(name: String, value: Double)]
    public var klPerDimension: [Double]
    /// How often codes and latents were used.
    public var counts: [UsageCounts] = []
  }
}
