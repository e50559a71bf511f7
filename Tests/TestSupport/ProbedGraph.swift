public import ExptTensor
import Foundation

/// Functions recorded on a graph, with parameters far from where they begin, and their gradients.
///
///     let probe = try ProbedGraph([([6, 4], x)]) { scope, x in [network(x[0])] }
///     probe.outputs[0]
///     probe.gradients(of: 0, weights: w).inputs[0]       // of Σ w·output
public final class ProbedGraph {
  /// The values of what was recorded, in its order.
  public let outputs: [[Float]]
  /// The parameters as they were drawn.
  public let parameters: [(name: String, shape: [Int], values: [Float])]
  private let plan: Plan
  private let store: ParameterStore
  private let tensors: [Tensor]
  private let weights: [String]

  /// - Parameters:
  ///   - spread: All parameters are drawn from N(0, spread²); nil: as they begin.
  ///   - scalars: Numbers of the graph that nobody else sets, such as `beta`.
  public init(
    _ inputs: [(shape: Shape, values: [Float])], spread: Float? = 0.5, mode: Mode = .training,
    seed: UInt64 = 1, scalars: [String: Float] = [:], record: (Scope, [Tensor]) throws -> [Tensor]
  ) rethrows {
    let graph = Graph(mode: mode, parameters: ParameterSet())
    tensors = inputs.enumerated().map { index, input in
      graph.input("input \(index)", input.shape, wantsGradient: true)
    }
    let recorded = try record(Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] }), tensors)
    weights = recorded.indices.map { "weights \($0)" }
    var loss = graph.constant(0)
    for (output, name) in zip(recorded, weights) {
      loss = loss + (output * graph.input(name, output.shape)).sum()
    }
    store = ParameterStore(graph.parameters)
    store.initialise(seed: seed)
    if let spread {
      Random.fillNormal(store.values, seed: seed, stream: Random.stream("probe"))
      for index in store.values.indices { store.values[index] *= spread }
    }
    plan = Plan(
      graph, loss: loss, outputs: recorded, store: store, arena: Arena(),
      run: RunContext(pool: ThreadPool(threads: 1), seed: seed))
    for (index, input) in inputs.enumerated() {
      _ = plan.input("input \(index)")?.update(fromContentsOf: input.values)
    }
    for name in weights { plan.input(name)?.update(repeating: 0) }
    for (name, value) in scalars { plan.setScalar(name, value) }
    plan.forward()
    outputs = recorded.map { [plan] in Array(plan.value(of: $0)) }
    parameters = store.specs.map { [store] spec in
      (spec.name, spec.shape.dimensions, store[spec.name].map { Array($0.values) } ?? [])
    }
  }

  /// The gradients of Σ weights·output, or of such sums of several outputs together.
  public func gradients(of outputs: [Int: [Float]]) -> (
    inputs: [[Float]], parameters: [String: [Float]]
  ) {
    for (index, name) in weights.enumerated() {
      guard let memory = plan.input(name) else { continue }
      memory.update(repeating: 0)
      if let values = outputs[index] { _ = memory.update(fromContentsOf: values) }
    }
    plan.forward()
    plan.backward()
    let byParameters = store.specs.map { spec in
      (spec.name, store.gradient(of: spec.name).map { Array($0.values) } ?? [])
    }
    return (
      tensors.map { tensor in
        plan.gradient(of: tensor).map(Array.init)
          ?? Array(repeating: 0, count: tensor.shape.count)
      },
      Dictionary(uniqueKeysWithValues: byParameters)
    )
  }

  /// ∂output/∂input of each row, `[d, d]` row by row: both are `[n, d]`, and rows do not depend on each
  /// other.
  public func jacobians(of output: Int, by input: Int) -> [[Double]] {
    let (n, d) = (tensors[input].shape[0], tensors[input].shape[1])
    var rows = [[Double]](repeating: [], count: n)
    for dimension in 0..<d {
      var weights = [Float](repeating: 0, count: n * d)
      for row in 0..<n { weights[row * d + dimension] = 1 }
      let gradient = gradients(of: [output: weights]).inputs[input]
      for row in 0..<n { rows[row] += gradient[row * d..<(row + 1) * d].map(Double.init) }
    }
    return rows
  }
}

/// log |det| of a matrix, `[d, d]` row by row, by Gaussian elimination with pivots.
public func logAbsoluteDeterminant(_ matrix: [Double], _ d: Int) -> Double {
  var m = matrix
  var determinant = 1.0
  for column in 0..<d {
    let pivot = (column..<d).max { abs(m[$0 * d + column]) < abs(m[$1 * d + column]) } ?? column
    for place in 0..<d { m.swapAt(column * d + place, pivot * d + place) }
    determinant *= m[column * d + column]
    for row in column + 1..<max(column + 1, d) {
      let factor = m[row * d + column] / m[column * d + column]
      for place in 0..<d { m[row * d + place] -= factor * m[column * d + place] }
    }
  }
  return log(abs(determinant))
}
