import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

@Suite("Draws of a likelihood")
struct LikelihoodDrawTests {
  private static let rows = 40_000

  /// Draws of one pixel, given one row of the decoder's numbers; the mean that the likelihood claims.
  private func draws(_ text: String, _ output: [Float], channels: Int = 1) throws -> (
    values: [Double], mean: [Float]
  ) {
    let likelihood: any Likelihood = try network(.likelihood, text)
    let image: Shape = [channels, 1, 1]
    let shape = try likelihood.outputShape(for: image).batched(Self.rows)
    let parameters = (0..<Self.rows).flatMap { _ in output }
    let values = try forward([(shape, parameters)]) { graph, x in
      try #require(likelihood.draw(x[0], in: Scope(graph, data: .black(image))))
    }
    let row = try likelihood.outputShape(for: image).batched(1)
    let mean = forward([(row, output)]) { graph, x in
      likelihood.mean(x[0], in: Scope(graph, data: .black(image)))
    }
    return (values.map(Double.init), mean)
  }

  private func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
  }

  /// Variances in closed form; the continuous Bernoulli's is 1/l² − eˡ/(eˡ − 1)².
  @Test(
    arguments: [
      ("bernoulli", [0.8], 0.21390), ("continuous_bernoulli", [-2], 0.068985),
      ("continuous_bernoulli", [1e-5], 1.0 / 12), ("{ type: gaussian, scale: 0.3 }", [0.2], 0.09),
      ("{ type: gaussian, scale: per_pixel }", [0.2, 0.5], 0.04 * 2.718281828),
      ("{ type: laplace, scale: 0.3 }", [0.2], 0.18),
      // s²·ν/(ν − 2)
      ("{ type: student_t, scale: 0.3, degrees_of_freedom: 9 }", [0.2], 0.09 * 9 / 7),
      // (s²/4a²)·2·ψ′(1/(2a)); at a = ½ ψ′(1) = π²/6, and at a = 1 ψ′(½) = π²/2
      ("{ type: log_cosh, scale: 0.3, sharpness: 0.5 }", [0.2], 0.09 * 2 * 1.6449341),
      ("{ type: log_cosh, scale: 0.3, sharpness: 1 }", [0.2], 0.09 / 2 * 4.9348022),
      // m(1 − m)/(c + 1)
      ("{ type: beta, concentration: 4 }", [0.4], 0.2402607 / 5),
      ("{ type: beta, concentration: 0.02 }", [0], 0.25 / 1.02),
      ("poisson", [1.2], 3.3201169),
      ("{ type: negative_binomial, dispersion: 2 }", [1.2], 3.3201169 + 11.0231764 / 2),
      // (1 − π)·(μ + μ²/θ + π·μ²), π = σ(1 − 2)
      (
        "{ type: zinb, dispersion: 2 }", [1.2, 1],
        0.7310586 * (3.3201169 + 11.0231764 / 2 + 0.2689414 * 11.0231764)
      ),
    ] as [(String, [Float], Double)])
  func `have the mean and the variance of their distribution`(
    _ text: String, _ output: [Float], _ variance: Double
  ) throws {
    let (values, mean) = try draws(text, output)
    let seen = moments(values)
    let n = Double(values.count)
    let fourth =
      values.reduce(0) { sum, value in
        let square = (value - seen.mean) * (value - seen.mean)
        return sum + square * square
      } / n - seen.variance * seen.variance
    #expect(
      abs(seen.mean - Double(mean[0])) < 5 * (variance / n).squareRoot(),
      "\(text): \(seen.mean), not \(mean[0])")
    #expect(
      abs(seen.variance - variance) < 5 * (fourth / n).squareRoot() + 1e-4 * variance,
      "\(text): \(seen.variance), not \(variance)")
  }

  @Test func `have the probabilities of their levels`() throws {
    for (text, output) in [
      ("{ type: categorical, levels: 4 }", [0.5, -1, 2, 0]),
      ("{ type: discretized_logistic, scale: 0.02 }", [0.5]),
      ("{ type: logistic_mixture, components: 2 }", [1, 0, 0.2, 0.8, -2, -1]),
    ] as [(String, [Float])] {
      let values = try draws(text, output).values
      var counts: [Double: Double] = [:]
      for value in values { counts[value, default: 0] += 1 }
      let likelihood: any Likelihood = try network(.likelihood, text)
      let levels = counts.keys.sorted().map { Float($0) }
      let rows = levels.flatMap { _ in output }
      let losses = forward([
        ([levels.count, output.count, 1, 1], rows), ([levels.count, 1, 1, 1], levels),
      ]) { graph, t in
        likelihood.negativeLogLikelihood(
          t[0], images: t[1], in: Scope(graph, data: .black([1, 1, 1])))
      }
      var (distance, cells) = (0.0, 0.0)
      for (level, loss) in zip(counts.keys.sorted(), losses) {
        let expected = exp(-Double(loss)) * Double(values.count)
        guard expected > 20 else { continue }
        let error = (counts[level] ?? 0) - expected
        distance += error * error / expected
        cells += 1
      }
      #expect(cells > 3 && distance < cells + 5 * (2 * cells).squareRoot(), "\(text): \(distance)")
    }
  }

  @Test func `let channels follow from one another`() throws {
    // One component: x₂ = 0.1 + tanh(1)·x₁, of little scale.
    let text = "{ type: logistic_mixture, components: 1, initial_scale: 0.001 }"
    let values = try draws(text, [0, 0.5, 0.1, 4, 0, 1], channels: 2).values
    let pairs = stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) }
    #expect(moments(pairs.map(\.0)).variance > 1e-3)
    let rest = pairs.map { $0.1 - 0.1 - tanh(1) * $0.0 }
    #expect(moments(rest).variance < 2e-5)
    #expect(abs(moments(rest).mean) < 1e-3)
  }

  @Test func `are the same for the same seed and none for a loss`() throws {
    #expect(try draws("poisson", [0.5]).values == draws("poisson", [0.5]).values)
    let loss: any Likelihood = try network(.likelihood, "ms_ssim")
    let graph = Graph(mode: .evaluation, parameters: ParameterSet())
    let scope = Scope(graph, data: .black([1, 16, 16]))
    #expect(loss.draw(graph.constant(0, [1, 1, 16, 16]), in: scope) == nil)
  }
}
