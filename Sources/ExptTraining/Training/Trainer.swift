public import ExptComponents
public import ExptData
import ExptFiles
public import ExptInference
public import ExptTensor

/// Trains a model, and tells observers what happens. It writes nothing itself.
public final class Trainer {
  public let experiment: Experiment
  public let data: DataSplits
  public let network: Network
  public private(set) var position = Position()
  /// Records where time goes, if there is one.
  public var profile: Profile? {
    didSet { network.observer = profile.map { profile in { profile.attach(to: $0) } } }
  }
  /// The metrics' names: `loss`, `reconstruction`, `kl`, ….
  public let columnNames: [String]
  /// The numbers that follow a schedule and have a column: `beta`, ….
  public let scalars: [ScheduledScalar]
  /// Who trains which parameters: the model's optimizer first, then its opponents'.
  let groups: [ParameterGroup]
  let batches: BatchSource
  /// How epochs are compared while the objective moves; nil if it does not.
  private let judging: Judging?
  /// The losses that training acts on: see `Judging`.
  private var standing: [Double] = []
  private let validation: BatchSource
  private var observers: [any TrainingObserver] = []
  private let accumulated: UnsafeMutableBufferPointer<Float>?
  private let clock = ContinuousClock()

  /// - Throws: `BuildProblem` if the model does not fit the images.
  public convenience init(
    _ experiment: Experiment, data: DataSplits, pool: ThreadPool
  ) throws(BuildProblem) {
    let recording = try Recording(
      experiment, image: data.images.shape, annotations: AnnotationFacts(data.images))
    self.init(experiment, recording, data: data, pool: pool)
  }

  /// - Parameter recording: What the experiment's model was found to be: it is not recorded again.
  init(_ experiment: Experiment, _ recording: Recording, data: DataSplits, pool: ThreadPool) {
    self.experiment = experiment
    self.data = data
    recording.late.set(
      TrainingImages(splits: data, settings: experiment.dataset.split, seed: experiment.seed))
    network = recording.network(pool: pool)
    let count = network.store.values.count
    accumulated = experiment.training.accumulate > 1 ? AlignedMemory.allocate(count) : nil
    batches = BatchSource.training(
      data, experiment.dataset.split, batchSize: experiment.training.batchSize,
      shuffles: experiment.training.shuffle, seed: experiment.seed)
    let whole = data.train.count / experiment.training.batchSize
    batchesPerEpoch =
      experiment.training.dropLast && whole > 0 ? whole : batches.batchCount
    validation = BatchSource.evaluation(
      data.images, experiment.dataset.split, range: data.validation,
      batchSize: experiment.training.batchSize)
    let step = network.step(batch: batches.size(ofBatch: 0), mode: .training)
    columnNames = step.columns.map(\.name)
    scalars = step.graph.graph.scalars.filter(\.isShown)
    judging = step.graph.judged == nil ? nil : Judging(step.graph.graph.scalars)
    groups = ParameterGroup.all(
      in: network, of: experiment, opponents: step.graph.terms.opponents)
    network.store.initialise(seed: experiment.seed)
    position.sums = Array(repeating: 0, count: columnNames.count)
  }

  deinit {
    accumulated.map(AlignedMemory.free)
  }

  /// The training pixels: their mean image and how many are grey.
  public var statistics: PixelStatistics {
    PixelStatistics(
      mean: network.facts.pixelMean(), greyShare: data.images.greyShare(in: data.train))
  }

  public func add(_ observer: any TrainingObserver) { observers.append(observer) }

  /// Goes on from a position whose parameters and optimizer arrays have been put in place.
  public func resume(at position: Position) {
    self.position = position
    standing = position.losses.indices.filter { stands(afterEpoch: $0 + 1) }
      .map { position.losses[$0] }
  }

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
  /// - Throws: `TrainingFailure` if a loss or gradient is no longer finite; what an observer
  ///   throws.
  public func train(shouldStop: () -> Bool = { false }) throws -> Ending {
    try tell(.started(position, batchesPerEpoch: batchesPerEpoch))
    if position.step == 0 { try fit() }
    while position.epoch < settings.epochs, !isStoppedEarly {
      guard try trainEpoch(shouldStop) else {
        try tell(.interrupted(position))
        return .interrupted
      }
    }
    try tell(.finished(position, stoppedEarly: isStoppedEarly))
    return .finished(stoppedEarly: isStoppedEarly)
  }

  /// Whether training has gone the given number of epochs without improvement.
  var isStoppedEarly: Bool {
    guard let patience = settings.earlyStopping else { return false }
    var best = Double.infinity
    var waited = 0
    for loss in standing {
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
      batches.fill(plan.images, plan.inputs, with: batch, pool: network.run.pool)
      profile?.chargeGathering()
      plan.setScalars(progress)
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
      plan.plan.moveStates()
      for column in plan.columns.indices {
        position.sums[column] += plan.value(column) * Double(size)
      }
      position.images += size
    }
    profile?.charge(.other)
    for group in groups where !(isFused && group.name.isEmpty) {
      group.step(position.step + 1, progress)
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

  /// The step of the model's own parameters, if it is taken while gradients are computed.
  private func fusedStep(_ progress: Progress) -> UpdateRule? {
    isFused ? groups.first?.rule(position.step + 1, progress) : nil
  }

  /// Whether the model's step needs nothing else than the gradients of one batch as they are, and each
  /// by itself.
  private var isFused: Bool { accumulated == nil && groups.first?.isElementwise == true }
}

// MARK: - Schedules

extension Trainer {
  var progress: Progress {
    Progress(
      step: position.step, stepsPerEpoch: stepsPerEpoch, epochs: settings.epochs,
      losses: standing)
  }

  /// Whether an epoch, from 1, may end training or lower the learning rate.
  private func stands(afterEpoch epoch: Int) -> Bool {
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
      losses: standing)
    profile?.charge(.other)
    let held = data.validation.isEmpty ? nil : evaluate(validation, progress: last)
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
    position.sums = Array(repeating: 0, count: position.sums.count)
    try tell(
      .epochEnded(
        EpochSummary(
          epoch: position.epoch, epochs: settings.epochs, step: position.step,
          learningRate: learningRate(last), scalars: scalarValues(last),
          train: train, validation: held?.means ?? [],
          klPerDimension: held?.klPerDimension ?? [], isBest: isBest, seconds: seconds,
          imagesPerSecond: Double(images) / max(seconds, 1e-9))))
  }

  /// The loss of a set of images, by the same function as in training. The noise is the same
  /// every time, so that epochs compare.
  public func evaluate(_ source: BatchSource, progress: Progress) -> EpochMeans {
    var sums = Array(repeating: 0.0, count: columnNames.count)
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
      let dimensions = plan.klPerDimension
      if kl.isEmpty { kl = Array(repeating: 0, count: dimensions.count) }
      for index in dimensions.indices { kl[index] += dimensions[index] * Double(size) }
    }
    let count = Double(max(1, source.range.count))
    return EpochMeans(
      means: zip(columnNames, sums).map { ($0, $1 / count) }, klPerDimension: kl.map { $0 / count })
  }

  /// Means over a set of images, in nats.
  public struct EpochMeans {
    public var means: [(name: String, value: Double)]
    public var klPerDimension: [Double]
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
