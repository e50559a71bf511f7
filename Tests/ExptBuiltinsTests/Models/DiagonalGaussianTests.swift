import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@Suite("Gaussians with independent dimensions")
struct DiagonalGaussianTests {
  private let means: [Float] = [0.5, -1, 2, 0, 0, -3]
  private let logVariances: [Float] = [0, -2, 1, 0, -8, 0.5]

  /// What `record` makes of two Gaussians of three dimensions.
  private func run(_ record: (DiagonalGaussian, Scope) -> Tensor) -> GraphRun {
    GraphRun([([2, 3], means), ([2, 3], logVariances)]) { graph, t in
      let facts = DataFacts(image: [1, 1, 1]) { [0] }
      return record(
        DiagonalGaussian(mean: t[0], logVariance: t[1]), Scope(graph, data: facts))
    }
  }

  /// To N(0, I), averaged over the batch.
  private func klPerDimension(_ gaussian: DiagonalGaussian) -> Tensor {
    let divergence = gaussian.divergence(from: StandardNormal(gaussian.space))
    guard let kl = divergence?.perDimension else { preconditionFailure("no KL to N(0, I)") }
    return kl.meanOverBatch()
  }

  /// log q − log p of each draw.
  private func monteCarloKL(_ gaussian: DiagonalGaussian, _ draw: Draw) -> Tensor {
    let ratios = gaussian.monteCarloDivergence(draw, from: StandardNormal(gaussian.space))
    guard let ratios else { preconditionFailure("no densities") }
    return ratios
  }

  @Test func `samples have the mean and the variance, in consecutive rows`() {
    let count = 20_000
    let samples = run { gaussian, scope in gaussian.samples(count, in: scope) }
    #expect(samples.outputShape == [2 * count, 3])
    for (index, (mean, logVariance)) in zip(means, logVariances).enumerated() {
      let first = index / 3 * count * 3 + index % 3
      let values = (0..<count).map { Double(samples.output[first + $0 * 3]) }
      let sigma = exp(Double(logVariance) / 2)
      let (seen, error) = meanAndError(values)
      #expect(abs(seen - Double(mean)) < 5 * error, "mean \(index): \(seen) ± \(error)")
      #expect(abs(deviation(values) / sigma - 1) < 0.03, "deviation \(index)")
    }
  }

  @Test func `the KL of each dimension is the formula's, averaged over the batch`() {
    let seen = run { gaussian, _ in klPerDimension(gaussian) }.output
    for dimension in 0..<3 {
      let expected = [dimension, dimension + 3].reduce(0.0) { sum, index in
        let (mean, logVariance) = (Double(means[index]), Double(logVariances[index]))
        return sum + 0.25 * (mean * mean + exp(logVariance) - 1 - logVariance)
      }
      #expect(abs(Double(seen[dimension]) - expected) < 1e-6 * max(1, expected))
    }
  }

  @Test func `the Monte-Carlo KL comes to the formula's within its standard error`() {
    let count = 20_000
    let expected = run { gaussian, _ in klPerDimension(gaussian).sum() }.output[0]
    let ratios = run { gaussian, scope in
      monteCarloKL(gaussian, gaussian.draw(count, batch: 2, in: scope))
    }.output
    #expect(ratios.count == 2 * count)
    let pairs = (0..<count).map { Double(ratios[$0] + ratios[count + $0]) / 2 }
    let (mean, error) = meanAndError(pairs)
    #expect(abs(mean - Double(expected)) < 4 * error, "\(mean) ± \(error), not \(expected)")
    #expect(error < 0.01 * Double(expected))
  }

  @Test func `gradients through samples are those of finite differences`() {
    let check = GradientCheck([.normal([2, 3]), .normal([2, 3])]) { graph, t in
      let scope = Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] })
      let gaussian = DiagonalGaussian(mean: t[0], logVariance: t[1])
      let draw = gaussian.draw(4, batch: 2, in: scope)
      return monteCarloKL(gaussian, draw) + square(draw.values).sumPerExample()
    }
    #expect(check.relativeError < 5e-3, "\(check)")
  }

  @Test func `examples repeat in consecutive rows, and the first of them come back`() {
    let x = TestNumbers.normal(2 * 6)
    let repeated = GraphRun([([2, 1, 2, 3], x)]) { _, t in t[0].repeatedExamples(3) }
    #expect(repeated.outputShape == [6, 1, 2, 3])
    let (first, second) = (Array(x[..<6]), Array(x[6...]))
    #expect(repeated.output == first + first + first + second + second + second)
    let samples = TestNumbers.normal(6 * 6)
    let back = GraphRun([([6, 1, 2, 3], samples)]) { _, t in t[0].firstOfSamples(3) }
    #expect(back.outputShape == [2, 1, 2, 3])
    #expect(back.output == Array(samples[..<6]) + Array(samples[18..<24]))
  }
}
