import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

private func run(
  _ inputs: [(shape: Shape, values: [Float])], mode: Mode = .training,
  _ record: @escaping (Scope, [Tensor]) -> Tensor
) -> GraphRun {
  GraphRun(inputs, mode: mode) { graph, x in
    record(Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] }), x)
  }
}

private func logNormal(_ z: Double, _ mean: Double, _ logVariance: Double) -> Double {
  -0.5 * (pow(z - mean, 2) * exp(-logVariance) + logVariance + log(2 * Double.pi))
}

private func logSumExp(_ x: [Double]) -> Double {
  let most = x.max() ?? 0
  return most + log(x.reduce(0) { $0 + exp($1 - most) })
}

private func isClose(_ a: some Sequence<Float>, _ b: [Double], _ tolerance: Double = 1e-5) -> Bool {
  let seen = Array(a)
  return seen.count == b.count
    && zip(seen, b).allSatisfy { abs(Double($0) - $1) <= tolerance * max(1, abs($1)) }
}

@Suite("A mixture of posteriors of any kind")
struct PosteriorMixtureTests {
  /// Three posteriors of two dimensions: a mean, then a factor with log-diagonals.
  private static let heads: [Float] = [
    0.5, -1, /**/ 0.1, 0.7, -0.4, /**/ 1.5, 0.3, /**/ -0.2, -0.5, 0.3, /**/ -1, 2, /**/ 0.4, 0.2,
    0.1,
  ]
  /// As many points as posteriors and some more: an axis that is mistaken for another shows.
  private static let points: [Float] = [0, 0, 1, -1, -1, 1.5, 2, 0.2, 0.4, -0.7]

  private func mixture(_ head: Tensor) -> PosteriorMixture {
    let made = PosteriorMixture(
      FullGaussian(head: head, dimensions: 2), count: 3, of: head
    ) { FullGaussian(head: head.gatheredRows($0), dimensions: 2) }
    guard let made else { preconditionFailure("a full Gaussian has a density everywhere") }
    return made
  }

  /// log q(z|uₖ), `[point][k]`, with L of each written out.
  private var each: [[Double]] {
    let heads = Self.heads.map(Double.init)
    return stride(from: 0, to: 10, by: 2).map { at in
      (0..<3).map { k in
        let h = heads[k * 5..<k * 5 + 5].map { $0 }
        let first = (Double(Self.points[at]) - h[0]) / exp(h[2])
        let second = (Double(Self.points[at + 1]) - h[1] - h[3] * first) / exp(h[4])
        return logNormal(first, 0, 0) + logNormal(second, 0, 0) - h[2] - h[4]
      }
    }
  }

  private func density(_ make: @escaping (Tensor, Tensor) -> Tensor) -> [Float] {
    run([([3, 5], Self.heads), ([5, 2], Self.points)]) { _, x in make(x[0], x[1]) }.output
  }

  @Test func `its density is the mean of theirs, and the known wrong ones are not`() {
    let expected = each.map { logSumExp($0) - log(3) }
    let seen = density { mixture($0).logDensity($1) ?? $1 }
    #expect(isClose(seen, expected), "\(seen) \(expected)")

    let withoutCount = density { head, z in
      mixture(head).componentLogDensity(z).logSumExp(along: 1)
    }
    #expect(!isClose(withoutCount, expected, 0.1))
    // Rows repeated instead of tiled put points under posteriors that they do not belong to.
    let otherAxis = density { head, z in
      let all = FullGaussian(head: head, dimensions: 2).logDensity(z.repeatedRows(3)) ?? z
      return all.reshaped([5, 3]).logSumExp(along: 1) - Float(log(3.0))
    }
    #expect(!isClose(otherAxis, expected, 0.1))
  }

  @Test func `of plain Gaussians it is the mixture of Gaussians`() {
    let inputs: [(shape: Shape, values: [Float])] = [
      ([3, 2], Array(Self.heads[..<6])), ([3, 2], Array(Self.heads[6..<12])),
      ([5, 2], Self.points),
    ]
    func seen(_ isPlain: Bool) -> [Float] {
      run(inputs) { _, x in
        let gaussians = DiagonalGaussian(mean: x[0], logVariance: x[1])
        let general = PosteriorMixture(gaussians, count: 3, of: x[0]) { _ in gaussians }
        return (isPlain ? GaussianMixture(gaussians).logDensity(x[2]) : general?.logDensity(x[2]))
          ?? x[0]
      }.output
    }
    #expect(isClose(seen(false), seen(true).map(Double.init), 1e-6))
  }

  @Test func `a draw is one of the posteriors and a draw of it`() {
    // Three narrow posteriors far from each other.
    let heads: [Float] = [-5, 0, -4, 0, -4, /**/ 0, 5, -4, 0, -4, /**/ 5, 0, -4, 0, -4]
    let seen = run([([3, 5], heads)]) { scope, x in
      mixture(x[0]).draw(3, batch: 3000, in: scope).values
    }.output
    var counts = [0, 0, 0]
    for row in 0..<9000 {
      let (a, b) = (seen[row * 2], seen[row * 2 + 1])
      let nearest = [(-5, 0), (0, 5), (5, 0)].firstIndex {
        abs(a - Float($0.0)) < 0.2 && abs(b - Float($0.1)) < 0.2
      }
      counts[nearest ?? 0] += nearest == nil ? -9000 : 1
    }
    for count in counts {
      #expect(abs(Double(count) - 3000) < 5 * (2000.0).squareRoot(), "\(counts)")
    }
  }

  @Test func `a posterior without a density cannot be mixed`() {
    let made = run([([3, 5], Self.heads)]) { scope, x in
      let mixture = PosteriorMixture(PointMass(x[0]), count: 3, of: x[0]) { _ in PointMass(x[0]) }
      return scope.graph.constant(mixture == nil ? 1 : 0)
    }
    #expect(made.output == [1])
  }

  @Test func `a gradient through its density agrees with differences`() {
    let check = GradientCheck([.uniform([3, 5], -1...1), .normal([4, 2])], along: .uphill) {
      _, x in
      mixture(x[0]).logDensity(x[1]) ?? x[1]
    }
    #expect(check.gradient != 0 && check.relativeError < 5e-3, "\(check)")
  }
}

@Suite("A mixture whose weights depend on the example")
struct ConditionalMixtureTests {
  private static let means: [Float] = [0.5, -1, 2, 0]
  private static let logVariances: [Float] = [0, -1, 0.5, 0.2]
  /// Of three examples, two components each.
  private static let logits: [Float] = [0.5, -0.2, 2, -1, -3, 1]
  /// Two points of each example.
  private static let points: [Float] = [0, 0, 1, -1, 2, 0.5, -1, 0, 0.3, 0.3, 1, 1]

  private func run(_ record: @escaping (GaussianMixture, Tensor, Scope) -> Tensor) -> GraphRun {
    GraphRun([
      ([2, 2], Self.means), ([2, 2], Self.logVariances), ([3, 2], Self.logits),
      ([6, 2], Self.points),
    ]) { graph, x in
      let scope = Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] })
      let mixture = GaussianMixture(
        DiagonalGaussian(mean: x[0], logVariance: x[1]), logits: x[2])
      return record(mixture, x[3], scope)
    }
  }

  private func expected(normalised: Bool) -> [Double] {
    (0..<6).map { row in
      let own = Self.logits[row / 2 * 2..<row / 2 * 2 + 2].map(Double.init)
      let total = normalised ? logSumExp(own) : 0
      return logSumExp(
        (0..<2).map { k in
          own[k] - total
            + (0..<2).reduce(0.0) {
              $0
                + logNormal(
                  Double(Self.points[row * 2 + $1]), Double(Self.means[k * 2 + $1]),
                  Double(Self.logVariances[k * 2 + $1]))
            }
        })
    }
  }

  @Test func `its density takes each example's weights, with sum 1`() {
    let seen = run { mixture, z, _ in mixture.logDensity(z) ?? z }.output
    #expect(isClose(seen, expected(normalised: true)))
    #expect(!isClose(seen, expected(normalised: false), 0.05), "weights that are not normalised")
  }

  @Test func `its draws fall to the components by each example's weights`() {
    let count = 8000
    let seen = run { mixture, _, scope in
      let narrow = GaussianMixture(
        DiagonalGaussian(
          mean: mixture.components.mean, logVariance: mixture.components.logVariance * 0 - 12),
        logits: mixture.logits)
      return narrow.draw(count, batch: 3, in: scope).values
    }.output
    for example in 0..<3 {
      let own = Self.logits[example * 2..<example * 2 + 2].map { exp(Double($0)) }
      let share = own[0] / (own[0] + own[1])
      let first = (0..<count).count { seen[(example * count + $0) * 2] < 1.25 }
      let error = (share * (1 - share) / Double(count)).squareRoot()
      #expect(abs(Double(first) / Double(count) - share) < 5 * error)
    }
  }
}

@Suite("The KL of a Gaussian with dependent dimensions to a plain one")
struct FullToDiagonalTests {
  private static let head: [Float] = [
    0.5, -1, /**/ 0.1, 0.7, -0.4, /**/ 1.5, 0.3, /**/ -0.2, -0.5, 0.3,
  ]
  private static let priors: [(shape: Shape, mean: [Float], logVariance: [Float])] = [
    ([2, 2], [0.1, 1, -1, 0.4], [0.3, -0.5, 1, 0]), ([1, 2], [0.2, -0.7], [0.5, -0.4]),
  ]

  /// E log q − E log p over a fine grid of the noise, by Gauss-Hermite's three points in each
  /// dimension, which is exact for the polynomials of degree 2 that they are.
  private func exact(_ example: Int, _ mean: [Float], _ logVariance: [Float]) -> Double {
    let h = Self.head[example * 5..<example * 5 + 5].map(Double.init)
    let nodes: [(Double, Double)] = [
      (-3.0.squareRoot(), 1.0 / 6), (0, 2.0 / 3), (3.0.squareRoot(), 1.0 / 6),
    ]
    var sum = 0.0
    for (a, aWeight) in nodes {
      for (b, bWeight) in nodes {
        let z = [h[0] + exp(h[2]) * a, h[1] + h[3] * a + exp(h[4]) * b]
        let own = logNormal(a, 0, 0) + logNormal(b, 0, 0) - h[2] - h[4]
        let other = (0..<2).reduce(0) {
          $0 + logNormal(z[$1], Double(mean[$1]), Double(logVariance[$1]))
        }
        sum += aWeight * bWeight * (own - other)
      }
    }
    return sum
  }

  @Test func `is the integral of its definition, and not that of the swapped one`() {
    for prior in Self.priors {
      func seen(_ isSwapped: Bool) -> [Float] {
        run([([2, 5], Self.head), (prior.shape, prior.mean), (prior.shape, prior.logVariance)]) {
          _, x in
          let p = DiagonalGaussian(mean: x[1], logVariance: x[2])
          let q = FullGaussian(head: x[0], dimensions: 2)
          // Of the plain parts, which is what a swap would be taken of.
          let plain = DiagonalGaussian(mean: q.mean, logVariance: q.mean * 0)
          let other = isSwapped ? p.divergence(from: plain) : q.divergence(from: p)
          return other?.perExample ?? x[0]
        }.output
      }
      let expected = (0..<2).map { example in
        let at = prior.shape[0] == 2 ? example * 2 : 0
        return exact(
          example, Array(prior.mean[at..<at + 2]), Array(prior.logVariance[at..<at + 2]))
      }
      #expect(isClose(seen(false), expected), "\(seen(false)) \(expected)")
      if prior.shape[0] == 2 { #expect(!isClose(seen(true), expected, 0.1)) }
    }
  }

  @Test func `its gradient agrees with differences`() {
    let check = GradientCheck([
      .uniform([3, 5], -1...1), .normal([3, 2]), .uniform([3, 2], -1...1),
    ]) {
      _, x in
      FullGaussian(head: x[0], dimensions: 2)
        .divergence(from: DiagonalGaussian(mean: x[1], logVariance: x[2]))?.perExample ?? x[0]
    }
    #expect(check.gradient != 0 && check.relativeError < 5e-3, "\(check)")
  }
}

@Suite("A prior at a temperature")
struct TemperedTests {
  @Test func `has its deviations scaled, around where they are`() {
    let count = 6000
    let means: [Float] = [4, -2]
    let logVariances: [Float] = [0, 1]
    for temperature in [Float(0), 0.5] {
      let normal = run([([1, 2], means)]) { scope, _ in
        let p = StandardNormal(.vector(2)).tempered(max(temperature, 0.1))
        return p?.draw(count, batch: 1, in: scope).values ?? scope.graph.constant(0)
      }.output
      let own = run([([1, 2], means), ([1, 2], logVariances)]) { scope, x in
        let p = GaussianMixture(DiagonalGaussian(mean: x[0], logVariance: x[1])).tempered(
          temperature)
        return p?.draw(count, batch: 1, in: scope).values ?? scope.graph.constant(0)
      }.output
      for dimension in 0..<2 {
        func moments(_ values: [Float]) -> (mean: Double, deviation: Double) {
          let column = (0..<count).map { Double(values[$0 * 2 + dimension]) }
          let mean = column.reduce(0, +) / Double(count)
          let square = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
          return (mean, square.squareRoot())
        }
        let deviation = exp(Double(logVariances[dimension]) / 2) * Double(temperature)
        #expect(abs(moments(own).mean - Double(means[dimension])) < 0.05)
        #expect(abs(moments(own).deviation - deviation) < 0.03 * deviation + 1e-6)
        #expect(abs(moments(normal).deviation - Double(max(temperature, 0.1))) < 0.02)
      }
    }
    let point = run([([1, 2], means)]) { scope, x in
      scope.graph.constant(PointMass(x[0]).tempered(0.5) == nil ? 1 : 0)
    }
    #expect(point.output == [1])
  }

  @Test func `has a density to go with its draws`() {
    let seen = run([([2, 2], [0.3, -1, 2, 0.5])]) { _, x in
      StandardNormal(.vector(2)).tempered(0.5)?.logDensity(x[0]) ?? x[0]
    }.output
    let expected = [[0.3, -1], [2, 0.5]].map { row in
      row.reduce(0.0) { $0 + logNormal($1, 0, 2 * log(0.5)) }
    }
    #expect(isClose(seen, expected))
  }
}
