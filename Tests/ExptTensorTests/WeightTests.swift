import ExptTensor
import ExptTesting
import Testing

@Suite("First values of weights")
struct WeightInitialiserTests {
  /// The weight of a layer `[rows, columns]`, and its bias.
  private func weight(
    _ initialiser: WeightInitialiser, _ rows: Int, _ columns: Int, threads: Int = 1
  ) throws -> (weight: [Float], bias: [Float]) {
    let graph = Graph(mode: .training, parameters: ParameterSet())
    _ = try linear(
      graph.input("x", [1, columns]), to: rows, weights: WeightOptions(initialiser: initialiser),
      in: .net(graph))
    let store = ParameterStore(graph.parameters)
    store.initialise(seed: 3, pool: ThreadPool(threads: threads))
    return (
      try Array(#require(store["net.weight"]).values), try Array(#require(store["net.bias"]).values)
    )
  }

  private func moments(_ values: [Float]) -> (mean: Double, variance: Double, fourth: Double) {
    let x = values.map(Double.init)
    let count = Double(x.count)
    let mean = x.reduce(0, +) / count
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let fourth = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) * ($1 - mean) * ($1 - mean) } / count
    return (mean, variance, fourth / (variance * variance))
  }

  /// 120,000 numbers: the error of a variance is some 0.5 %. Kurtosis is 3 of normal numbers, 1.8 of
  /// uniform ones.
  @Test func `he_normal and glorot_uniform have the moments of their papers`() throws {
    let he = try weight(.heNormal, 300, 400)
    let normal = moments(he.weight)
    #expect(abs(normal.mean) < 1e-3)
    #expect(abs(normal.variance / (2.0 / 400) - 1) < 0.02)
    #expect(abs(normal.fourth - 3) < 0.1)
    let glorot = try weight(.glorotUniform, 300, 400)
    let uniform = moments(glorot.weight)
    #expect(abs(uniform.mean) < 1e-3)
    #expect(abs(uniform.variance / (2.0 / 700) - 1) < 0.02)
    #expect(abs(uniform.fourth - 1.8) < 0.05)
    #expect((glorot.weight.map(abs).max() ?? 1) <= (6.0 / 700).squareRoot())
    for bias in [he.bias, glorot.bias] { #expect(bias.allSatisfy { $0 == 0 }) }
    #expect(try weight(.zeros, 30, 40).weight.allSatisfy { $0 == 0 })
    #expect(try weight(.fanInUniform, 30, 40).bias.contains { $0 != 0 })
  }

  /// The fan-in of a convolution counts its kernel.
  @Test func `of a convolution count its kernel`() throws {
    let run = try GraphRun([([1, 16, 3, 3], TestNumbers.normal(144))]) { graph, x in
      try conv2d(
        x[0], channels: 64, kernel: 3, weights: WeightOptions(initialiser: .heNormal),
        in: .net(graph))
    }
    let values = try Array(#require(run.parameters["net.weight"]).values)
    #expect(abs(moments(values).variance / (2.0 / 144) - 1) < 0.05)
  }

  @Test(arguments: [(70, 300), (300, 70), (64, 64), (1, 9), (9, 1)])
  func `orthogonal rows, or columns, are orthonormal`(rows: Int, columns: Int) throws {
    let values = try weight(.orthogonal, rows, columns).weight
    let again = try weight(.orthogonal, rows, columns, threads: 3).weight
    #expect(again == values)
    let (count, length) = (min(rows, columns), max(rows, columns))
    func vector(_ number: Int) -> [Double] {
      (0..<length).map {
        Double(rows <= columns ? values[number * columns + $0] : values[$0 * columns + number])
      }
    }
    let vectors = (0..<count).map(vector)
    var worst = 0.0
    for (i, a) in vectors.enumerated() {
      for (j, b) in vectors.enumerated() {
        let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        worst = max(worst, abs(product - (i == j ? 1 : 0)))
      }
    }
    #expect(worst < 1e-6, "\(worst)")
  }
}

@Suite("The spectral norm")
struct SpectralNormTests {
  /// A layer's weight as it multiplies, in training and, from the same parameters, in evaluation.
  private final class Weight {
    let training: (graph: Graph, value: Tensor, plan: Plan)
    let evaluation: (graph: Graph, value: Tensor, plan: Plan)
    let store: ParameterStore

    init(_ shape: Shape, outputs axis: Int) {
      let parameters = ParameterSet()
      func record(_ mode: Mode) -> (Graph, Tensor) {
        let graph = Graph(mode: mode, parameters: parameters)
        let weight = graph.parameter("net.weight", shape, .normal(deviation: 1))
        return (graph, spectrallyNormalised(weight, outputs: axis, in: .net(graph)))
      }
      let (first, value) = record(.training)
      let (second, other) = record(.evaluation)
      store = ParameterStore(parameters)
      store.initialise(seed: 5)
      let arena = Arena()
      let run = RunContext(pool: ThreadPool(threads: 1), seed: 1)
      training = (
        first, value,
        Plan(first, loss: value.sum(), outputs: [value], store: store, arena: arena, run: run)
      )
      evaluation = (
        second, other, Plan(second, outputs: [other], store: store, arena: arena, run: run)
      )
    }

    func step() {
      training.plan.forward()
      training.plan.moveStates()
    }

    var vector: [Float] { store["net.weight_u"].map { Array($0.values) } ?? [] }

    var evaluated: [Float] {
      evaluation.plan.forward()
      evaluation.plan.moveStates()
      return Array(evaluation.plan.value(of: evaluation.value))
    }
  }

  /// The largest singular value by two hundred power iterations in Double, of M `[rows, columns]`.
  private func largestSingularValue(_ m: [Double], rows: Int, columns: Int) -> Double {
    var v = (0..<columns).map { 1 + Double($0 % 7) / 10 }
    var size = 0.0
    for _ in 0..<2000 {
      let u = (0..<rows).map { row in
        (0..<columns).reduce(0) { $0 + m[row * columns + $1] * v[$1] }
      }
      v = (0..<columns).map { column in
        (0..<rows).reduce(0) { $0 + m[$1 * columns + column] * u[$1] }
      }
      size = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      v = v.map { $0 / size }
    }
    return size.squareRoot()
  }

  @Test(arguments: [([7, 12], 0), ([6, 3, 3, 3], 0), ([4, 6, 3, 3], 1)] as [(Shape, Int)])
  func `of a weight becomes 1, and stays as it is in evaluation`(shape: Shape, axis: Int) throws {
    let weight = Weight(shape, outputs: axis)
    for _ in 0..<400 { weight.step() }
    let before = weight.vector
    let values = weight.evaluated.map(Double.init)
    #expect(weight.vector == before && !before.isEmpty, "u moved in evaluation")
    #expect(weight.evaluation.graph.moves.isEmpty)
    let rows = shape[axis]
    let columns = shape.count / rows
    let inner = shape.count(from: 2)
    let matrix = (0..<shape.count).map { at -> Double in
      let (row, column) = (at / columns, at % columns)
      // Of [in, out, …]: row is out, and a column runs over in and the kernel.
      return axis == 0 ? values[at] : values[(column / inner * rows + row) * inner + column % inner]
    }
    #expect(abs(largestSingularValue(matrix, rows: rows, columns: columns) - 1) < 1e-5)
    // The wrong version, whose vector goes on in evaluation, would not be told from a right one here:
    // it has converged. So from the start, where one more step shows.
    let fresh = Weight(shape, outputs: axis)
    fresh.step()
    let (first, again) = (fresh.evaluated, fresh.evaluated)
    #expect(first == again)
    fresh.step()
    #expect(fresh.evaluated != first)
  }

  @Test func `has the gradient that differences show`() throws {
    for (shape, axis) in [([5, 9], 0), ([3, 5, 2, 2], 1)] as [(Shape, Int)] {
      let check = GradientCheck([.normal(shape)]) { graph, x in
        spectrallyNormalised(x[0], outputs: axis, in: .net(graph))
      }
      // u and v are held, as they are to the gradient.
      #expect(check.relativeError < 5e-3, "\(check)")
    }
  }
}

@Suite("The average of weights")
struct WeightAverageTests {
  private func store() -> ParameterStore {
    let graph = Graph(mode: .training, parameters: ParameterSet())
    _ = graph.parameter("weight", [5, 7], .normal(deviation: 1))
    _ = graph.parameter("mean", [9], .zeros, isState: true)
    let store = ParameterStore(graph.parameters)
    store.initialise(seed: 1)
    return store
  }

  private func fill(_ store: ParameterStore, _ step: Int) {
    for (name, buffer) in ["weight", "mean"].compactMap({ name in store[name].map { (name, $0) } })
    {
      let values = TestNumbers.normal(buffer.count, seed: UInt64(step * 10 + name.count))
      _ = buffer.values.update(fromContentsOf: values)
    }
  }

  /// Σ (1 − d)·d^(t−i)·θ_i / (1 − dᵗ). Two known wrong versions: the average that starts at 0 without a
  /// correction, and the one that starts at the first weights.
  @Test(arguments: [0, 0.5, 0.9, 0.999])
  func `is the sum of all weights with falling shares, which add up to 1`(decay: Double) throws {
    let pool = ThreadPool(threads: 2)
    let store = store()
    let average = WeightAverage(of: store, decay: decay)
    var seen: [[Double]] = [
      ["weight", "mean"].flatMap { store[$0].map { Array($0.values) } ?? [] }.map(Double.init)
    ]
    for step in 1...20 {
      fill(store, step)
      average.follow(count: step, pool: pool)
      seen.append(
        ["weight", "mean"].flatMap { store[$0].map { Array($0.values) } ?? [] }.map(Double.init))
    }
    var expected = [Double](repeating: 0, count: seen[0].count)
    var uncorrected = expected
    var fromFirst = seen[0]
    var total = 0.0
    for step in 1...20 {
      var share = 1 - decay
      for _ in step..<20 { share *= decay }
      total += share
      for index in expected.indices {
        expected[index] += share * seen[step][index]
        uncorrected[index] += share * seen[step][index]
        fromFirst[index] = decay * fromFirst[index] + (1 - decay) * seen[step][index]
      }
    }
    for index in expected.indices { expected[index] /= total }
    let result = ["weight", "mean"].flatMap { average[$0].map(Array.init) ?? [] }
    #expect(largestError(result, expected) < 1e-6)
    if decay == 0 { #expect(result.map(Double.init) == seen[20]) }
    if decay == 0.999 {
      #expect(largestError(result, uncorrected) > 0.1)
      #expect(largestError(result, fromFirst) > 0.1)
    }
    // Exchanged and exchanged back.
    average.exchange(pool: pool)
    #expect(try Array(#require(store["weight"]).values) == Array(result.prefix(35)))
    #expect(try #require(average["mean"]).map(Double.init) == Array(seen[20].suffix(9)))
    average.exchange(pool: pool)
    #expect(try #require(store["weight"]).values.map(Double.init) == Array(seen[20].prefix(35)))
  }
}
