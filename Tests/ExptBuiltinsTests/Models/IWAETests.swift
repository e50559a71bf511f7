import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@Suite("IWAE")
struct IWAETests {
  private func iwae(_ samples: Int) throws -> any Model {
    try builtins.make(.model, "{type: iwae, \(small), samples: \(samples)}")
  }

  @Test func `with one sample it is the VAE with a Monte-Carlo KL`() throws {
    let vae = try builtins.make(.model, "{type: vae, \(small), kl: monte_carlo}")
    for position in 0..<5 as Range<UInt64> {
      let one = try LossProbe(iwae(1), position: position)
      let other = try LossProbe(vae, position: position)
      #expect(abs(one["total"] - other["total"]) < 1e-5 * other["total"])
      #expect(one["reconstruction"] == other["reconstruction"])
    }
  }

  @Test func `the bound gets tighter with more samples`() throws {
    let losses = try [1, 3, 10, 50].map { samples in
      try (0..<60).map { try LossProbe(iwae(samples), position: $0, scale: 4)["total"] }
    }.map(meanAndError)
    for (looser, tighter) in zip(losses, losses.dropFirst()) {
      let error = (looser.error * looser.error + tighter.error * tighter.error).squareRoot()
      #expect(looser.mean - tighter.mean > 2 * error, "\(losses)")
    }
  }

  @Test func `it is never above the VAE's loss on average`() throws {
    let losses = try (0..<60).map { try LossProbe(iwae(5), position: $0) }
    let (mean, error) = meanAndError(losses.map { $0["reconstruction"] + $0["kl"] - $0["total"] })
    #expect(mean > -2 * error)
  }

  @Test func `the bound is that of a plain sum in Double`() {
    let weights: [Float] = [1, 2, 3, -50, 0, 50, 700, 700.5, 701, -800, -799, -801]
    let run = GraphRun([([12], weights)]) { _, t in
      importanceWeightedBound(negativeLogWeights: t[0], samples: 3)
    }
    var expected = 0.0
    for row in 0..<4 {
      let logs = weights[row * 3..<row * 3 + 3].map { -Double($0) }
      let most = logs.max() ?? 0
      expected -= most + log(logs.reduce(0) { $0 + exp($1 - most) } / 3)
    }
    #expect(abs(Double(run.output[0]) - expected / 4) < 1e-4)
    let gradient = run.inputGradients[0]
    #expect(abs(gradient.reduce(0, +) - 1) < 1e-5, "normalised weights, averaged over four images")
    #expect(gradient[11] > gradient[9] && gradient[9] > gradient[10], "likelier samples count more")
  }

  @Test func `the bound's gradient is that of finite differences`() {
    let check = GradientCheck([.normal([20])]) { _, t in
      importanceWeightedBound(negativeLogWeights: t[0], samples: 5)
    }
    #expect(check.relativeError < 5e-3, "\(check)")
  }
}
