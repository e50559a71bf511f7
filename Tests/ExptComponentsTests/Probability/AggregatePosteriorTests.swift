import ExptTensor
import ExptTesting
import Foundation
import Testing

@testable import ExptComponents

@Suite("The aggregate posterior of a batch")
struct AggregatePosteriorTests {
  /// log q(z) and Σ log q(zₖ) of a batch.
  private func estimate(
    _ z: [Float], _ means: [Float], _ logVariances: [Float], width: Int, of count: Int,
    by estimator: AggregatePosterior.Estimator
  ) throws -> (whole: [Double], product: [Double]) {
    let shape: Shape = [z.count / width, width]
    let both = try GraphRun([(shape, z), (shape, means), (shape, logVariances)]) { _, x in
      let aggregate = try AggregatePosterior(
        of: x[0], under: DiagonalGaussian(mean: x[1], logVariance: x[2]), trainingCount: count,
        by: estimator)
      return concatenateRows(aggregate.logDensity, aggregate.logProductOfMarginals)
    }.output.map(Double.init)
    return (Array(both[..<shape[0]]), Array(both[shape[0]...]))
  }

  private func density(_ z: Double, _ mean: Double, _ logVariance: Double) -> Double {
    exp(-0.5 * ((z - mean) * (z - mean) * exp(-logVariance) + logVariance + log(2 * Double.pi)))
  }

  @Test func `stratified weights are 1 over N on the diagonal, and each row sums to 1`() {
    let weights = AggregatePosterior.logStratifiedWeights(batch: 4, of: 10).map {
      Foundation.exp(Double($0))
    }
    // M = 3: (N − M)/(N·M) = 7/30.
    let expected: [Double] = [
      0.1, 7.0 / 30, 1.0 / 3, 1.0 / 3,
      1.0 / 3, 0.1, 7.0 / 30, 1.0 / 3,
      1.0 / 3, 1.0 / 3, 0.1, 7.0 / 30,
      7.0 / 30, 1.0 / 3, 1.0 / 3, 0.1,
    ]
    for (seen, expected) in zip(weights, expected) { #expect(abs(seen - expected) < 1e-6) }
    for row in 0..<4 {
      let sum: Double = weights[row * 4..<row * 4 + 4].reduce(0, +)
      #expect(abs(sum - 1) < 1e-6)
    }
  }

  /// The weights of the authors' code, and of programs that copy it: those of the example itself are in
  /// the first column, those of the other one in the second.
  private func copiedWeights(batch: Int, of count: Int) -> [[Double]] {
    let (m, n) = (Double(batch - 1), Double(count))
    var weights = [[Double]](
      repeating: [Double](repeating: 1 / m, count: batch), count: batch)
    for row in 0..<batch { (weights[row][0], weights[row][1]) = (1 / n, (n - m) / (n * m)) }
    weights[batch - 2][0] = (n - m) / (n * m)
    return weights
  }

  /// All 60 batches of three of five examples, in every order.
  @Test
  func `stratified sampling is right on average over all batches, and the copied weights are not`()
    throws
  {
    let means: [Float] = [-1.5, -0.4, 0.1, 0.8, 2]
    let logVariances: [Float] = [-1, 0.3, -2, -0.5, 0]
    let z: [Float] = [-1.2, 0.3, 0, 1.1, 1]
    func likelihood(_ i: Int, _ j: Int) -> Double {
      density(Double(z[i]), Double(means[j]), Double(logVariances[j]))
    }
    let copied = copiedWeights(batch: 3, of: 5)
    var (own, wrong) = (
      [Double](repeating: 0, count: 5), [Double](repeating: 0, count: 5)
    )
    for a in 0..<5 {
      for b in 0..<5 where b != a {
        for c in 0..<5 where c != a && c != b {
          let batch = [a, b, c]
          let seen = try estimate(
            batch.map { z[$0] }, batch.map { means[$0] }, batch.map { logVariances[$0] },
            width: 1, of: 5, by: .mss)
          // Every example is in 36 of the places.
          for (row, i) in batch.enumerated() {
            own[i] += exp(seen.whole[row]) / 36
            for (column, j) in batch.enumerated() {
              wrong[i] += copied[row][column] * likelihood(i, j) / 36
            }
          }
        }
      }
    }
    var worst = 0.0
    for i in 0..<5 {
      let exact = (0..<5).reduce(0) { $0 + likelihood(i, $1) } / 5
      #expect(abs(own[i] - exact) < 1e-6, "\(i): \(own[i]), not \(exact)")
      worst = max(worst, abs(wrong[i] - exact))
    }
    #expect(worst > 0.02, "\(worst)")
  }

  /// Posteriors N(μₙ, s²I) whose means have the covariance Σ − s²I: their aggregate is N(0, Σ).
  @Test func `the total correlation of a Gaussian is −½ log(1 − ρ²)`() throws {
    let (count, rho, variance) = (1500, 0.8, 0.15)
    let noise = TestNumbers.normal(4 * count, seed: 3).map(Double.init)
    // The eigenvectors of Σ are (1, 1) and (1, −1), its eigenvalues 1 ± ρ.
    let (long, short) = ((1 + rho - variance).squareRoot(), (1 - rho - variance).squareRoot())
    var (means, z): ([Float], [Float]) = ([], [])
    for n in 0..<count {
      let (u, v) = (noise[4 * n] * long, noise[4 * n + 1] * short)
      let mean = [(u + v) / 2.squareRoot(), (u - v) / 2.squareRoot()]
      for k in 0..<2 {
        means.append(Float(mean[k]))
        z.append(Float(mean[k] + variance.squareRoot() * noise[4 * n + 2 + k]))
      }
    }
    let logVariances = [Float](repeating: Float(log(variance)), count: 2 * count)
    func correlation(_ estimator: AggregatePosterior.Estimator) throws -> Double {
      let seen = try estimate(z, means, logVariances, width: 2, of: count, by: estimator)
      return zip(seen.whole, seen.product).reduce(0) { $0 + $1.0 - $1.1 } / Double(count)
    }
    let expected = -0.5 * log(1 - rho * rho)
    let stratified = try correlation(.mss)
    #expect(abs(stratified - expected) < 0.06, "\(stratified), not \(expected)")
    // Of overlapping posteriors, the weighted estimate is log N too small, once for each marginal.
    let weighted = try correlation(.mws)
    #expect(abs(weighted - expected - log(Double(count))) < 0.06, "\(weighted)")
  }

  /// Up to 128 dimensions there is one operation for it, beyond the sums of all pairs.
  @Test(arguments: [3, 128, 130], [AggregatePosterior.Estimator.mws, .mss])
  func `the sums are those of a Double loop`(
    width: Int, estimator: AggregatePosterior.Estimator
  ) throws {
    let (batch, count) = (5, 40)
    let means = TestNumbers.normal(batch * width, seed: 4)
    let logVariances = TestNumbers.normal(batch * width, seed: 5).map { $0 / 2 }
    let z = zip(means, TestNumbers.normal(batch * width, seed: 6)).map { $0 + $1 / 2 }
    let seen = try estimate(z, means, logVariances, width: width, of: count, by: estimator)
    let weights =
      estimator == .mws
      ? [Double](repeating: -log(Double(batch * count)), count: batch * batch)
      : AggregatePosterior.logStratifiedWeights(batch: batch, of: count).map(Double.init)
    func logDensity(_ i: Int, _ j: Int, _ e: Int) -> Double {
      let (own, other) = (i * width + e, j * width + e)
      let (distance, spread) = (Double(z[own] - means[other]), Double(logVariances[other]))
      return -0.5 * (distance * distance * exp(-spread) + spread + log(2 * Double.pi))
    }
    func logSum(_ logs: [Double]) -> Double {
      let top = logs.max() ?? 0
      return top + log(logs.reduce(0) { $0 + exp($1 - top) })
    }
    for i in 0..<batch {
      let each = (0..<batch).map { j in (0..<width).map { logDensity(i, j, $0) } }
      let whole = logSum((0..<batch).map { weights[i * batch + $0] + each[$0].reduce(0, +) })
      let product = (0..<width).reduce(0.0) { sum, e in
        sum + logSum((0..<batch).map { weights[i * batch + $0] + each[$0][e] })
      }
      #expect(abs(seen.whole[i] - whole) < 2e-5 * abs(whole), "\(i)")
      #expect(abs(seen.product[i] - product) < 2e-5 * abs(product), "\(i)")
    }
  }

  @Test func `one example is its own aggregate`() throws {
    for estimator in [AggregatePosterior.Estimator.mws, .mss] {
      let seen = try estimate([0.3, -1], [0, 0.5], [-1, 0.2], width: 2, of: 1, by: estimator)
      let own = log(density(0.3, 0, -1)) + log(density(-1, 0.5, 0.2))
      #expect(abs(seen.whole[0] - own) < 1e-5 && abs(seen.product[0] - own) < 1e-5)
    }
  }

  @Test func `posteriors of dependent dimensions are refused`() {
    let problem = #expect(throws: BuildProblem.self) {
      _ = try GraphRun([
        ([4, 2], [Float](repeating: 0, count: 8)), ([4, 5], TestNumbers.normal(20)),
      ]) { _, x in
        try AggregatePosterior(
          of: x[0], under: FullGaussian(head: x[1], dimensions: 2), trainingCount: 9, by: .mss
        ).logDensity
      }
    }
    #expect(problem?.path == ["posterior"])
  }
}
