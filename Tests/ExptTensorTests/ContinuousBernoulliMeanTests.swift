import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

@Suite("The mean of a continuous Bernoulli")
struct ContinuousBernoulliMeanTests {
  @Test func `is ∫ t·C·λᵗ(1 − λ)¹⁻ᵗ dt over 0 … 1`() {
    let logits: [Float] = [-20, -4, -1.6, -1.4, -0.3, -1e-3, 0, 1e-6, 0.5, 1.5, 3, 30]
    let mean = forward([([logits.count], logits)]) { continuousBernoulliMean(logits: $1[0]) }
    // The density is proportional to exp(l·t); the midpoint rule over 20 000 steps.
    let expected = logits.map { logit in
      let points = (0..<20_000).map { (Double($0) + 0.5) / 20_000 }
      let weights = points.map { exp(Double(logit) * ($0 - 1)) }
      return zip(points, weights).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
    }
    #expect(largestError(mean, expected) < 1e-6)
  }
}
