import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

/// What a graph makes of given inputs, the same on every instruction set and for any number of
/// threads.
private func values(
  _ inputs: [(shape: Shape, values: [Float])], _ build: @escaping (Graph, [Tensor]) -> Tensor
) -> [Float] {
  func run(threads: Int) -> [Float] {
    forward(inputs, mode: .training, threads: threads, build: build)
  }
  let one = run(threads: 1)
  withEachInstructionSet { set in
    let isSame = run(threads: 3).map(\.bitPattern) == one.map(\.bitPattern)
    #expect(isSame, "\(set)")
  }
  return one
}

@Suite("Operations without a gradient")
struct ChoiceTests {
  @Test func `the largest and smallest of a row, of equal ones the lowest`() {
    for columns in [1, 7, 16, 33, 400] {
      // Few different numbers, so that most are equal to others.
      let x = TestNumbers.normal(50 * columns, seed: 3).map { ($0 * 2).rounded() }
      for sign in [Float(1), -1] {
        let seen = values([([50, columns], x)]) { _, x in
          sign > 0 ? x[0].argMaxPerExample() : x[0].argMinPerExample()
        }
        let expected = (0..<50).map { row -> Float in
          let values = x[row * columns..<(row + 1) * columns].map { $0 * sign }
          return Float(values.firstIndex(of: values.max() ?? 0) ?? -1)
        }
        #expect(seen == expected, "\(columns) columns")
      }
    }
  }

  @Test func `the first of equal ones at the edge of the largest few`() {
    for columns in [5, 40, 3000] {
      let x = TestNumbers.normal(20 * columns, seed: 5).map { ($0 * 3).rounded() / 4 }
      for count in [0, 1, 4, columns, columns + 1] {
        let seen = values([([20, columns], x)]) { $1[0].topMask(count) }
        let expected = (0..<20).flatMap { row -> [Float] in
          let ranked = (0..<columns).sorted { i, j in
            let (a, b) = (x[row * columns + i], x[row * columns + j])
            return a > b || (a == b && i < j)
          }
          let chosen = Set(ranked.prefix(count))
          return (0..<columns).map { chosen.contains($0) ? 1 : 0 }
        }
        #expect(seen == expected, "\(count) of \(columns)")
        let rectified = values([([20, columns], x)]) { $1[0].rectifiedTop(count) }
        #expect(rectified == zip(expected, x).map { $0 * max(0, $1) }, "\(count) of \(columns)")
      }
    }
  }

  /// Few rows that are long are cut into chunks, which threads share. `values` compares one thread, which
  /// does not cut, with three.
  @Test func `a long row's largest are those of a short one`() {
    let columns = 100_003
    for (rows, seed) in [(1, 5), (3, 6)] as [(Int, UInt64)] {
      let x = TestNumbers.normal(rows * columns, seed: seed).map { ($0 * 300).rounded() / 4 }
      for count in [1, 32_769, 70_000, columns - 1] {
        let seen = values([([rows, columns], x)]) { $1[0].topMask(count) }
        for row in 0..<rows {
          let own = x[row * columns..<(row + 1) * columns]
          let least = own.sorted(by: >)[count - 1]
          var ties = count - own.count { $0 > least }
          let expected = own.map { value -> Float in
            if value == least { ties -= 1 }
            return value > least || (value == least && ties >= 0) ? 1 : 0
          }
          #expect(Array(seen[row * columns..<(row + 1) * columns]) == expected, "\(count)")
        }
      }
    }
  }

  @Test func `rows are sorted with NaN last and −0 equal to 0`() {
    let x: [Float] = [3, .nan, -0.0, 0, -.infinity, .infinity, -1, 2]
    let seen = values([([1, 8], x)]) { $1[0].sortedRows() }
    #expect(Array(seen.prefix(7)) == [-.infinity, -1, 0, 0, 2, 3, .infinity])
    #expect(seen[2].sign == .minus && seen[3].sign == .plus, "equal numbers keep their order")
    #expect(seen[7].isNaN)
  }

  @Test func `one of many`() {
    let seen = values([([4], [0, 2, 1, 2])]) { $1[0].oneHot(3) }
    #expect(seen == [1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1])
  }

  @Test func `a number out of range counts as the nearest row`() {
    let table: [Float] = [1, 2, 3]
    let seen = values([([3, 1], table), ([5], [-4, 7, .nan, 1e30, 1])]) {
      $1[0].gatheredRows($1[1])
    }
    #expect(seen == [1, 3, 1, 3, 2])
  }

  @Test func `rounding, signs and steps`() {
    let x: [Float] = [-2.5, -1.5, -0.5, -0.0, 0, 0.5, 1.5, 2.4, 3e9, -.infinity]
    #expect(values([([10], x)]) { round($1[0]) } == x.map { $0.rounded(.toNearestOrEven) })
    #expect(values([([10], x)]) { floor($1[0]) } == x.map { $0.rounded(.down) })
    #expect(values([([10], x)]) { sign($1[0]) } == [-1, -1, -1, 0, 0, 1, 1, 1, 1, -1])
    #expect(values([([10], x)]) { step($1[0]) } == [0, 0, 0, 0, 0, 1, 1, 1, 1, 0])
  }

  @Test func `permuted columns hold the same numbers in orders of their own`() {
    let (batch, columns) = (300, 5)
    let x = (0..<batch * columns).map { Float($0 / columns) }
    let seen = values([([batch, columns], x)]) { $1[0].permutedColumns(stream: "shuffle") }
    let orders = (0..<columns).map { column in (0..<batch).map { seen[$0 * columns + column] } }
    for order in orders { #expect(order.sorted() == (0..<batch).map(Float.init)) }
    #expect(Set(orders).count == columns)
    // In a random order the correlation with the old one is below 4/√batch, but for 1 in 16,000.
    for order in orders {
      let mean = Double(batch - 1) / 2
      let variance = Double(batch * batch - 1) / 12
      let covariance = order.enumerated().reduce(0) {
        $0 + (Double($1.0) - mean) * (Double($1.1) - mean)
      }
      #expect(abs(covariance / Double(batch) / variance) < 4 / Double(batch).squareRoot())
    }
  }

  @Test func `a gradient goes back to where a permuted number came from`() {
    let check = GradientCheck([.normal([40, 3])]) { _, x in x[0].permutedColumns(stream: "p") }
    #expect(check.gradient != 0 && check.relativeError < 5e-3, "\(check)")
  }
}

@Suite("Noise of other distributions")
struct NoiseDistributionTests {
  private func moments(_ x: [Float]) -> (mean: Double, variance: Double) {
    let mean = x.reduce(0) { $0 + Double($1) } / Double(x.count)
    return (mean, x.reduce(0) { $0 + pow(Double($1) - mean, 2) } / Double(x.count))
  }

  @Test func `exponential: mean 1, variance 1`() {
    let (mean, variance) = moments(values([]) { g, _ in g.exponential([40000], stream: "e") })
    #expect(abs(mean - 1) < 0.02 && abs(variance - 1) < 0.06)
  }

  @Test func `Gumbel: mean γ, variance π²/6; the largest logit is a categorical draw`() {
    let noise = values([]) { g, _ in g.gumbel([40000], stream: "g") }
    let (mean, variance) = moments(noise)
    #expect(abs(mean - 0.5772) < 0.025 && abs(variance - Double.pi * Double.pi / 6) < 0.06)
    let logits: [Float] = [0, 1, -1]
    let drawn = values([([3], logits)]) { g, x in
      (g.gumbel([20000, 3], stream: "draw") + x[0]).argMaxPerExample()
    }
    let all = logits.reduce(0) { $0 + exp(Double($1)) }
    for (label, logit) in logits.enumerated() {
      let share = Double(drawn.count { $0 == Float(label) }) / 20000
      #expect(abs(share - exp(Double(logit)) / all) < 0.015)
    }
  }

  @Test(arguments: [Float(0.05), 0.5, 1, 2.5, 40])
  func `gamma: mean and variance are its shape`(_ alpha: Float) {
    let shapes = [Float](repeating: alpha, count: 40000)
    let drawn = values([([40000], shapes)]) { g, x in g.gamma(x[0], stream: "gamma") }
    let (mean, variance) = moments(drawn)
    let a = Double(alpha)
    // Standard errors of 40,000 draws: √(α/n) and about α·√((2 + 6/α)/n).
    #expect(abs(mean - a) < 4 * (a / 40000).squareRoot())
    #expect(abs(variance - a) < 4 * a * ((2 + 6 / a) / 40000).squareRoot())
    #expect(drawn.allSatisfy { $0 >= 0 && $0.isFinite })
  }

  @Test func `gamma: shares below points agree with the incomplete gamma function`() {
    // Shape 2: P(x < t) = 1 − (1 + t)·e⁻ᵗ.
    let shapes = [Float](repeating: 2, count: 40000)
    let drawn = values([([40000], shapes)]) { g, x in g.gamma(x[0], stream: "two") }
    for t in [0.5, 1, 2, 4] {
      let share = Double(drawn.count { Double($0) < t }) / 40000
      #expect(abs(share - (1 - (1 + t) * exp(-t))) < 0.01)
    }
  }

  @Test func `what an element becomes does not depend on its neighbours`() {
    let shapes = (0..<100).map { Float($0 % 7) + 0.3 }
    let long = values([([100], shapes)]) { g, x in g.gamma(x[0], stream: "n") }
    let short = values([([37], Array(shapes.prefix(37)))]) { g, x in g.gamma(x[0], stream: "n") }
    #expect(Array(long.prefix(37)) == short)
  }
}

@Suite("stopGradient")
struct StopGradientTests {
  @Test func `shows the same numbers and lets no gradient through`() {
    let (a, b) = (TestNumbers.normal(12), TestNumbers.normal(12, seed: 2))
    let run = GraphRun([([3, 4], a), ([3, 4], b)]) { _, x in x[0].stopGradient() * x[1] }
    #expect(run.output == zip(a, b).map { $0 * $1 })
    #expect(run.inputGradients == [Array(repeating: 0, count: 12), a])
  }

  /// By differences, too, it is a constant: both factors would count otherwise.
  @Test func `is a constant to a gradient check`() {
    let check = GradientCheck([.normal([3, 4]), .normal([3, 4])]) { _, x in
      x[0].stopGradient() * x[1]
    }
    #expect(check.gradient != 0 && check.relativeError < 5e-3, "\(check)")
  }

  /// Two losses in one graph: each part learns from its own alone.
  @Test func `a parameter learns from one loss and is frozen in another`() {
    let graph = Graph(mode: .training, parameters: ParameterSet())
    let x = graph.input("x", [2, 3])
    let model = graph.parameter("model", [3, 3], .constant(0.5))
    let judge = graph.parameter("judge", [1, 3], .constant(0.25))
    let code = matmul(x, model)
    let fooled = linear(code, weight: judge.stopGradient()).sum()
    let judged = linear(code.stopGradient(), weight: judge).sum()
    let store = ParameterStore(graph.parameters)
    store.initialise(seed: 1)
    let plan = Plan(
      graph, loss: fooled + judged * 10, store: store, arena: Arena(),
      run: RunContext(pool: ThreadPool(threads: 1), seed: 1))
    let values: [Float] = [1, 2, 3, 4, 5, 6]
    _ = plan.input("x")?.update(fromContentsOf: values)
    plan.forward()
    plan.backward()
    // d fooled / d model[i, j] = judge[j]·Σ x[·, i]; d judged / d judge[j] = 10·Σ code[·, j].
    let byModel = store.gradient(of: "model").map { Array($0.values) }
    #expect(byModel == [5, 7, 9].flatMap { [Float](repeating: 0.25 * $0, count: 3) })
    let byJudge = store.gradient(of: "judge").map { Array($0.values) }
    #expect(byJudge == [Float](repeating: 10 * 0.5 * 21, count: 3))
  }
}
