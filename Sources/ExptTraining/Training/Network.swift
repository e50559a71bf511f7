import ExptComponents
import ExptLayers
import ExptTensor

/// A model with memory: its parameters, and the plans that compute with them, one for each size of
/// batch and mode, made when first needed.
public final class Network {
  public let model: any Model
  public let facts: DataFacts
  /// Where the objective moves to, if steps are to have a column with the loss there.
  private let target: ObjectiveValues?
  public let store: ParameterStore
  public let run: RunContext
  /// Told of every operation in training.
  var profile: Profile? {
    didSet {
      for (key, plan) in stepPlans where key.mode == .training {
        plan.plan.observer = nil
        profile?.attach(to: plan.plan)
      }
    }
  }
  private let parameters = ParameterSet()
  private let arena = Arena()
  private var stepPlans: [PlanKey: StepPlan] = [:]
  private var encoders: [Int: EncoderPlan] = [:]
  private var decoders: [Int: DecoderPlan] = [:]
  /// Whether latents have a distribution to sample from.
  public let isGaussian: Bool

  private struct PlanKey: Hashable {
    var batch: Int
    var mode: Mode
  }

  /// Records the model once to learn its parameters, then gives them memory, all zero.
  ///
  /// - Throws: `BuildProblem` where the model does not fit the images.
  public init(
    _ model: any Model, facts: DataFacts, pool: ThreadPool, seed: UInt64,
    target: ObjectiveValues? = nil
  ) throws(BuildProblem) {
    self.model = model
    self.facts = facts
    self.target = target
    run = RunContext(pool: pool, seed: seed)
    _ = try StepGraph(model, data: facts, batch: 1, mode: .training, parameters: parameters)
    let graph = Graph(mode: .evaluation, parameters: parameters)
    let posterior = try model.encode(
      graph.input(StepGraph.images, facts.image.batched(1)), in: Scope(graph, data: facts))
    if case .gaussian = posterior { isGaussian = true } else { isGaussian = false }
    store = ParameterStore(parameters)
  }

  /// The plan of a training or validation step for so many images.
  public func step(batch: Int, mode: Mode) -> StepPlan {
    let key = PlanKey(batch: batch, mode: mode)
    if let plan = stepPlans[key] { return plan }
    let graph = recorded {
      () throws(BuildProblem) in
      try StepGraph(
        model, data: facts, batch: batch, mode: mode, parameters: parameters, target: target)
    }
    let plan = StepPlan(graph, isTraining: mode == .training, store: store, arena: arena, run: run)
    if mode == .training { profile?.attach(to: plan.plan) }
    stepPlans[key] = plan
    return plan
  }

  /// The plan of the encoder for so many images.
  func encoder(batch: Int) -> EncoderPlan {
    if let plan = encoders[batch] { return plan }
    let graph = Graph(mode: .evaluation, parameters: parameters)
    let images = graph.input(StepGraph.images, facts.image.batched(batch))
    let posterior = recorded {
      () throws(BuildProblem) in try model.encode(images, in: Scope(graph, data: facts))
    }
    let plan = EncoderPlan(graph, posterior, store: store, arena: arena, run: run)
    encoders[batch] = plan
    return plan
  }

  /// The plan of the decoder for so many latents.
  func decoder(batch: Int) -> DecoderPlan {
    if let plan = decoders[batch] { return plan }
    let graph = Graph(mode: .evaluation, parameters: parameters)
    let latents = graph.input(DecoderPlan.latents, [batch, model.network.latent])
    let scope = Scope(graph, data: facts)
    let decoded = recorded {
      () throws(BuildProblem) in try model.network.decode(latents, in: scope)
    }
    let mean = model.network.likelihood.mean(decoded, in: scope.child("likelihood"))
    let plan = DecoderPlan(graph, mean, store: store, arena: arena, run: run)
    decoders[batch] = plan
    return plan
  }

  /// An empty graph of this model's parameters, for evaluation, and a scope to record in.
  func makeGraph() -> (graph: Graph, scope: Scope) {
    let graph = Graph(mode: .evaluation, parameters: parameters)
    return (graph, Scope(graph, data: facts))
  }

  /// A plan of a graph from `makeGraph`. What it computes is valid until another plan runs.
  func plan(_ graph: Graph, outputs: [Tensor]) -> Plan {
    Plan(graph, outputs: outputs, store: store, arena: arena, run: run)
  }

  /// A graph that can only fail as the first recording, in `init`, would have failed.
  func recorded<Result>(_ record: () throws(BuildProblem) -> Result) -> Result {
    do { return try record() } catch {
      preconditionFailure("a model that was built once cannot be built again: \(error.message)")
    }
  }

  /// Bytes held for parameters, their gradients, and work.
  public var workingBytes: Int { arena.byteCount }
}

/// A step of training or validation, ready to run.
public final class StepPlan {
  public let graph: StepGraph
  let plan: Plan
  let images: UnsafeMutableBufferPointer<Float>
  let columns: [(name: String, value: Tensor)]

  init(
    _ graph: StepGraph, isTraining: Bool, store: ParameterStore, arena: Arena, run: RunContext
  ) {
    self.graph = graph
    columns = graph.columns
    var outputs = columns.map(\.value) + [graph.reconstruction]
    if let kl = graph.terms.klPerDimension { outputs.append(kl) }
    plan = Plan(
      graph.graph, loss: isTraining ? graph.terms.total : nil,
      outputs: isTraining ? columns.map(\.value) : outputs, store: store, arena: arena, run: run)
    guard let images = plan.input(StepGraph.images) else {
      preconditionFailure("a step without images")
    }
    self.images = images
  }

  func setSchedules(beta: Double, klTarget: Double) {
    plan.setScalar(StepGraph.beta, Float(beta))
    plan.setScalar(StepGraph.klTarget, Float(klTarget))
  }

  func value(_ column: Int) -> Double { Double(plan.value(of: columns[column].value)[0]) }

  /// The KL of each latent dimension; empty for a model without.
  var klPerDimension: [Double] {
    graph.terms.klPerDimension.map { plan.value(of: $0).map(Double.init) } ?? []
  }
}

/// The encoder, ready to run.
final class EncoderPlan {
  let plan: Plan
  let images: UnsafeMutableBufferPointer<Float>
  private let mean: Tensor
  private let logVariance: Tensor?

  init(
    _ graph: Graph, _ posterior: Posterior, store: ParameterStore, arena: Arena, run: RunContext
  ) {
    mean = posterior.mean
    if case .gaussian(_, let logVariance) = posterior {
      self.logVariance = logVariance
    } else {
      logVariance = nil
    }
    let outputs = [mean] + (logVariance.map { [$0] } ?? [])
    plan = Plan(graph, outputs: outputs, store: store, arena: arena, run: run)
    guard let images = plan.input(StepGraph.images) else {
      preconditionFailure("an encoder without images")
    }
    self.images = images
  }

  func run() -> (mean: UnsafeBufferPointer<Float>, logVariance: UnsafeBufferPointer<Float>?) {
    plan.forward()
    return (plan.value(of: mean), logVariance.map { plan.value(of: $0) })
  }
}

/// The decoder, ready to run.
final class DecoderPlan {
  static let latents = "latents"
  let plan: Plan
  let latents: UnsafeMutableBufferPointer<Float>
  private let mean: Tensor

  init(_ graph: Graph, _ mean: Tensor, store: ParameterStore, arena: Arena, run: RunContext) {
    self.mean = mean
    plan = Plan(graph, outputs: [mean], store: store, arena: arena, run: run)
    guard let latents = plan.input(Self.latents) else {
      preconditionFailure("a decoder without latents")
    }
    self.latents = latents
  }

  func run() -> UnsafeBufferPointer<Float> {
    plan.forward()
    return plan.value(of: mean)
  }
}
