import ExptComponents
import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

/// A flow of some dimensions, made for three examples of which each has two rows.
struct FlowCase: CustomTestStringConvertible, Sendable {
  static let examples = 3
  static let rows = 6

  var testDescription: String
  var dimensions: Int
  var headWidth: Int
  var inverts: Bool
  var make: @Sendable (_ head: Tensor, Scope) throws -> [any FlowStep]

  static let all: [FlowCase] =
    [
      FlowCase(
        testDescription: "planar", dimensions: 4, headWidth: 27, inverts: false,
        make: { head, _ in
          (0..<3).map { PlanarStep(head: head.columns($0 * 9..<$0 * 9 + 9), dimensions: 4) }
        }),
      FlowCase(
        testDescription: "planar in one dimension", dimensions: 1, headWidth: 3, inverts: false,
        make: { head, _ in [PlanarStep(head: head, dimensions: 1)] }),
      FlowCase(
        testDescription: "radial", dimensions: 4, headWidth: 18, inverts: true,
        make: { head, _ in
          (0..<3).map { RadialStep(head: head.columns($0 * 6..<$0 * 6 + 6), dimensions: 4) }
        }),
      FlowCase(
        testDescription: "radial in one dimension", dimensions: 1, headWidth: 3, inverts: true,
        make: { head, _ in [RadialStep(head: head, dimensions: 1)] }),
    ]
    + [DimensionOrder.reversed, .shuffled].flatMap { order in
      [1, 2, 5].flatMap { dimensions in networks(dimensions, order) }
    }

  static func networks(_ dimensions: Int, _ order: DimensionOrder) -> [FlowCase] {
    func flow(
      _ name: String, inverts: Bool,
      _ make: @escaping @Sendable (FlowSettings, Tensor, Scope) throws -> [any FlowStep]
    ) -> FlowCase {
      FlowCase(
        testDescription: "\(name), \(order.rawValue), in \(dimensions) dimensions",
        dimensions: dimensions, headWidth: 3, inverts: inverts,
        make: { head, scope in
          var settings = FlowSettings()
          (settings.depth, settings.hidden, settings.order) = (3, [9, 7], order)
          return try make(settings, head, scope)
        })
    }
    return [
      flow("iaf", inverts: false) {
        try $0.inverseAutoregressive(dimensions: dimensions, forget: 1, context: $1, in: $2)
      },
      flow("maf", inverts: true) {
        try $0.maskedAutoregressive(dimensions: dimensions, limit: 1.5, context: $1, in: $2)
      },
      flow("realnvp", inverts: true) {
        try $0.coupling(dimensions: dimensions, limit: 1.5, context: $1, in: $2)
      },
    ]
  }

  /// Rows and heads, and what is recorded of the flow.
  func probe(
    spread: Float? = 0.5, head: [Float]? = nil,
    _ record: ([any FlowStep], _ x: Tensor, _ head: Tensor) -> [Tensor]
  ) throws -> ProbedGraph {
    try ProbedGraph(
      [
        ([Self.rows, dimensions], TestNumbers.normal(Self.rows * dimensions, seed: 3)),
        (
          [Self.examples, headWidth],
          head ?? TestNumbers.normal(Self.examples * headWidth, seed: 4)
        ),
      ], spread: spread
    ) { scope, x in record(try make(x[1], scope), x[0], x[1]) }
  }
}

private func forward(_ steps: [any FlowStep], _ x: Tensor) -> [Tensor] {
  steps.forward(x).map { [$0.rows, $0.logDeterminant] } ?? []
}

private func isClose(_ a: Double, _ b: Double, _ tolerance: Double = 1e-5) -> Bool {
  abs(a - b) <= tolerance * max(1, abs(b))
}

@Suite("A flow")
struct FlowTests {
  @Test(arguments: FlowCase.all)
  func `has the log determinant of its Jacobian`(_ flow: FlowCase) throws {
    let probe = try flow.probe { steps, x, _ in forward(steps, x) }
    let jacobians = probe.jacobians(of: 0, by: 0)
    let expected = jacobians.map { logAbsoluteDeterminant($0, flow.dimensions) }
    for (seen, expected) in zip(probe.outputs[1], expected) {
      #expect(isClose(Double(seen), expected), "\(seen) \(expected)")
    }
    // The oracle sees a wrong sign.
    #expect(zip(probe.outputs[1], expected).contains { !isClose(-Double($0), $1) })
  }

  @Test(arguments: FlowCase.all)
  func `comes back by its inverse, with the opposite log determinant`(_ flow: FlowCase) throws {
    var hasInverse = false
    let probe = try flow.probe { steps, x, _ in
      guard let end = steps.forward(x), let start = steps.inverse(end.rows) else { return [] }
      hasInverse = true
      return [start.rows, end.logDeterminant, start.logDeterminant]
    }
    #expect(hasInverse == flow.inverts)
    guard hasInverse else { return }
    let x = TestNumbers.normal(FlowCase.rows * flow.dimensions, seed: 3)
    for (seen, expected) in zip(probe.outputs[0], x) {
      #expect(isClose(Double(seen), Double(expected), 1e-4), "\(seen) \(expected)")
    }
    for (there, back) in zip(probe.outputs[1], probe.outputs[2]) {
      #expect(isClose(Double(back), -Double(there), 1e-4), "\(there) \(back)")
    }
  }

  @Test(arguments: FlowCase.all.filter { $0.headWidth > 3 })
  func `of a head of zeros is the identity`(_ flow: FlowCase) throws {
    let head = [Float](repeating: 0, count: FlowCase.examples * flow.headWidth)
    let probe = try flow.probe(head: head) { steps, x, _ in forward(steps, x) }
    let x = TestNumbers.normal(FlowCase.rows * flow.dimensions, seed: 3)
    #expect(zip(probe.outputs[0], x).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(probe.outputs[1].allSatisfy { abs($0) < 1e-6 })
  }

  @Test(arguments: FlowCase.networks(5, .reversed))
  func `of networks begins near the identity`(_ flow: FlowCase) throws {
    let probe = try flow.probe(spread: nil) { steps, x, _ in forward(steps, x) }
    // Three gates of σ(1).
    let kept: Float = flow.testDescription.hasPrefix("iaf") ? 0.39085 : 1
    let x = TestNumbers.normal(FlowCase.rows * flow.dimensions, seed: 3)
    #expect(zip(probe.outputs[0], x).allSatisfy { abs($0 - kept * $1) < 0.1 })
    #expect(probe.outputs[0] != x)
  }

  @Test(arguments: FlowCase.all)
  func `has the gradients of finite differences`(_ flow: FlowCase) throws {
    let check = try GradientCheck(
      [.normal([FlowCase.rows, flow.dimensions]), .normal([FlowCase.examples, flow.headWidth])],
      epsilon: 0.003
    ) { graph, x in
      let scope = Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] })
      guard let end = try flow.make(x[1], scope).forward(x[0]) else { return x[0] }
      return concatenate(end.rows, end.logDeterminant.reshaped([FlowCase.rows, 1]))
    }
    #expect(check.gradient != 0 && check.relativeError < 5e-3, "\(check)")
  }
}

@Suite("The distribution of a flow")
struct FlowDistributionTests {
  private func base(_ head: Tensor, _ flow: FlowCase) -> DiagonalGaussian {
    let mean = head.columns(0..<1)
    let wide = concatenate(mean, Array(repeating: mean, count: flow.dimensions - 1))
    return DiagonalGaussian(mean: wide, logVariance: wide * 0.5)
  }

  @Test(arguments: FlowCase.all.filter(\.inverts))
  func `gives draws the density of their values`(_ flow: FlowCase) throws {
    let probe = try ProbedGraph([
      (
        [FlowCase.examples, flow.headWidth],
        TestNumbers.normal(FlowCase.examples * flow.headWidth, seed: 4)
      )
    ]) { scope, x in
      let q = base(x[0], flow).through(try flow.make(x[0], scope))
      let draw = q.draw(4, batch: FlowCase.examples, in: scope)
      return [draw.logDensity, q.logDensity(draw.values)].compactMap(\.self)
    }
    try #require(probe.outputs.count == 2)
    for (own, again) in zip(probe.outputs[0], probe.outputs[1]) {
      #expect(isClose(Double(own), Double(again), 1e-4), "\(own) \(again)")
    }
  }

  @Test(arguments: FlowCase.all)
  func `tells the image of the base's mean, and how it is stretched there`(_ flow: FlowCase) throws
  {
    let probe = try ProbedGraph([
      (
        [FlowCase.examples, flow.headWidth],
        TestNumbers.normal(FlowCase.examples * flow.headWidth, seed: 4)
      )
    ]) { scope, x in
      let (gaussian, steps) = (base(x[0], flow), try flow.make(x[0], scope))
      let q = gaussian.through(steps)
      #expect(q.parameters.map(\.name) == ["log_variance", "log_determinant"])
      #expect(q.parameters.map(\.value.shape[0]) == [3, 3])
      guard let mean = q.expectation, let told = q.parameters.last?.value else { return [] }
      return [mean, told] + forward(steps, gaussian.mean)
    }
    try #require(probe.outputs.count == 4)
    #expect(probe.outputs[0] == probe.outputs[2])
    #expect(probe.outputs[1] == probe.outputs[3])
  }

  @Test func `is unknown for values drawn elsewhere where a step does not invert`() throws {
    for flow in FlowCase.all {
      _ = try flow.probe { steps, x, _ in
        let q = StandardNormal(.vector(flow.dimensions)).through(steps)
        #expect((q.logDensity(x) == nil) == !flow.inverts)
        return [x]
      }
    }
  }

  /// Σ p(z) over a grid of cells.
  @Test(arguments: FlowCase.all.filter { $0.inverts && $0.dimensions <= 2 })
  func `integrates to 1`(_ flow: FlowCase) throws {
    let (side, width) = (flow.dimensions == 1 ? 24_000 : 480, 24.0)
    let cell = width / Double(side)
    func place(_ index: Int) -> Float { Float((Double(index) + 0.5) * cell - width / 2) }
    let grid: [Float] =
      flow.dimensions == 1
      ? (0..<side).map(place)
      : (0..<side * side).flatMap { [place($0 / side), place($0 % side)] }
    let head = TestNumbers.normal(flow.headWidth, seed: 6)
    let count = grid.count / flow.dimensions
    let probe = try ProbedGraph(
      [([count, flow.dimensions], grid), ([1, flow.headWidth], head)], spread: 0.3,
      mode: .evaluation
    ) { scope, x in
      let p = StandardNormal(.vector(flow.dimensions)).through(try flow.make(x[1], scope))
      return [p.logDensity(x[0])].compactMap(\.self)
    }
    let sum = probe.outputs[0].reduce(0) { $0 + exp(Double($1)) }
    #expect(abs(sum * pow(cell, Double(flow.dimensions)) - 1) < 2e-3, "\(sum)")
  }
}

/// `concatenate` of a list.
private func concatenate(_ first: Tensor, _ others: [Tensor]) -> Tensor {
  others.reduce(first) { ExptTensor.concatenate($0, $1) }
}
