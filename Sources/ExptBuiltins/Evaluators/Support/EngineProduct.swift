import ExptTensor

/// Matrix products by the engine's kernels, for numbers outside a graph: the same bits for any number of
/// threads.
enum EngineProduct {
  /// `op(a)·op(b)`, row by row.
  ///
  /// - Parameters:
  ///   - a: `[m, k]`; transposed `[k, m]`.
  ///   - b: `[k, n]`; transposed `[n, k]`.
  static func of(
    _ a: [Float], _ b: [Float], _ m: Int, _ k: Int, _ n: Int, transposeA: Bool = false,
    transposeB: Bool = false, pool: ThreadPool?
  ) -> [Float] {
    let graph = Graph(mode: .evaluation, parameters: ParameterSet())
    let left = graph.input("a", transposeA ? [k, m] : [m, k])
    let right = graph.input("b", transposeB ? [n, k] : [k, n])
    let product = matmul(left, right, transposeA: transposeA, transposeB: transposeB)
    let plan = Plan(
      graph, outputs: [product], store: ParameterStore(graph.parameters), arena: Arena(),
      run: RunContext(pool: pool ?? ThreadPool(threads: 1), seed: 0))
    _ = plan.input("a")?.update(fromContentsOf: a)
    _ = plan.input("b")?.update(fromContentsOf: b)
    plan.forward()
    return Array(plan.value(of: product))
  }
}
