import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

/// What `record` makes of given numbers.
private func run(
  _ inputs: [(shape: Shape, values: [Float])], mode: Mode = .training,
  _ record: @escaping (Scope, [Tensor]) -> Tensor
) -> GraphRun {
  GraphRun(inputs, mode: mode) { graph, x in
    record(Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] }), x)
  }
}

private func check(
  _ inputs: [GradientInput], _ record: @escaping (Scope, [Tensor]) -> Tensor
) -> GradientCheck {
  GradientCheck(inputs) { graph, x in
    record(Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] }), x)
  }
}

private func expectClose(
  _ seen: [Float], _ expected: [Double], _ tolerance: Double = 1e-5,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(seen.count == expected.count, sourceLocation: sourceLocation)
  for (a, b) in zip(seen, expected) {
    #expect(abs(Double(a) - b) <= tolerance * max(1, abs(b)), sourceLocation: sourceLocation)
  }
}

/// The mean of numbers and its standard error.
private func estimate(_ x: some Collection<Float>) -> (mean: Double, error: Double) {
  let count = Double(x.count)
  let mean = x.reduce(0) { $0 + Double($1) } / count
  let square = x.reduce(0) { $0 + pow(Double($1) - mean, 2) } / (count - 1)
  return (mean, (square / count).squareRoot())
}

private func normalLogDensity(_ z: Double, _ mean: Double, _ logVariance: Double) -> Double {
  -0.5 * (pow(z - mean, 2) * exp(-logVariance) + logVariance + log(2 * Double.pi))
}

private let means: [Float] = [0.5, -1, 2, 0, 0.3, -1.5]
private let logVariances: [Float] = [0, -1, 0.5, 0.2, -2, 0.4]

@Suite("A Gaussian with independent dimensions, as a distribution")
struct DiagonalDistributionTests {
  private func gaussian(_ x: [Tensor]) -> DiagonalGaussian {
    DiagonalGaussian(mean: x[0], logVariance: x[1])
  }

  @Test func `a draw's own density is that of its values`() {
    let both = run([([2, 3], means), ([2, 3], logVariances)]) { scope, x in
      let draw = gaussian(x).draw(4, batch: 2, in: scope)
      let again = gaussian(x).logDensity(draw.values) ?? draw.values
      return concatenateRows(draw.logDensity ?? draw.values, again)
    }.output
    #expect(both.count == 16)
    #expect(Array(both.prefix(8)) == Array(both.suffix(8)))
  }

  @Test func `the KL to another Gaussian is the integral of its definition`() {
    // One prior for each example, and one for all.
    let priors: [(Shape, [Float], [Float])] = [
      ([2, 3], [0.1, 1, -1, 0.4, 0, -1], [0.3, -0.5, 1, 0, 0.1, -1]),
      ([1, 3], [0.2, -0.7, 1], [0.5, 0, -0.4]),
    ]
    for (shape, priorMeans, priorLogVariances) in priors {
      let seen = run([
        ([2, 3], means), ([2, 3], logVariances), (shape, priorMeans), (shape, priorLogVariances),
      ]) { _, x in
        let prior = DiagonalGaussian(mean: x[2], logVariance: x[3])
        return gaussian(x).divergence(from: prior)?.perDimension ?? x[0]
      }.output
      let expected = means.indices.map { index -> Double in
        let (m, v) = (Double(means[index]), Double(logVariances[index]))
        let place = index % priorMeans.count
        let (pm, pv) = (Double(priorMeans[place]), Double(priorLogVariances[place]))
        // ∫ q (log q − log p), by the trapezium rule over ±12 deviations.
        let sigma = exp(v / 2)
        let width = 24 * sigma / 4000
        return (0...4000).reduce(0) { sum, step in
          let z = m - 12 * sigma + Double(step) * width
          let q = normalLogDensity(z, m, v)
          return sum + exp(q) * (q - normalLogDensity(z, pm, pv)) * width
        }
      }
      expectClose(seen, expected)
    }
  }

  @Test func `to the standard normal it is the plain formula, bit for bit`() {
    let inputs: [(shape: Shape, values: [Float])] = [([2, 3], means), ([2, 3], logVariances)]
    let seen = run(inputs) { _, x in
      gaussian(x).divergence(from: StandardNormal(.vector(3)))?.perDimension ?? x[0]
    }.output
    #expect(seen == run(inputs) { _, x in gaussianKL(mean: x[0], logVariance: x[1]) }.output)
  }
}

@Suite("A Gaussian with dependent dimensions")
struct FullGaussianTests {
  /// Two examples of three dimensions: means, then rows of L with log-diagonals.
  private static let heads: [Float] = [
    0.5, -1, 2, /**/ 0.1, 0.7, -0.4, -0.3, 0.2, 0.3, 0, 0.3, -1.5, /**/ -0.2, 0.1, 0.5, 0.9, -0.6,
    -0.1,
  ]

  private func run(_ record: @escaping (FullGaussian, Scope) -> Tensor) -> GraphRun {
    recorded([([2, 9], Self.heads)]) { scope, x in
      record(FullGaussian(head: x[0], dimensions: 3), scope)
    }
  }

  /// L of an example, in Double.
  private func factor(_ example: Int) -> [[Double]] {
    let packed = Self.heads[example * 9 + 3..<example * 9 + 9].map(Double.init)
    return (0..<3).map { i in
      (0..<3).map { j in
        let value = j <= i ? packed[i * (i + 1) / 2 + j] : 0
        return i == j ? exp(value) : value
      }
    }
  }

  @Test func `draws have the mean and the covariance`() {
    let count = 20_000
    let drawn = run { q, scope in q.draw(count, batch: 2, in: scope).values }.output
    for example in 0..<2 {
      let l = factor(example)
      for i in 0..<3 {
        let column = (0..<count).map { drawn[(example * count + $0) * 3 + i] }
        let (mean, error) = estimate(column)
        #expect(abs(mean - Double(Self.heads[example * 9 + i])) < 5 * error)
        for j in 0...i {
          let products = (0..<count).map { row -> Float in
            let at = (example * count + row) * 3
            return (drawn[at + i] - Self.heads[example * 9 + i])
              * (drawn[at + j] - Self.heads[example * 9 + j])
          }
          let (covariance, error) = estimate(products)
          let expected = (0..<3).reduce(0) { $0 + l[i][$1] * l[j][$1] }
          #expect(abs(covariance - expected) < 5 * error, "\(i), \(j)")
        }
      }
    }
  }

  @Test func `densities are the formula's, of own draws and of any values`() {
    let values: [Float] = [0, 1, 2, -1, 0.5, 0.2]
    let seen = recorded([([2, 9], Self.heads), ([2, 3], values)]) { _, x in
      FullGaussian(head: x[0], dimensions: 3).logDensity(x[1]) ?? x[0]
    }.output
    let expected = (0..<2).map { example -> Double in
      let l = factor(example)
      var noise = [Double](repeating: 0, count: 3)
      for i in 0..<3 {
        let known = (0..<i).reduce(0) { $0 + l[i][$1] * noise[$1] }
        noise[i] = (Double(values[example * 3 + i]) - Double(Self.heads[example * 9 + i]) - known)
        noise[i] /= l[i][i]
      }
      return (0..<3).reduce(0) { $0 + normalLogDensity(noise[$1], 0, 0) - log(l[$1][$1]) }
    }
    expectClose(seen, expected)
    let own = run { q, scope in
      let draw = q.draw(5, batch: 2, in: scope)
      return concatenateRows(
        draw.logDensity ?? draw.values, q.logDensity(draw.values) ?? draw.values)
    }.output
    expectClose(Array(own.prefix(10)), own.suffix(10).map(Double.init))
  }

  @Test func `the KL is ½ (tr Σ + μᵀμ − d − log det Σ), and the mean of log q − log p`() {
    let prior = StandardNormal(.vector(3))
    let seen = run { q, _ in q.divergence(from: prior)?.perExample ?? q.mean }.output
    let expected = (0..<2).map { example -> Double in
      let l = factor(example)
      let trace = l.joined().reduce(0) { $0 + $1 * $1 }
      let square = (0..<3).reduce(0) { $0 + pow(Double(Self.heads[example * 9 + $1]), 2) }
      return 0.5 * (trace + square - 3) - (0..<3).reduce(0) { $0 + log(l[$1][$1]) }
    }
    expectClose(seen, expected)
    let ratios = run { q, scope in
      q.monteCarloDivergence(q.draw(20_000, batch: 2, in: scope), from: prior) ?? q.mean
    }.output
    for example in 0..<2 {
      let (mean, error) = estimate(ratios[example * 20_000..<(example + 1) * 20_000])
      #expect(abs(mean - expected[example]) < 4 * error, "\(mean) ± \(error)")
    }
  }

  @Test func `a diagonal factor gives the plain Gaussian`() {
    var heads = [Float](repeating: 0, count: 18)
    for example in 0..<2 {
      for i in 0..<3 {
        heads[example * 9 + i] = means[example * 3 + i]
        heads[example * 9 + 3 + i * (i + 1) / 2 + i] = logVariances[example * 3 + i] / 2
      }
    }
    let full = recorded([([2, 9], heads)]) { scope, x in
      let q = FullGaussian(head: x[0], dimensions: 3)
      let draw = q.draw(2, batch: 2, in: scope)
      return concatenate(draw.values, (draw.logDensity ?? draw.values).reshaped([4, 1]))
    }.output
    let plain = recorded([([2, 3], means), ([2, 3], logVariances)]) { scope, x in
      let q = DiagonalGaussian(mean: x[0], logVariance: x[1])
      let draw = q.draw(2, batch: 2, in: scope)
      return concatenate(draw.values, (draw.logDensity ?? draw.values).reshaped([4, 1]))
    }.output
    expectClose(full, plain.map(Double.init), 1e-6)
  }

  @Test func `gradients through draws, densities and the KL agree with differences`() {
    let head: [GradientInput] = [.uniform([3, 14], -1...1)]
    for part in 0..<3 {
      let result = check(head) { scope, x in
        let q = FullGaussian(head: x[0], dimensions: 4)
        let draw = q.draw(2, batch: 3, in: scope)
        switch part {
        case 0: return draw.values
        case 1: return draw.logDensity ?? x[0]
        default: return q.divergence(from: StandardNormal(q.space))?.perExample ?? x[0]
        }
      }
      #expect(result.gradient != 0 && result.relativeError < 5e-3, "part \(part): \(result)")
    }
  }
}

/// `run`, under a name that members called `run` do not hide.
private func recorded(
  _ inputs: [(shape: Shape, values: [Float])], mode: Mode = .training,
  _ record: @escaping (Scope, [Tensor]) -> Tensor
) -> GraphRun { run(inputs, mode: mode, record) }

@Suite("A mixture of Gaussians")
struct GaussianMixtureTests {
  private let logits: [Float] = [0.5, -0.2]

  private func mixture(_ x: [Tensor]) -> GaussianMixture {
    GaussianMixture(
      DiagonalGaussian(mean: x[0], logVariance: x[1]), logits: x.count > 2 ? x[2] : nil)
  }

  @Test func `its density is the weighted sum of its components'`() {
    let values: [Float] = [0, 0, 0, 1, -1, 2, 4, 0.1, -3]
    for weighted in [true, false] {
      var inputs: [(shape: Shape, values: [Float])] = [([2, 3], means), ([2, 3], logVariances)]
      if weighted { inputs.append(([2], logits)) }
      inputs.append(([3, 3], values))
      let seen = run(inputs) { _, x in
        mixture(Array(x.dropLast())).logDensity(x[x.count - 1]) ?? x[0]
      }
      let shares = weighted ? logits.map { exp(Double($0)) } : [1, 1]
      let expected = (0..<3).map { row -> Double in
        log(
          (0..<2).reduce(0) { sum, k in
            let logs = (0..<3).reduce(0) {
              $0
                + normalLogDensity(
                  Double(values[row * 3 + $1]), Double(means[k * 3 + $1]),
                  Double(logVariances[k * 3 + $1]))
            }
            return sum + shares[k] / (shares[0] + shares[1]) * exp(logs)
          })
      }
      expectClose(seen.output, expected)
    }
  }

  @Test func `one component at (0, 1) is the standard normal`() {
    let zeros = [Float](repeating: 0, count: 3)
    let seen = run([([1, 3], zeros), ([1, 3], zeros), ([2, 3], means)]) { _, x in
      mixture(Array(x.prefix(2))).logDensity(x[2]) ?? x[0]
    }.output
    expectClose(
      seen,
      run([([2, 3], means)]) { _, x in gaussianLogDensity(x[0]) }
        .output.map(Double.init), 1e-6)
  }

  @Test func `draws fall to the components by their weights`() {
    // Two narrow components far from each other.
    let seen = run([([2, 1], [-5, 5]), ([2, 1], [-4, -4]), ([2], logits)]) { scope, x in
      mixture(x).draw(1, batch: 20_000, in: scope).values
    }.output
    let share = Double(seen.count { $0 < 0 }) / 20_000
    let expected = exp(0.5) / (exp(0.5) + exp(-0.2))
    #expect(abs(share - expected) < 4 * (expected * (1 - expected) / 20_000).squareRoot())
    let (mean, error) = estimate(seen.filter { $0 > 0 })
    #expect(abs(mean - 5) < 5 * error)
  }

  @Test func `a gradient through its density agrees with differences`() {
    let result = check([
      .normal([4, 3]), .uniform([4, 3], -1...1), .normal([4]), .normal([5, 3]),
    ]) {
      _, x in
      GaussianMixture(DiagonalGaussian(mean: x[0], logVariance: x[1]), logits: x[2])
        .logDensity(x[3]) ?? x[0]
    }
    #expect(result.gradient != 0 && result.relativeError < 5e-3, "\(result)")
  }
}

@Suite("Choices and switches")
struct ChoiceDistributionTests {
  /// Two examples of two choices among three.
  private let logits: [Float] = [0, 1, -1, 2, 0, 0.5, -0.3, 0.2, 0, 1, 1, 1]

  private func choices(_ logits: Tensor, _ tau: Float, hard: Bool = false) -> Choices {
    Choices(
      logits: logits, count: 2, size: 3, temperature: logits.graph.constant(tau), isHard: hard)
  }

  private var shares: [Double] {
    stride(from: 0, to: 12, by: 3).flatMap { first -> [Double] in
      let weights = logits[first..<first + 3].map { exp(Double($0)) }
      return weights.map { $0 / weights.reduce(0, +) }
    }
  }

  @Test func `the KL to equal choices is log K − H, of each choice`() {
    let seen = run([([2, 6], logits)]) { _, x in
      choices(x[0], 1).divergence(from: UniformChoices(count: 2, size: 3))?.perDimension ?? x[0]
    }
    #expect(seen.outputShape == [2, 2])
    let shares = shares
    let expected = (0..<4).map { choice -> Double in
      let own = shares[choice * 3..<choice * 3 + 3]
      let entropy: Double = own.reduce(0) { $0 - $1 * log($1) }
      return log(3) - entropy
    }
    expectClose(seen.output, expected)
  }

  @Test func `draws of evaluation are one-hot, with the probabilities`() {
    let count = 20_000
    let seen = run([([2, 6], logits)], mode: .evaluation) { scope, x in
      choices(x[0], 1).draw(count, batch: 2, in: scope).values
    }.output
    #expect(seen.allSatisfy { $0 == 0 || $0 == 1 })
    for example in 0..<2 {
      for place in 0..<6 {
        let share =
          (0..<count).reduce(0) { $0 + Double(seen[(example * count + $1) * 6 + place]) }
          / Double(count)
        let expected = shares[example * 6 + place]
        #expect(
          abs(share - expected) < 5 * (expected * (1 - expected) / Double(count)).squareRoot())
      }
    }
  }

  @Test func `soft draws are points of the simplex, one-hot as τ goes to 0`() {
    for (tau, sharpest) in [(Float(1), 0.34), (0.05, 0.9)] {
      let seen = run([([2, 6], logits)]) { scope, x in
        choices(x[0], tau).draw(2000, batch: 2, in: scope).values
      }.output
      var largest = 0.0
      for first in stride(from: 0, to: seen.count, by: 3) {
        let parts = seen[first..<first + 3].map(Double.init)
        #expect(abs(parts.reduce(0, +) - 1) < 1e-5)
        largest += (parts.max() ?? 0) / Double(seen.count / 3)
      }
      #expect(largest > sharpest, "τ \(tau): \(largest)")
    }
  }

  @Test func `a hard draw has the gradient of the soft one`() {
    func gradient(hard: Bool) -> [[Float]] {
      let weights = TestNumbers.normal(12, seed: 4)
      return GraphRun([([2, 6], logits)], weights: weights) { graph, x in
        choices(x[0], 0.7, hard: hard)
          .draw(1, batch: 2, in: Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] })).values
      }.inputGradients
    }
    #expect(gradient(hard: true) == gradient(hard: false))
    #expect(gradient(hard: true)[0].contains { $0 != 0 })
    let values = run([([2, 6], logits)]) { scope, x in
      choices(x[0], 0.7, hard: true).draw(1, batch: 2, in: scope).values
    }.output
    expectClose(values, values.map { Double($0.rounded()) }, 1e-6)
  }

  @Test func `the log probability of a choice`() {
    let seen = run([([2, 6], logits), ([2, 6], [0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1])]) { _, x in
      choices(x[0], 1).logDensity(x[1]) ?? x[0]
    }.output
    expectClose(seen, [log(shares[1] * shares[3]), log(shares[8] * shares[11])])
  }

  @Test func `switches: the KL to fair ones is log 2 − H, and shares are the probabilities`() {
    let logits: [Float] = [0, 1.5, -2, 0.3]
    let on = logits.map { 1 / (1 + exp(-Double($0))) }
    let seen = run([([1, 4], logits)]) { _, x in
      Switches(logits: x[0], temperature: x[0].graph.constant(1))
        .divergence(from: FairSwitches(4))?.perDimension ?? x[0]
    }.output
    let expected = on.map { share -> Double in
      let entropy = -share * log(share) - (1 - share) * log(1 - share)
      return log(2) - entropy
    }
    expectClose(seen, expected)
    let drawn = run([([1, 4], logits)], mode: .evaluation) { scope, x in
      Switches(logits: x[0], temperature: x[0].graph.constant(1))
        .draw(20_000, batch: 1, in: scope).values
    }.output
    for place in 0..<4 {
      let share = (0..<20_000).reduce(0) { $0 + Double(drawn[$1 * 4 + place]) } / 20_000
      #expect(abs(share - on[place]) < 5 * (on[place] * (1 - on[place]) / 20_000).squareRoot())
    }
    let result = check([.normal([3, 5])]) { scope, x in
      Switches(logits: x[0], temperature: x[0].graph.constant(0.8))
        .draw(2, batch: 3, in: scope).values
    }
    #expect(result.gradient != 0 && result.relativeError < 5e-3, "\(result)")
  }
}
