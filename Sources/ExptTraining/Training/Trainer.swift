public import ExptComponents
public import ExptData
public import ExptLayers
public import ExptTensor

/// Trains a model, and tells observers what happens. It writes nothing itself.
public final class Trainer {
  public let experiment: Experiment
  public let data: DataSplits
  public let network: Network
  public private(set) var position = Position()
  /// Told where time goes, if there is one.
  public var profile: Profile? { didSet { network.profile = profile } }
  /// The metrics' names: `loss`, `reconstruction`, `kl`, ….
  public let columnNames: [String]
  /// The optimizer's arrays, in the order of `Optimizer.slots`.
  public let slots: [UnsafeMutableBufferPointer<Float>]
  let batches: BatchSource
  private let validation: BatchSource
  private var observers: [any TrainingObserver] = []
  private let accumulated: UnsafeMutableBufferPointer<Float>?
  /// The optimizer, if its step needs nothing else than the gradients of one batch as they are, and
  /// each by itself: then it is taken while gradients are computed.
  private let elementwise: (any ElementwiseOptimizer)?
  private let clock = ContinuousClock()

  /// - Throws: `BuildProblem` where the model does not fit the images.
  public init(_ experiment: Experiment, data: DataSplits, pool: ThreadPool) throws(BuildProblem) {
    self.experiment = experiment
    self.data = data
    let facts = DataFacts(image: data.images.shape) {
      data.images.meanImage(
        in: data.train, binarization: experiment.dataset.split.binarization)
    }
    network = try Network(experiment.model, facts: facts, pool: pool, seed: experiment.seed)
    let count = network.store.values.count
    slots = experiment.optimizer.slots.map { _ in AlignedMemory.allocate(count) }
    accumulated = experiment.training.accumulate > 1 ? AlignedMemory.allocate(count) : nil
    elementwise =
      accumulated == nil && !experiment.optimizer.step.clips
      ? experiment.optimizer as? any ElementwiseOptimizer : nil
    batches = BatchSource.training(
      data, experiment.dataset.split, batchSize: experiment.training.batchSize,
      shuffles: experiment.training.shuffle, seed: experiment.seed)
    let whole = data.train.count / experiment.training.batchSize
    batchesPerEpoch =
      experiment.training.dropLast && whole > 0 ? whole : batches.batchCount
    validation = BatchSource.evaluation(
      data.images, experiment.dataset.split, range: data.validation,
      batchSize: experiment.training.batchSize)
    columnNames = network.step(batch: batches.size(ofBatch: 0), mode: .training).columns.map(\.name)
    network.store.initialise(seed: experiment.seed)
    position.sums = Array(repeating: 0, count: columnNames.count)
  }

  deinit {
    slots.forEach(AlignedMemory.free)
    accumulated.map(AlignedMemory.free)
  }

  /// The training pixels: their mean image and how many are grey.
  public var statistics: PixelStatistics {
    PixelStatistics(
      mean: network.facts.pixelMean(), greyShare: data.images.greyShare(in: data.train))
  }

  public func add(_ observer: any TrainingObserver) { observers.append(observer) }

  /// Goes on from a position whose parameters and optimizer arrays have been put in place.
  public func resume(at position: Position) { self.position = position }

  public var settings: TrainingSettings { experiment.training }
  public let batchesPerEpoch: Int
  public var stepsPerEpoch: Int {
    (batchesPerEpoch + settings.accumulate - 1) / settings.accumulate
  }

  /// The multiply-adds for one image, forward, in products and convolutions.
  public var multiplyAddsPerImage: Int {
    let size = batches.size(ofBatch: 0)
    return network.step(batch: size, mode: .training).graph.graph.multiplyAdds / size
  }

  private func tell(_ event: TrainingEvent) throws {
    for observer in observers {
      try observer.observe(event, of: self)
      profile?.charge(observer.activity)
    }
  }
}

// MARK: - The loop

extension Trainer {
  /// How a call of `train` ended.
  public enum Ending: Sendable {
    case finished(stoppedEarly: Bool)
    case interrupted
  }

  /// Trains from the present position to the end, or until `shouldStop` says so between two
  /// batches.
  ///
  /// - Throws: `TrainingFailure` where a loss or gradient is no longer finite; what an observer
  ///   throws.
  public func train(shouldStop: () -> Bool = { false }) throws -> Ending {
    try tell(.started(position, batchesPerEpoch: batchesPerEpoch))
    while position.epoch < settings.epochs, !isStoppedEarly {
      guard try trainEpoch(shouldStop) else {
        try tell(.interrupted(position))
        return .interrupted
      }
    }
    try tell(.finished(position, stoppedEarly: isStoppedEarly))
    return .finished(stoppedEarly: isStoppedEarly)
  }

  /// Whether so many epochs went by without a better loss.
  var isStoppedEarly: Bool {
    guard let patience = settings.earlyStopping else { return false }
    var best = Double.infinity
    var waited = 0
    for loss in position.losses {
      if loss < best - settings.minimumImprovement || best == .infinity {
        best = loss
        waited = 0
      } else {
        waited += 1
      }
    }
    return waited >= patience
  }

  /// - Returns: False if it was asked to stop before the end of the epoch.
  private func trainEpoch(_ shouldStop: () -> Bool) throws -> Bool {
    let began = clock.now
    batches.start(epoch: position.epoch)
    let imagesBefore = position.images
    while position.batch < batchesPerEpoch {
      if shouldStop() { return false }
      try trainStep()
    }
    let seconds = began.duration(to: clock.now).seconds
    try endEpoch(seconds: seconds, images: position.images - imagesBefore)
    return !shouldStop() || position.epoch == settings.epochs
  }

  /// One optimizer step over `accumulate` batches (fewer at the end of the epoch).
  private func trainStep() throws {
    profile?.stepBegan()
    defer { profile?.stepEnded(epoch: position.epoch + 1) }
    let progress = progress
    let first = position.batch
    let last = min(first + settings.accumulate, batchesPerEpoch)
    let total = (first..<last).reduce(0) { $0 + batches.size(ofBatch: $1) }
    for batch in first..<last {
      let size = batches.size(ofBatch: batch)
      let plan = network.step(batch: size, mode: .training)
      profile?.charge(.other)
      batches.fill(plan.images, with: batch, pool: network.run.pool)
      profile?.chargeGathering()
      setSchedules(of: plan, progress)
      network.run.position = UInt64(position.epoch * batchesPerEpoch + batch)
      plan.plan.forward()
      try checkFinite(plan, batch: batch)
      profile?.charge(.other)
      if let rule = fusedStep(progress) {
        plan.plan.backward(updating: rule)
        profile?.charge(.optimizer)
      } else {
        plan.plan.backward(scale: Float(size) / Float(total))
        addGradients(isFirst: batch == first, isLast: batch == last - 1)
      }
      for column in plan.columns.indices {
        position.sums[column] += plan.value(column) * Double(size)
      }
      position.images += size
    }
    profile?.charge(.other)
    if !isFused {
      applyGradients(progress)
      profile?.charge(.optimizer)
    }
    position.step += 1
    position.batch = last
    try tell(.batchEnded(batchSummary))
  }

  private func addGradients(isFirst: Bool, isLast: Bool) {
    guard let accumulated else { return }
    let gradients = network.store.gradients
    for index in gradients.indices {
      accumulated[index] = (isFirst ? 0 : accumulated[index]) + gradients[index]
    }
    if isLast { _ = gradients.update(from: accumulated) }
  }

  private func applyGradients(_ progress: Progress) {
    experiment.optimizer.step.clip(network.store.gradients, pool: network.run.pool)
    experiment.optimizer.update(parameterUpdate(progress))
  }

  /// The step, where it is taken while gradients are computed.
  private func fusedStep(_ progress: Progress) -> UpdateRule? {
    elementwise?.rule(parameterUpdate(progress))
  }

  private var isFused: Bool { elementwise != nil }

  private func parameterUpdate(_ progress: Progress) -> ParameterUpdate {
    ParameterUpdate(
      values: network.store.values, gradients: network.store.gradients, slots: slots,
      step: position.step + 1, learningRate: learningRate(progress), pool: network.run.pool)
  }
}

// MARK: - Schedules

extension Trainer {
  var progress: Progress {
    Progress(
      step: position.step, stepsPerEpoch: stepsPerEpoch, epochs: settings.epochs,
      losses: position.losses)
  }

  func learningRate(_ progress: Progress) -> Double {
    experiment.optimizer.step.learningRate(at: progress)
  }

  func setSchedules(of plan: StepPlan, _ progress: Progress) {
    guard let schedule = experiment.model.betaSchedule else { return }
    plan.setSchedules(
      beta: schedule.beta(progress), klTarget: schedule.klTarget(progress) ?? 0)
  }
}

// MARK: - The end of an epoch

extension Trainer {
  private var means: [(name: String, value: Double)] {
    zip(columnNames, position.sums).map { ($0, $1 / Double(max(1, position.images))) }
  }

  private var batchSummary: BatchSummary {
    BatchSummary(
      epoch: position.epoch + 1, epochs: settings.epochs, batch: position.batch,
      batches: batchesPerEpoch, images: position.images, names: columnNames, sums: position.sums)
  }

  private func endEpoch(seconds: Double, images: Int) throws {
    let last = Progress(
      step: position.step - 1, stepsPerEpoch: stepsPerEpoch, epochs: settings.epochs,
      losses: position.losses)
    profile?.charge(.other)
    let held = data.validation.isEmpty ? nil : evaluate(validation, progress: last)
    profile?.charge(.validation)
    let train = means
    let deciding = held?.means.first?.value ?? train[0].value
    if !deciding.isFinite {
      throw TrainingFailure("the validation loss of epoch \(position.epoch + 1) is \(deciding)")
    }
    let isBest = position.best.map { deciding < $0.loss } ?? true
    position.losses.append(deciding)
    position.epoch += 1
    position.batch = 0
    position.images = 0
    position.sums = Array(repeating: 0, count: position.sums.count)
    try tell(
      .epochEnded(
        EpochSummary(
          epoch: position.epoch, epochs: settings.epochs, step: position.step,
          learningRate: learningRate(last), beta: experiment.model.betaSchedule?.beta(last),
          train: train, validation: held?.means ?? [],
          klPerDimension: held?.klPerDimension ?? [], isBest: isBest, seconds: seconds,
          imagesPerSecond: Double(images) / max(seconds, 1e-9))))
  }

  /// The loss of a set of images, by the same function as in training. The noise is the same
  /// every time, so that epochs compare.
  public func evaluate(_ source: BatchSource, progress: Progress) -> Evaluation {
    var sums = Array(repeating: 0.0, count: columnNames.count)
    var kl: [Double] = []
    for batch in 0..<source.batchCount {
      let size = source.size(ofBatch: batch)
      let plan = network.step(batch: size, mode: .evaluation)
      source.fill(plan.images, with: batch, pool: network.run.pool)
      setSchedules(of: plan, progress)
      network.run.position = 1 << 63 | UInt64(batch)
      plan.plan.forward()
      for column in plan.columns.indices {
        sums[column] += plan.value(column) * Double(size)
      }
      let dimensions = plan.klPerDimension
      if kl.isEmpty { kl = Array(repeating: 0, count: dimensions.count) }
      for index in dimensions.indices { kl[index] += dimensions[index] * Double(size) }
    }
    let count = Double(max(1, source.range.count))
    return Evaluation(
      means: zip(columnNames, sums).map { ($0, $1 / count) }, klPerDimension: kl.map { $0 / count })
  }

  /// Means over a set of images, in nats.
  public struct Evaluation {
    public var means: [(name: String, value: Double)]
    public var klPerDimension: [Double]
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
