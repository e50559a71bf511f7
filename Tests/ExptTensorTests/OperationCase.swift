import ExptTensor
import ExptTesting
import Testing

/// An operation with what it should compute: a loop in Double, written apart from the kernels.
struct OperationCase: Sendable, CustomTestStringConvertible {
  let name: String
  /// The operands of a batch of b examples of d numbers each, or thereabouts.
  let inputs: @Sendable (_ b: Int, _ d: Int) -> [GradientInput]
  let build: @Sendable (Graph, [Tensor]) -> Tensor
  let expected: @Sendable (_ x: [[Double]], _ b: Int, _ d: Int) -> [Double]
  /// The largest error allowed, relative to the largest number of the result.
  var tolerance = 2e-6
  /// The step of finite differences, and the seed that keeps them off kinks.
  var epsilon: Float = 0.03
  var seed: UInt64 = 1
  var mode = Mode.training

  var testDescription: String { name }

  init(
    _ name: String, inputs: @escaping @Sendable (_ b: Int, _ d: Int) -> [GradientInput],
    expected: @escaping @Sendable (_ x: [[Double]], _ b: Int, _ d: Int) -> [Double],
    build: @escaping @Sendable (Graph, [Tensor]) -> Tensor
  ) {
    self.name = name
    self.inputs = inputs
    self.expected = expected
    self.build = build
  }

  /// A function of each element of one `[b, d]`.
  init(
    _ name: String, of range: ClosedRange<Float> = -3...3,
    _ build: @escaping @Sendable (Tensor) -> Tensor,
    expected: @escaping @Sendable (Double) -> Double
  ) {
    self.init(
      name, inputs: { b, d in [.uniform([b, d], range)] },
      expected: { x, _, _ in x[0].map(expected) }, build: { build($1[0]) })
  }

  func with(_ change: (inout OperationCase) -> Void) -> OperationCase {
    var copy = self
    change(&copy)
    return copy
  }

  /// Values for the operands of a batch of `b` examples.
  func values(_ b: Int, _ d: Int) -> [(shape: Shape, values: [Float])] {
    inputs(b, d).enumerated().map { index, input in
      let seed = seed + UInt64(index)
      let values =
        input.range.map { TestNumbers.uniform(input.shape.count, in: $0, seed: seed) }
        ?? TestNumbers.normal(input.shape.count, seed: seed)
      return (input.shape, values)
    }
  }

  /// The operation run on those values, each element of its result with its own weight.
  func run(
    _ values: [(shape: Shape, values: [Float])], threads: Int = 1,
    then: (Tensor, [Tensor]) -> Tensor = { result, _ in result }
  ) -> GraphRun {
    let graph = Graph(mode: mode, parameters: ParameterSet())
    let inputs = values.enumerated().map { graph.input("x\($0)", $1.shape) }
    let shape = build(graph, inputs).shape
    return GraphRun(
      values, weights: TestNumbers.normal(shape.count, seed: 99), mode: mode, threads: threads
    ) { graph, x in then(build(graph, x), x) }
  }
}

/// What every operation must do, as `Operations/README.md` lists them.
@Suite("Every operation", .serialized)
struct EveryOperationTests {
  static let cases =
    arithmeticCases + elementwiseCases + sumCases + arrangementCases + latentCases + lossCases
    + normCases + axisCases + rowCases + directionalCases + densityCases + mapCases

  @Test(arguments: cases)
  func `computes what a loop in Double does`(_ operation: OperationCase) {
    // Sums are cut after 128 rows, in rows after 1024 elements, and in all after 4096.
    for (b, d) in [(1, 1), (130, 35), (2, 1100)] {
      let values = operation.values(b, d)
      let seen = operation.run(values)
      let expected = operation.expected(values.map { $0.values.map(Double.init) }, b, d)
      #expect(seen.output.count == seen.outputShape.count)
      let error = largestError(seen.output, expected)
      #expect(error < operation.tolerance, "b \(b), d \(d)")
    }
  }

  @Test(arguments: cases)
  func `has the gradient that differences show, on every instruction set`(
    _ operation: OperationCase
  ) {
    withEachInstructionSet { instructionSet in
      let check = GradientCheck(
        operation.inputs(5, 19), mode: operation.mode, seed: operation.seed,
        epsilon: operation.epsilon
      ) { operation.build($0, $1) }
      #expect(check.gradient != 0)
      #expect(check.relativeError < 5e-3, "\(instructionSet): \(check)")
    }
  }

  @Test(arguments: cases)
  func `gives the same bytes on every instruction set and for any number of threads`(
    _ operation: OperationCase
  ) {
    let values = operation.values(41, 401)  // just enough for two tasks of the cheapest kernels
    let one = operation.run(values, threads: 1).bits
    withEachInstructionSet { instructionSet in
      let isSame = operation.run(values, threads: 2).bits == one
      #expect(isSame, "\(instructionSet)")
    }
    let isSame = operation.run(values, threads: 5).bits == one
    #expect(isSame)
  }

  @Test(arguments: cases)
  func `adds its gradient to one that is already there`(_ operation: OperationCase) {
    let values = operation.values(5, 19)
    let alone = operation.run(values)
    // The operands' sums, recorded later, pass their gradients on first: Σ weights to each element.
    let both = operation.run(values) { result, x in x.reduce(result) { $0 + $1.sum() } }
    let other = TestNumbers.normal(alone.output.count, seed: 99).reduce(0) { $0 + Double($1) }
    for (seen, gradient) in zip(both.inputGradients, alone.inputGradients) {
      #expect(largestError(seen, gradient.map { Double($0) + other }) < 1e-5)
    }
  }
}

extension GraphRun {
  /// The bits of the result and of all gradients.
  var bits: [[UInt32]] { ([output] + inputGradients).map { $0.map(\.bitPattern) } }
}
