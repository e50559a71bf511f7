public import ExptComponents
public import ExptTensor

/// A model with memory: its parameters, and the plans that compute with them, one for each batch size
/// and mode, made when first needed.
public final class Network {
  public let model: any Model
  public let facts: DataFacts
  public let store: ParameterStore
  public let run: RunContext
  /// Called with every plan of a training step, existing and future ones.
  public var observer: ((Plan) -> Void)? {
    didSet {
      for (key, plan) in stepPlans where key.mode == .training {
        plan.plan.observer = nil
        observer?(plan.plan)
      }
    }
  }
  private let parameters: ParameterSet
  /// Whether steps have a column with the loss at the schedules' targets, where it is another.
  private let judges: Bool
  private let recomputes: Bool
  private let arena = Arena()
  private var recorded: StepGraph?
  private var stepPlans: [PlanKey: StepPlan] = [:]
  private var encoders: [Int: EncoderPlan] = [:]
  private var decoders: [Int: DecoderPlan] = [:]
  private var drawers: [Int: DecoderPlan] = [:]
  private var samplers: [[Int]: SamplingPlan] = [:]

  private struct PlanKey: Hashable {
    var batch: Int
    var mode: Mode
  }

  /// Records the model to learn its parameters, then gives them memory, all zero.
  ///
  /// - Throws: `BuildProblem` if the model does not fit the data.
  public convenience init(
    _ model: any Model, facts: DataFacts, pool: ThreadPool, seed: UInt64
  ) throws(BuildProblem) {
    let parameters = ParameterSet()
    let step = try StepGraph(
      model, data: facts, batch: 1, mode: .training, parameters: parameters)
    self.init(
      model, facts: facts, recorded: step, parameters: parameters, judges: false, pool: pool,
      seed: seed)
  }

  /// Gives memory to the parameters of a model that has been recorded, all zero.
  ///
  /// - Parameters:
  ///   - recorded: A step of training, which need not be recorded again.
  ///   - parameters: Those that it was recorded with.
  ///   - regroup: See `ParameterStore`.
  public init(
    _ model: any Model, facts: DataFacts, recorded: StepGraph, parameters: ParameterSet,
    judges: Bool, pool: ThreadPool, seed: UInt64,
    regroup: (ParameterSpec) -> String? = { _ in nil }
  ) {
    self.model = model
    self.facts = facts
    self.recorded = recorded
    self.parameters = parameters
    self.judges = judges
    recomputes = recorded.graph.recomputes
    run = RunContext(pool: pool, seed: seed)
    store = ParameterStore(parameters, regroup: regroup)
  }

  /// The plan of a training or validation step for this many images.
  public func step(batch: Int, mode: Mode) -> StepPlan {
    let key = PlanKey(batch: batch, mode: mode)
    if let plan = stepPlans[key] { return plan }
    let plan = StepPlan(
      graph(batch: batch, mode: mode), isTraining: mode == .training, store: store, arena: arena,
      run: run)
    if mode == .training { observer?(plan.plan) }
    stepPlans[key] = plan
    return plan
  }

  /// Gives parameters and state those first values that follow from images, if there are any.
  ///
  /// - Parameters:
  ///   - count: The images that they follow from.
  ///   - fill: Fills them in.
  public func computeFirstValues(
    images count: Int, fill: (UnsafeMutableBufferPointer<Float>, BatchInputs) -> Void
  ) {
    let step = graph(batch: count, mode: .training)
    let values = step.terms.firstValues
    let plan = Plan(
      step.graph, outputs: values.map(\.value), store: store, arena: arena, run: run)
    for scalar in step.graph.scalars {
      let start = Progress(step: 0, stepsPerEpoch: 1, epochs: 1)
      plan.setScalar(scalar.name, Float(scalar.source.value(start)))
    }
    let inputs = BatchInputs(plan, facts)
    if let images = inputs.examples { fill(images, inputs) }
    run.position = 1 << 62
    plan.forward()
    for first in values {
      _ = store[first.name]?.values.update(fromContentsOf: plan.value(of: first.value))
    }
    run.position = 0
  }

  private func graph(batch: Int, mode: Mode) -> StepGraph {
    if let recorded, recorded.batch == batch, recorded.graph.mode == mode {
      self.recorded = nil
      return recorded
    }
    return again { () throws(BuildProblem) in
      try StepGraph(
        model, data: facts, batch: batch, mode: mode, parameters: parameters, judges: judges,
        recomputes: recomputes)
    }
  }

  /// The plan of the encoder for this many images.
  func encoder(batch: Int) -> EncoderPlan {
    if let plan = encoders[batch] { return plan }
    let plan = EncoderPlan(recordEncoder(batch: batch), in: self)
    encoders[batch] = plan
    return plan
  }

  /// The plan of the decoder for this many latents.
  func decoder(batch: Int) -> DecoderPlan {
    if let plan = decoders[batch] { return plan }
    let plan = DecoderPlan(recordDecoder(batch: batch), in: self)
    decoders[batch] = plan
    return plan
  }

  /// The plan that draws images for this many latents; nil if the likelihood has no distribution.
  func drawer(batch: Int) -> DecoderPlan? {
    if let plan = drawers[batch] { return plan }
    let recorded = recordDecoder(batch: batch) { likelihood, parameters, scope in
      likelihood.draw(parameters, in: scope)
    }
    let plan = recorded.map { DecoderPlan($0, in: self) }
    drawers[batch] = plan
    return plan
  }

  /// The plan that measures this many images with this many samples of the posterior each.
  public func sampler(images: Int, samples: Int) -> SamplingPlan {
    if let plan = samplers[[images, samples]] { return plan }
    let plan = SamplingPlan(self, images: images, samples: samples)
    samplers[[images, samples]] = plan
    return plan
  }

  /// Where latents live, whether there is a prior over them, and whether it is N(0, I).
  public private(set) lazy var latents:
    (space: LatentSpace, isGenerative: Bool, hasStandardPrior: Bool) = {
      let encoder = recordEncoder(batch: 1)
      return (encoder.posterior.space, encoder.prior != nil, encoder.prior is StandardNormal)
    }()

  /// What the model is told of each example besides its pixels.
  public private(set) lazy var told: AnnotationFacts = {
    let names = recordEncoder(batch: 1).graph.inputNames
      .union(recordDecoder(batch: 1).graph.inputNames)
    return AnnotationFacts(
      classes: names.contains(Batch.labelsInput) ? facts.classes : nil,
      factors: facts.factors.filter { names.contains(Batch.input(ofFactor: $0)) })
  }()

  /// An empty graph of this model's parameters, for evaluation, and a scope to record in.
  public func makeGraph() -> (graph: Graph, scope: Scope) {
    let graph = Graph(mode: .evaluation, parameters: parameters)
    return (graph, Scope(graph, data: facts))
  }

  /// A plan of a graph from `makeGraph`, with all scalars at their schedules' targets. What it computes
  /// is valid until another plan runs.
  ///
  /// - Parameter loss: A scalar to differentiate; nil: none.
  public func plan(_ graph: Graph, loss: Tensor? = nil, outputs: [Tensor]) -> Plan {
    let plan = Plan(graph, loss: loss, outputs: outputs, store: store, arena: arena, run: run)
    for scalar in graph.scalars { plan.setScalar(scalar.name, Float(scalar.source.target.value)) }
    return plan
  }

  /// What is fed into a plan of a graph from `makeGraph`.
  public func inputs(of plan: Plan) -> BatchInputs { BatchInputs(plan, facts) }

  /// Records what has been recorded before, with another size: it can only fail as it would have then.
  public func again<Result>(_ record: () throws(BuildProblem) -> Result) -> Result {
    do { return try record() } catch {
      preconditionFailure("a model that was built once cannot be built again: \(error.message)")
    }
  }

  /// Bytes held for work.
  public var workingBytes: Int { arena.byteCount }
}

// MARK: - Parts of a model as graphs

/// The encoder of a model, recorded for evaluation.
public struct RecordedEncoder {
  let graph: Graph
  let posterior: any Distribution
  let prior: (any Distribution)?
  /// Of each image: `[batch, n]`, of each dimension where it splits.
  let kl: Tensor?

  /// Outputs by name: an autoencoder's `latents`, else the posterior's `mean` and its other numbers,
  /// such as `log_variance`; all `[batch, n]`.
  public var outputs: [(name: String, tensor: Tensor)] {
    guard let mean = posterior.expectation else { return [] }
    if posterior is PointMass { return [("latents", mean)] }
    return [("mean", mean)] + posterior.parameters.map { ($0.name, $0.value) }
  }
}

/// The decoder of a model, recorded for evaluation.
public struct RecordedDecoder {
  let graph: Graph
  let batch: Batch
  let width: Int
  /// The likelihood's raw numbers, `[batch]` and its `outputShape`.
  let parameters: Tensor
  /// Its mean, `[batch, channels, height, width]`.
  let mean: Tensor

  /// Outputs by name: `parameters` and `images`.
  public var outputs: [(name: String, tensor: Tensor)] {
    [("parameters", parameters), ("images", mean)]
  }
}

extension Network {
  /// The decoder's input.
  static let latentsInput = "latents"

  /// Images `images` `[batch] + image` to what is known about their latents.
  public func recordEncoder(batch: Int) -> RecordedEncoder {
    let (graph, scope) = makeGraph()
    let batch = Batch(batch, in: scope)
    return again { () throws(BuildProblem) in
      let posterior = try model.encode(batch, in: scope)
      let prior = try model.prior(for: batch, space: posterior.space, in: scope)
      let divergence = prior.flatMap { posterior.divergence(from: $0) }
      return RecordedEncoder(
        graph: graph, posterior: posterior, prior: prior,
        kl: divergence?.perDimension ?? divergence?.perExample.reshaped([batch.count, 1]))
    }
  }

  /// Latents `latents` `[batch, width]` to images.
  public func recordDecoder(batch: Int) -> RecordedDecoder {
    guard let recorded = recordDecoder(batch: batch, image: { $0.mean($1, in: $2) }) else {
      preconditionFailure("a likelihood without a mean")
    }
    return recorded
  }

  /// - Parameter image: What is made of the likelihood's numbers; nil: nothing can be.
  private func recordDecoder(
    batch: Int, image: (any Likelihood, Tensor, Scope) -> Tensor?
  ) -> RecordedDecoder? {
    let width = latents.space.width
    let (graph, scope) = makeGraph()
    let batch = Batch(batch, in: scope)
    let latents = graph.input(Self.latentsInput, [batch.count, width])
    return again { () throws(BuildProblem) in
      let parameters = try model.decode(latents, given: batch, in: scope)
      let likelihood = model.parts.likelihood.following(facts.table)
      return image(likelihood, parameters, scope.child("likelihood")).map {
        RecordedDecoder(
          graph: graph, batch: batch, width: width, parameters: parameters, mean: $0)
      }
    }
  }
}
