import ExptComponents
import ExptTensor

/// What came out of a function recorded on a graph, run once forward and backward.
struct Probe {
  var outputs: [(name: String, shape: Shape, values: [Float])] = []
  var parameters: [(name: String, values: [Float])] = []
  var gradients: [(name: String, values: [Float])] = []
  /// State after the step.
  var states: [(name: String, values: [Float])] = []

  struct Input {
    var name: String
    var shape: Shape
    var values: [Float]
  }

  struct Recorded {
    /// A scalar to differentiate; nil: forward only.
    var loss: Tensor?
    var outputs: [(name: String, value: Tensor)]
  }

  /// How a run is to be.
  struct Conditions {
    var mode = Mode.training
    var seed: UInt64 = 1
    var position: UInt64 = 0
    var threads = 1
    var recomputes = false
  }

  /// The shape of one image in these tests.
  static let image: Shape = [1, 16, 16]
  static let batch = 4

  static var images: Input {
    let shape = image.batched(batch)
    return Input(
      name: "images", shape: shape, values: TestNumbers.uniform(shape.count, in: 0...1, seed: 5))
  }

  static func scope(_ graph: Graph, image: Shape = image) -> Scope {
    let means = (0..<image.count).map { Float($0 % 7 + 1) / 10 }
    let examples = { @Sendable count in
      TestNumbers.uniform(count * image.count, in: 0...1, seed: 6)
    }
    var facts = DataFacts(image: image, classes: 3, factors: [factor], examples: examples) { means }
    facts.trainingCount = 50
    return Scope(graph, data: facts)
  }

  /// A factor that the images have.
  static let factor = "size"

  init(
    _ inputs: [Input], _ conditions: Conditions = Conditions(),
    record: (Graph, [Tensor]) throws -> Recorded
  ) rethrows {
    let graph = Graph(
      mode: conditions.mode, parameters: ParameterSet(), recomputes: conditions.recomputes)
    let tensors = inputs.map { graph.input($0.name, $0.shape) }
    let recorded = try record(graph, tensors)
    let store = ParameterStore(graph.parameters)
    store.initialise(seed: conditions.seed)
    let run = RunContext(pool: ThreadPool(threads: conditions.threads), seed: conditions.seed)
    run.position = conditions.position
    let plan = Plan(
      graph, loss: recorded.loss, outputs: recorded.outputs.map(\.value), store: store,
      arena: Arena(), run: run)
    for input in inputs { _ = plan.input(input.name)?.update(fromContentsOf: input.values) }
    plan.setScalars(of: graph)
    plan.annotate()
    plan.forward()
    outputs = recorded.outputs.map { ($0.name, $0.value.shape, Array(plan.value(of: $0.value))) }
    parameters = store.values(ofState: nil)
    if recorded.loss == nil { return }
    plan.backward()
    plan.moveStates()
    states = store.values(ofState: true)
    gradients = store.specs.compactMap { spec in
      store.gradient(of: spec.name).map { (spec.name, Array($0.values)) }
    }
  }

  /// Every number in it.
  var numbers: [Float] {
    (outputs.map(\.values) + (parameters + gradients + states).map(\.values)).flatMap(\.self)
  }

  subscript(name: String) -> [Float] { outputs.first { $0.name == name }?.values ?? [] }
}

extension ParameterStore {
  /// The values of trainable parameters, of state, or (nil) of both, by name.
  fileprivate func values(ofState isState: Bool?) -> [(name: String, values: [Float])] {
    specs.filter { isState == nil || $0.isState == isState }
      .map { ($0.name, self[$0.name].map { Array($0.values) } ?? []) }
  }
}

extension Plan {
  /// Sets all scalars that follow a schedule to where it leads.
  func setScalars(of graph: Graph) {
    for scalar in graph.scalars { setScalar(scalar.name, Float(scalar.source.target.value)) }
  }

  /// Fills in labels, factors and what is drawn once for each example, where they are asked for.
  func annotate() {
    for input in inputNames where Batch.lot(ofInput: input) != nil {
      guard let memory = self.input(input) else { continue }
      for index in memory.indices { memory[index] = Float(index % 4) / 4 }
    }
    for input in [Batch.labelsInput, Batch.input(ofFactor: Probe.factor)] {
      guard let memory = self.input(input) else { continue }
      for index in memory.indices { memory[index] = Float(index % 3) }
    }
  }
}

extension Behaviour {
  /// Records a probe, and expects the same bytes when it is repeated and with three threads.
  ///
  /// - Returns: The probe, or nil if it cannot be built.
  mutating func probe(
    _ what: String, _ make: (Probe.Conditions) throws -> Probe
  ) -> Probe? {
    do {
      let first = try make(Probe.Conditions())
      record(first.numbers)
      record(try make(Probe.Conditions(mode: .evaluation)).numbers)
      if isBrief { return first }
      let numbers = first.numbers.map(\.bitPattern)
      let again = try make(Probe.Conditions())
      expect(again.numbers.map(\.bitPattern) == numbers, "\(what) does not repeat under one seed")
      let threads = try make(Probe.Conditions(threads: 3))
      expect(
        threads.numbers.map(\.bitPattern) == numbers, "\(what) depends on the number of threads")
      let recomputed = try make(Probe.Conditions(recomputes: true))
      expect(
        recomputed.numbers.map(\.bitPattern) == numbers,
        "\(what) depends on whether activations are computed again")
      for output in first.outputs { expectFinite(output.values, "\(what): \(output.name)") }
      for state in first.states { expectFinite(state.values, "\(what): \(state.name)") }
      for gradient in first.gradients {
        expectFinite(gradient.values, "\(what): the gradient of \(gradient.name)")
      }
      return first
    } catch {
      record("\(error)")
      return nil
    }
  }

  /// Expects gradients to be those of finite differences, for most of three directions.
  mutating func expectGradient(
    _ what: String, _ check: (_ seed: UInt64, _ epsilon: Float) throws -> GradientCheck
  ) {
    if isBrief { return }
    let checks = (1...3).compactMap { try? check($0, 0.003) }
    let wrong = checks.filter { !($0.relativeError < 0.01) }
    expect(
      wrong.count < 2, "\(what): the gradient is not that of finite differences: \(wrong)")
  }
}
