import ExptComponents
import ExptTensor
import ExptTesting

/// A model's parts, recorded and run on images, with parameters that a test chooses.
struct PriorProbe {
  static let image: Shape = [1, 4, 4]
  static let batch = 6
  static let classes = 3
  static let images = TestNumbers.uniform(batch * image.count, in: 0...1, seed: 31)

  /// The values that `record` asked for, in its order.
  let values: [[Float]]
  let store: ParameterStore

  /// - Parameters:
  ///   - extent: Of the training images' values.
  ///   - set: Changes parameters from their first values.
  init(
    _ model: any Model, mode: Mode = .evaluation, classes: Int? = nil,
    extent: ClosedRange<Float> = 0...1, images: [Float] = PriorProbe.images,
    labels: (Int) -> Int = { $0 % PriorProbe.classes }, isStep: Bool = false,
    set: (ParameterStore) -> Void = { _ in },
    _ record: (Batch, Scope) throws -> [Tensor]
  ) throws {
    let graph = Graph(mode: mode, parameters: ParameterSet())
    let facts = DataFacts(
      image: Self.image, classes: classes,
      examples: { count in
        (0..<count).flatMap { number in
          let first = number % PriorProbe.batch * PriorProbe.image.count
          return images[first..<first + PriorProbe.image.count]
        }
      }, extent: { extent }
    ) { Array(repeating: 0.4, count: PriorProbe.image.count) }
    let scope = Scope(graph, data: facts)
    let outputs = try record(Batch(Self.batch, in: scope), scope)
    store = ParameterStore(graph.parameters)
    store.initialise(seed: 7)
    set(store)
    let plan = Plan(
      graph, loss: isStep ? outputs[0] : nil, outputs: outputs, store: store, arena: Arena(),
      run: RunContext(pool: ThreadPool(threads: 1), seed: 7))
    _ = plan.input(Batch.examplesInput)?.update(fromContentsOf: images)
    if let memory = plan.input(Batch.labelsInput) {
      for row in memory.indices { memory[row] = Float(labels(row)) }
    }
    for scalar in graph.scalars { plan.setScalar(scalar.name, Float(scalar.source.target.value)) }
    plan.forward()
    values = outputs.map { Array(plan.value(of: $0)) }
    if isStep { plan.backward() }
  }
}

extension ParameterStore {
  func set(_ name: String, _ values: [Float]) {
    guard let parameter = self[name] else { preconditionFailure("there is no \(name)") }
    _ = parameter.values.update(fromContentsOf: values)
  }
}
