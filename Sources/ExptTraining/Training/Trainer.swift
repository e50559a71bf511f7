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
  public internal(set) var position = Position()
  /// Records where time goes, if there is one.
  public var profile: Profile? {
    didSet { network.observer = profile.map { profile in { profile.attach(to: $0) } } }
  }
  /// The metrics' names: `loss`, `reconstruction`, `kl`, …, then those of tallies.
  public let columnNames: [String]
  /// What is added up over an epoch.
  let tallies: [Tally]
  /// The numbers that follow a schedule and have a column: `beta`, ….
  public let scalars: [ScheduledScalar]
  /// Who trains which parameters: the model's optimizer first, then its opponents'.
  let groups: [ParameterGroup]
  let batches: BatchSource
  /// How epochs are compared while the objective moves; nil if it does not.
  let judging: Judging?
  /// The losses that training acts on: see `Judging`.
  var standing: [Double] = []
  let validation: BatchSource
  private var observers: [any TrainingObserver] = []
  private let accumulated: UnsafeMutableBufferPointer<Float>?
  /// The moving average of the weights, if the experiment asks for one.
  let average: WeightAverage?
  /// Whether the average is in the weights' place at present.
  private(set) var showsAverage = false
  /// Whether steps may be left out; and the state as it was before the step under way, to be put back
  /// then.
  let skipsSteps: Bool
  private let stateBefore: UnsafeMutableBufferPointer<Float>?
  private let clock = ContinuousClock()

  /// - Throws: `BuildProblem` if the model does not fit the images.
  public convenience init(
    _ experiment: Experiment, data: DataSplits, pool: ThreadPool
  ) throws(BuildProblem) {
    let recording = try Recording(
      experiment, image: data.images.shape, annotations: AnnotationFacts(data.images),
      training: data.train.count, table: data.images.table)
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
    tallies = step.tallies
    columnNames = step.columns.map(\.name) + step.tallies.flatMap { $0.columns.map(\.name) }
    scalars = step.graph.graph.scalars.filter(\.isShown)
    judging = step.graph.judged == nil ? nil : Judging(step.graph.graph.scalars)
    let store = network.store
    groups = ParameterGroup.all(
      in: network, of: experiment, opponents: step.graph.terms.opponents)
    store.initialise(seed: experiment.seed, pool: pool)
    average = experiment.training.ema.map { WeightAverage(of: store, decay: $0) }
    skipsSteps = groups.contains { $0.optimizer.step.skipNorm != nil }
    stateBefore = skipsSteps ? AlignedMemory.allocate(store.state.count) : nil
    (position.sums, position.tallies) = (noSums, noTallies)
    if !step.graph.terms.firstValues.isEmpty { computeFirstValues() }
  }

  deinit {
    accumulated.map(AlignedMemory.free)
    stateBefore.map(AlignedMemory.free)
  }

  /// The training pixels: their mean image and how many are grey.
  public var statistics: PixelStatistics {
    let spread = data.images.spread(in: data.train)
    return PixelStatistics(
      mean: network.facts.pixelMean(), greyShare: data.images.greyShare(in: data.train),
      variance: spread?.variance, zeroShare: spread?.zeroShare)
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

  func tell(_ event: TrainingEvent) throws {
    for observer in observers {
      if observer.looksAtModel, event.isLookedAt {
        try withAverage { try observer.observe(event, of: self) }
      } else {
        try observer.observe(event, of: self)
      }
      profile?.charge(observer.activity)
    }
  }

  /// Runs `body` with the average of the weights in their place, where there is one: what is evaluated and
  /// shown of a run that keeps one.
  func withAverage<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard let average, !showsAverage else { return try body() }
    average.exchange(pool: network.run.pool)
    showsAverage = true
    defer {
      average.exchange(pool: network.run.pool)
      showsAverage = false
    }
    return try body()
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
  func trainStep() throws {
    profile?.stepBegan()
    defer { profile?.stepEnded(epoch: position.epoch + 1) }
    let progress = progress
    let first = position.batch
    let last = min(first + settings.accumulate, batchesPerEpoch)
    let total = (first..<last).reduce(0) { $0 + batches.size(ofBatch: $1) }
    stateBefore.map { _ = $0.update(from: network.store.state) }
    var isSkipped = false
    for batch in first..<last {
      let size = batches.size(ofBatch: batch)
      let plan = network.step(batch: size, mode: .training)
      profile?.charge(.other)
      batches.fill(plan.images, plan.inputs, with: batch, pool: network.run.pool)
      try data.images.checkRead()
      profile?.chargeGathering()
      plan.setScalars(progress)
      network.run.position = UInt64(position.epoch * batchesPerEpoch + batch)
      plan.plan.forward()
      if skipsSteps, !plan.value(0).isFinite {
        isSkipped = true
        continue
      }
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
      plan.addTallies(to: &position.tallies)
      position.images += size
    }
    profile?.charge(.other)
    if isSkipped || (skipsSteps && groups.contains { $0.skipsStep }) {
      skipStep()
    } else {
      for group in groups where !(isFused && group.name.isEmpty) {
        group.step(stepsTaken + 1, progress)
        profile?.charge(.optimizer)
      }
      average?.follow(count: stepsTaken + 1, pool: network.run.pool)
      profile?.charge(.optimizer)
    }
    position.step += 1
    position.batch = last
    try tell(.batchEnded(batchSummary))
  }

  /// Leaves everything as it was before the step.
  private func skipStep() {
    stateBefore.map { _ = network.store.state.update(from: $0) }
    position.skipped += 1
    position.skippedInEpoch += 1
  }

  /// Steps that were not left out.
  private var stepsTaken: Int { position.step - position.skipped }

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
    isFused ? groups.first?.rule(stepsTaken + 1, progress) : nil
  }

  /// Whether the model's step needs nothing else than the gradients of one batch as they are, and each
  /// by itself.
  private var isFused: Bool {
    accumulated == nil && !skipsSteps && groups.first?.isElementwise == true
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
