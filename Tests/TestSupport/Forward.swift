public import ExptTensor

/// What a function recorded on a graph makes of given numbers, without gradients: for operations
/// that have none. (`GraphRun` of `ExptTesting` takes gradients too.)
public func forward(
  _ inputs: [(shape: Shape, values: [Float])], mode: Mode = .evaluation, threads: Int = 1,
  build: (Graph, [Tensor]) throws -> Tensor
) rethrows -> [Float] {
  let graph = Graph(mode: mode, parameters: ParameterSet())
  let tensors = inputs.enumerated().map { graph.input("input \($0)", $1.shape) }
  let result = try build(graph, tensors)
  let store = ParameterStore(graph.parameters)
  store.initialise(seed: 1)
  let plan = Plan(
    graph, outputs: [result], store: store, arena: Arena(),
    run: RunContext(pool: ThreadPool(threads: threads), seed: 1))
  for (index, input) in inputs.enumerated() {
    _ = plan.input("input \(index)")?.update(fromContentsOf: input.values)
  }
  plan.forward()
  return Array(plan.value(of: result))
}
