import ExptTensor

/// The speed that workloads are compared with: what a large matrix product reaches on the same
/// threads, at the same time.
final class Floor {
  private let plan: Plan
  private let side: Int
  private let clock = ContinuousClock()

  /// - Parameter side: 2,048 is large enough for packing to cost nothing, and takes a twentieth of a
  ///   second.
  init(pool: ThreadPool, side: Int = 2048) {
    self.side = side
    let parameters = ParameterSet()
    let graph = Graph(mode: .evaluation, parameters: parameters)
    let a = graph.input("a", [side, side])
    let product = matmul(a, graph.input("b", [side, side]))
    plan = Plan(
      graph, outputs: [product], store: ParameterStore(parameters), arena: Arena(),
      run: RunContext(pool: pool, seed: 0))
    for name in ["a", "b"] { plan.input(name)?.update(repeating: 0.5) }
    plan.forward()
  }

  /// GFLOP/s: the best of three products.
  func measure() -> Double {
    let seconds = (0..<3).map { _ in clock.measure { plan.forward() }.inSeconds }.min() ?? 1
    let side = Double(side)
    return 2 * side * side * side / seconds / 1e9
  }
}
