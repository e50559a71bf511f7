import ExptComponents
import ExptTensor
import ExptTesting

/// A model's loss on a fixed batch with fixed noise, as numbers: every term, every gradient, and the noise.
struct ObjectiveProbe {
  struct Array: Codable {
    var shape: [Int]
    var values: [Float]
  }

  /// By name: total, reconstruction, kl, the model's own columns, and its opponents' losses.
  let terms: [String: Double]
  /// Of the loss and its opponents' together, by parameter.
  let gradients: [String: [Float]]
  let images: Array
  /// What is trained, by name.
  let parameters: [String: Array]
  /// What the closure asked for, and state.
  let noise: [String: Array]
  /// State after the step.
  let moved: [String: [Float]]

  /// - Parameters:
  ///   - images: `[batch] + image`.
  ///   - scale: All parameters are multiplied by it, so that posteriors differ from the prior.
  ///   - noise: Tensors to read, recorded after the loss: noise of a stream is the same wherever it is
  ///     asked for.
  ///   - prepare: Changes the parameters.
  init(
    _ model: any Model, images: [Float], image: Shape, trainingCount: Int? = nil, scale: Float = 2,
    mode: Mode = .training, position: UInt64 = 0,
    noise asked: (Graph) -> [(name: String, value: Tensor)] = { _ in [] },
    prepare: (ParameterStore) -> Void = { _ in }
  ) throws {
    let graph = Graph(mode: mode, parameters: ParameterSet())
    let count = images.count / image.count
    var facts = DataFacts(image: image) { Swift.Array(repeating: 0.4, count: image.count) }
    facts.trainingCount = trainingCount
    let scope = Scope(graph, data: facts)
    let terms = try model.loss(Batch(count, in: scope), in: LossPass(scope: scope))
    let asked = asked(graph)
    let objective = terms.opponents.reduce(terms.total) { $0 + $1.value }
    var named = [("total", terms.total), ("reconstruction", terms.reconstruction)]
    if let kl = terms.kl { named.append(("kl", kl)) }
    named += terms.extra.map { ($0.name, $0.value) }
    named += terms.opponents.map { ($0.name, $0.value) }

    let store = ParameterStore(graph.parameters)
    store.initialise(seed: 1)
    for spec in store.specs where !spec.isState {
      guard let values = store[spec.name]?.values else { continue }
      for index in values.indices { values[index] *= scale }
    }
    prepare(store)
    let run = RunContext(pool: ThreadPool(threads: 1), seed: 1)
    run.position = position
    let plan = Plan(
      graph, loss: objective, outputs: named.map(\.1) + asked.map(\.value), store: store,
      arena: Arena(), run: run)
    _ = plan.input(Batch.examplesInput)?.update(fromContentsOf: images)
    for scalar in graph.scalars { plan.setScalar(scalar.name, Float(scalar.source.target.value)) }
    func array(_ spec: ParameterSpec) -> Array {
      Array(shape: spec.shape.dimensions, values: store[spec.name].map { [Float]($0.values) } ?? [])
    }
    let states = store.specs.filter(\.isState).map { ($0.name, array($0)) }
    parameters = Dictionary(
      uniqueKeysWithValues: store.specs.filter { !$0.isState }.map { ($0.name, array($0)) })
    plan.forward()
    self.terms = Dictionary(
      uniqueKeysWithValues: named.map { ($0.0, Double(plan.value(of: $0.1)[0])) })
    let drawn = asked.map {
      ($0.name, Array(shape: $0.value.shape.dimensions, values: [Float](plan.value(of: $0.value))))
    }
    noise = Dictionary(uniqueKeysWithValues: drawn + states)
    plan.backward()
    gradients = Dictionary(
      uniqueKeysWithValues: store.specs.compactMap { spec in
        store.gradient(of: spec.name).map { (spec.name, [Float]($0.values)) }
      })
    plan.moveStates()
    moved = Dictionary(
      uniqueKeysWithValues: store.specs.filter(\.isState).map { ($0.name, array($0).values) })
    self.images = Array(shape: [count, image.count], values: images)
  }

  subscript(term: String) -> Double { terms[term] ?? .nan }

  /// Those of some parts of the model, one after another.
  func gradient(of parts: String...) -> [Float] {
    gradients.keys.sorted().filter { name in parts.contains { name.hasPrefix($0 + ".") } }
      .flatMap { gradients[$0] ?? [] }
  }
}
