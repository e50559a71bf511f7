import ExptComponents
import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

/// Where dimension i depends on j though the order does not allow it.
private func leaks(_ jacobian: [Double], _ ranks: [Int], isStrict: Bool = false) -> Int {
  let d = ranks.count
  return (0..<d * d).count { place in
    let (i, j) = (ranks[place / d], ranks[place % d])
    return (isStrict ? j >= i : j > i) && abs(jacobian[place]) > 1e-12
  }
}

@Suite("An autoregressive network")
struct AutoregressiveMaskTests {
  private let d = 5

  private func jacobians(
    _ ranks: [Int], context: Bool = false, _ record: (MaskedNetwork, Tensor) -> Tensor
  ) throws -> [[Double]] {
    let x = TestNumbers.normal(2 * d, seed: 7)
    return try ProbedGraph([([2, d], x), ([1, 3], [1, 2, 3])]) { scope, x in
      let network = try MaskedNetwork.made(
        ranks: ranks, parts: 2, hidden: [12, 11], activation: .tanh,
        context: context ? x[1] : nil, in: scope)
      return [record(network, x[0])]
    }.jacobians(of: 0, by: 0)
  }

  @Test(arguments: [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]], [true, false])
  func `sees exactly the dimensions before its own`(_ ranks: [Int], _ context: Bool) throws {
    for part in 0..<2 {
      for jacobian in try jacobians(
        ranks, context: context, { $0($1).columns(part * d..<(part + 1) * d) })
      {
        #expect(leaks(jacobian, ranks, isStrict: true) == 0)
        #expect(jacobian.count { $0 != 0 } == d * (d - 1) / 2, "a dependence is lost")
      }
    }
  }

  /// The same network in Double with masks that may be wrong, and its Jacobian by differences.
  private func wrong(inputs: [Int], outputs: [Int], isStrict: Bool) -> [Double] {
    let hidden = 12
    let weights = TestNumbers.normal(2 * d * hidden, seed: 8).map(Double.init)
    let degrees = (0..<hidden).map { 1 + $0 % (d - 1) }
    func value(_ x: [Double]) -> [Double] {
      var h = [Double](repeating: 0, count: hidden)
      for unit in 0..<hidden {
        for i in 0..<d where isStrict ? inputs[i] < degrees[unit] : inputs[i] <= degrees[unit] {
          h[unit] += weights[unit * d + i] * x[i]
        }
        h[unit] = tanh(h[unit])
      }
      var y = [Double](repeating: 0, count: d)
      for i in 0..<d {
        for unit in 0..<hidden where degrees[unit] <= outputs[i] {
          y[i] += weights[(d + i) * hidden + unit] * h[unit]
        }
      }
      return y
    }
    let x = TestNumbers.normal(d, seed: 9).map(Double.init)
    var jacobian = [Double](repeating: 0, count: d * d)
    for j in 0..<d {
      var (ahead, behind) = (x, x)
      ahead[j] += 1e-4
      behind[j] -= 1e-4
      for (i, (a, b)) in zip(value(ahead), value(behind)).enumerated() {
        jacobian[i * d + j] = (a - b) / 2e-4
      }
    }
    return jacobian
  }

  @Test func `is told from one with a diagonal leak, and from one reversed by half`() {
    let (ranks, back) = ([0, 1, 2, 3, 4], [4, 3, 2, 1, 0])
    #expect(leaks(wrong(inputs: ranks, outputs: ranks, isStrict: true), ranks, isStrict: true) == 0)
    #expect(leaks(wrong(inputs: ranks, outputs: ranks, isStrict: false), ranks, isStrict: true) > 0)
    // The order of the inputs reversed, that of the outputs not.
    let half = wrong(inputs: back, outputs: ranks, isStrict: true)
    #expect(leaks(half, ranks, isStrict: true) > 0 && leaks(half, back, isStrict: true) > 0)
  }

  @Test(arguments: [true, false])
  func `makes each step triangular, in opposite orders, and two steps not`(_ isIAF: Bool) throws {
    func jacobians(_ steps: Range<Int>) throws -> [[Double]] {
      try ProbedGraph([([2, d], TestNumbers.normal(2 * d, seed: 7))]) { scope, x in
        var settings = FlowSettings()
        (settings.depth, settings.hidden) = (2, [12])
        let all =
          isIAF
          ? try settings.inverseAutoregressive(
            dimensions: d, forget: 1, context: nil, in: scope)
          : try settings.maskedAutoregressive(dimensions: d, limit: 2, context: nil, in: scope)
        return [Array(all[steps]).forward(x[0])?.rows].compactMap(\.self)
      }.jacobians(of: 0, by: 0)
    }
    let (ranks, back) = ([0, 1, 2, 3, 4], [4, 3, 2, 1, 0])
    for jacobian in try jacobians(0..<1) {
      #expect(leaks(jacobian, ranks) == 0 && leaks(jacobian, back) > 0)
    }
    for jacobian in try jacobians(1..<2) {
      #expect(leaks(jacobian, back) == 0 && leaks(jacobian, ranks) > 0)
    }
    for jacobian in try jacobians(0..<2) {
      #expect(leaks(jacobian, ranks) > 0 && leaks(jacobian, back) > 0)
    }
  }

  @Test func `orders are permutations, and the shuffled ones differ from step to step`() {
    for order in DimensionOrder.allCases {
      for step in 0..<4 {
        #expect(order.ranks(step: step, dimensions: 9).sorted() == Array(0..<9))
      }
    }
    let shuffled = (0..<4).map { DimensionOrder.shuffled.ranks(step: $0, dimensions: 9) }
    #expect(Set(shuffled).count == 4)
  }
}

@Suite("The numbers of a flow's step")
struct FlowStepNumberTests {
  /// One row at `x` through a planar step with these u, w, b.
  private func planar(_ x: [Float], u: [Float], w: [Float], b: Float) -> [[Float]] {
    ProbedGraph([([1, x.count], x), ([1, 2 * x.count + 1], u + w + [b])]) { _, t in
      let end = PlanarStep(head: t[1], dimensions: x.count).forward(t[0])
      return [end.rows, end.logDeterminant]
    }.outputs
  }

  @Test func `a planar step is invertible whatever the head says`() {
    // w·u = −6 as it stands: 1 + h′·w·u = −5 on the plane itself, and no map.
    let (u, w): ([Float], [Float]) = ([-3, 0], [2, 0])
    let ends = stride(from: Float(-2), through: 2, by: 0.05).map {
      planar([$0, 0.5], u: u, w: w, b: 0)[0][0]
    }
    #expect(zip(ends, ends.dropFirst()).allSatisfy { $0 < $1 })
    let raw = stride(from: Float(-2), through: 2, by: 0.05).map { $0 + u[0] * tanh(w[0] * $0) }
    #expect(!zip(raw, raw.dropFirst()).allSatisfy { $0 < $1 }, "the uncorrected u does no harm")
    // s = log (1 + (e − 1)·e⁻⁶) on the plane.
    let determinant = planar([0, 0.5], u: u, w: w, b: 0)[1][0]
    #expect(isNear(determinant, log(log1p((M_E - 1) * exp(-6)))))
    for size: Float in [1e-20, 1e-3, 10, 1e4] {
      for sign: Float in [-1, 1] {
        let seen = planar([0.3, -0.2], u: [sign * size, 1], w: [size, 0], b: 0.1)
        #expect(areFinite(seen), "\(size) \(sign): \(seen)")
      }
    }
  }

  @Test func `a planar step stays near the identity where w is small`() {
    let seen = planar([0.3, -0.2], u: [0, 0], w: [1e-3, 0], b: 2)[0]
    #expect(abs(seen[0] - 0.3) < 1e-6)
    // As published, û = (log 2 − 1)·w / |w|²: a leap of −307·tanh 2.
    let published = 0.3 + (log(2) - 1) / 1e-3 * tanh(2 + 0.3e-3)
    #expect(published < -290)
  }

  @Test func `a radial step is invertible whatever the head says`() {
    func radial(_ x: [Float], _ a: Float, _ b: Float) -> [[Float]] {
      ProbedGraph([([1, 2], x), ([1, 4], [0.1, 0, a, b])]) { _, t in
        let end = RadialStep(head: t[1], dimensions: 2).forward(t[0])
        return [end.rows, end.logDeterminant]
      }.outputs
    }
    for a: Float in [-20, 0, 5] {
      for b: Float in [-50, -1, 3, 50] {
        let ends = stride(from: Float(0.2), through: 4, by: 0.1).map { radial([$0, 0], a, b) }
        #expect(areFinite(ends.flatMap(\.self)))
        #expect(
          zip(ends, ends.dropFirst()).allSatisfy { $0[0][0] <= $1[0][0] + 1e-6 }, "\(a) \(b)")
      }
    }
  }

  /// log σ(s) of a gate that is shut is s; the logarithm of a rounded σ(s) is −∞.
  @Test func `the gate of an inverse autoregressive step does not underflow`() throws {
    func logGate(_ record: (FlowValues) -> Tensor) throws -> ProbedGraph {
      try ProbedGraph([([1, 1], [0.7])], spread: 0) { scope, x in
        let network = try MaskedNetwork.made(
          ranks: [0], parts: 2, hidden: [], activation: .none, in: scope)
        return [record(InverseAutoregressiveStep(network, forget: -120).forward(x[0]))]
      }
    }
    let right = try logGate(\.logDeterminant)
    #expect(right.outputs[0] == [-120])
    #expect(right.gradients(of: [0: [1]]).inputs[0][0].isFinite)
    let wrong = try logGate { log(sigmoid($0.rows * 0 - 120)) }
    #expect(wrong.outputs[0][0] == -.infinity)
  }

  private func areFinite(_ numbers: [[Float]]) -> Bool {
    numbers.allSatisfy { $0.allSatisfy(\.isFinite) }
  }

  private func isNear(_ seen: Float, _ expected: Double) -> Bool {
    abs(Double(seen) - expected) <= 1e-5 * max(1, abs(expected))
  }
}
