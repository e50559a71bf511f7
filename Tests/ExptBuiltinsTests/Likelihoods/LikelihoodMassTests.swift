import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

/// What a likelihood is a distribution of: all its probabilities add up to 1, and its draws and limits are
/// those of the distribution. The wrong versions that papers' code is known for do not.
@Suite("The probabilities of a likelihood")
struct LikelihoodMassTests {
  /// exp(−loss) of each of some images of one row of the decoder's numbers.
  private func probabilities(
    _ text: String, _ output: [Float], _ images: [Float], image: Shape = [1, 1, 1]
  ) throws -> [Double] {
    try losses(text, output, images, image: image).map { exp(-$0) }
  }

  private func losses(
    _ text: String, _ output: [Float], _ images: [Float], image: Shape = [1, 1, 1]
  ) throws -> [Double] {
    let likelihood: any Likelihood = try network(.likelihood, text)
    let shape = try likelihood.outputShape(for: image)
    let count = images.count / image.count
    let parameters = (0..<count).flatMap { _ in output }
    return forward([(shape.batched(count), parameters), (image.batched(count), images)]) {
      graph, t in
      likelihood.negativeLogLikelihood(t[0], images: t[1], in: Scope(graph, data: .black(image)))
    }.map(Double.init)
  }

  /// ∫ f(x) p(x) dx by the midpoint rule over x = m + s·sinh(t), |t| ≤ `reach`.
  private func integral(
    _ text: String, _ output: [Float], around m: Double = 0, width s: Double = 1,
    reach: Double = 12, of f: (Double) -> Double = { _ in 1 }
  ) throws -> Double {
    let steps = 20_000
    let ts = (0..<steps).map { (Double($0) + 0.5) / Double(steps) * 2 * reach - reach }
    let xs = ts.map { m + s * sinh($0) }
    let densities = try probabilities(text, output, xs.map { Float($0) })
    return zip(zip(xs, ts), densities).reduce(0) { sum, next in
      let ((x, t), density) = next
      return sum + f(x) * density * s * cosh(t) * 2 * reach / Double(steps)
    }
  }

  @Test(
    arguments: [
      ("{ type: gaussian, scale: 0.3 }", [0.2]), ("{ type: laplace, scale: 0.3 }", [0.2]),
      ("{ type: student_t, scale: 0.3, degrees_of_freedom: 1.5 }", [0.2]),
      ("{ type: student_t, scale: per_pixel, degrees_of_freedom: per_pixel }", [0.2, 1, -1]),
      ("{ type: student_t, scale: 0.3, degrees_of_freedom: 100000 }", [0.2]),
      ("{ type: log_cosh, scale: 0.3, sharpness: 0.01 }", [0.2]),
      ("{ type: log_cosh, scale: 0.3, sharpness: 1 }", [0.2]),
      ("{ type: log_cosh, scale: 0.3, sharpness: 10 }", [0.2]),
      ("{ type: log_cosh, scale: 0.3, sharpness: 3000 }", [0.2]),
    ] as [(String, [Float])])
  func `densities integrate to 1`(_ text: String, _ output: [Float]) throws {
    let mass = try integral(text, output, around: 0.2, width: 0.05)
    #expect(abs(mass - 1) < 1e-4, "\(text): \(mass)")
  }

  @Test(
    arguments: [
      ("continuous_bernoulli", [1.3]), ("{ type: beta, concentration: 9 }", [0.4]),
      ("{ type: beta, concentration: per_pixel }", [-1, 1.5]),
    ] as [(String, [Float])])
  func `densities on 0 to 1 integrate to 1`(_ text: String, _ output: [Float]) throws {
    let count = 20_000
    let xs = (0..<count).map { (Float($0) + 0.5) / Float(count) }
    let mass = try probabilities(text, output, xs).reduce(0, +) / Double(count)
    #expect(abs(mass - 1) < 1e-4, "\(text): \(mass)")
  }

  @Test func `a beta distribution with a margin is one of the images as they are`() throws {
    let count = 20_000
    let xs = (0..<count).map { (Float($0) + 0.5) / Float(count) }
    let text = "{ type: beta, concentration: 30, margin: 0.1 }"
    let mass = try probabilities(text, [0], xs).reduce(0, +) / Double(count)
    #expect(abs(mass - 1) < 1e-4, "\(mass)")
    // What lies in the margins is lost.
    let flat = try probabilities("{ type: beta, concentration: 2, margin: 0.1 }", [0], xs)
    #expect(abs(flat.reduce(0, +) / Double(count) - 0.8) < 1e-4)
  }

  @Test(
    arguments: [
      ("poisson", [1.2]), ("poisson", [4]), ("{ type: negative_binomial, dispersion: 0.7 }", [1.2]),
      ("{ type: negative_binomial, dispersion: 50 }", [2]),
      ("{ type: zinb, dispersion: 0.7 }", [1, 3]),
      ("{ type: zinb, dispersion: per_pixel }", [1, 0.5, -3]),
      ("{ type: categorical, levels: 9, values: whole }", [1, -1, 0, 3, 2, 0.5, -2, 1, 1]),
    ] as [(String, [Float])])
  func `probabilities of whole numbers add up to 1, and have their mean`(
    _ text: String, _ output: [Float]
  ) throws {
    let categories = text.contains("categorical") ? 9 : 3000
    let xs = (0..<categories).map { Float($0) }
    let chances = try probabilities(text, output, xs)
    #expect(abs(chances.reduce(0, +) - 1) < 1e-5, "\(text)")
    let likelihood: any Likelihood = try network(.likelihood, text)
    let mean = forward([([1, output.count, 1, 1], output)]) { graph, x in
      likelihood.mean(x[0], in: Scope(graph, data: .black([1, 1, 1])))
    }
    var expected = 0.0
    for (x, chance) in zip(xs, chances) { expected += Double(x) * chance }
    #expect(largestError(mean, [expected]) < 1e-4, "\(text): \(mean) \(expected)")
  }

  @Test
  func `probabilities of levels add up to 1, of two channels that follow from each other too`()
    throws
  {
    let levels = (0..<256).map { Float($0) / 255 }
    let grey = TestNumbers.normal(9, seed: 4)
    let mass = try probabilities("{ type: logistic_mixture, components: 3 }", grey, levels)
    #expect(abs(mass.reduce(0, +) - 1) < 1e-5)
    let pairs = levels.flatMap { first in levels.flatMap { [first, $0] } }
    let both = try probabilities(
      "{ type: logistic_mixture, components: 2 }", TestNumbers.normal(12, seed: 4), pairs,
      image: [2, 1, 1])
    #expect(abs(both.reduce(0, +) - 1) < 1e-5)
    let bins = try probabilities(
      "{ type: categorical, levels: 16 }", TestNumbers.normal(16), levels)
    #expect(abs(bins.reduce(0, +) - 16) < 1e-4)  // sixteen 8-bit levels in each bin
  }

  @Test func `one component of one channel is the discretized logistic`() throws {
    let (image, count): (Shape, Int) = ([1, 3, 3], 9)
    let values = (0..<count).map { Float($0 * 31 % 256) / 255 }
    let numbers = TestNumbers.uniform(2 * count, in: 0...1, seed: 3)
    let logits = TestNumbers.normal(count, seed: 2)
    let mixture = try losses(
      "{ type: logistic_mixture, components: 1, initial_scale: 0.2 }", logits + numbers,
      values, image: image)
    let single = try losses(
      "{ type: discretized_logistic, scale: per_pixel }", numbers, values, image: image)
    #expect(abs(mixture[0] - single[0]) < 1e-6 * single[0], "\(mixture) \(single)")
  }

  @Test func `the categories of one pixel have the softmax of their logits`() throws {
    let logits = TestNumbers.normal(8, seed: 12)
    let all = logits.reduce(0) { $0 + exp(Double($1)) }
    let levels = (0..<8).map { Float($0) / 7 }
    let chances = try probabilities("{ type: categorical, levels: 8 }", logits, levels)
    for (chance, logit) in zip(chances, logits) {
      #expect(abs(chance - exp(Double(logit)) / all) < 1e-6)
    }
  }

  // MARK: Limits and moments

  @Test func `a negative binomial has variance μ + μ²/θ, and is Poisson's for large θ`() throws {
    let xs = (0..<2000).map { Float($0) }
    let (mean, theta) = (exp(1.5), 0.7)
    let chances = try probabilities("{ type: negative_binomial, dispersion: 0.7 }", [1.5], xs)
    func moments(_ chances: [Double]) -> (mean: Double, variance: Double) {
      var (mean, square) = (0.0, 0.0)
      for (x, chance) in zip(xs, chances) {
        mean += Double(x) * chance
        square += Double(x) * Double(x) * chance
      }
      return (mean, square - mean * mean)
    }
    let seen = moments(chances)
    let expected = mean + mean * mean / theta
    #expect(abs(seen.mean - mean) < 1e-4 * mean && abs(seen.variance - expected) < 1e-4 * expected)
    let limit = try losses("{ type: negative_binomial, dispersion: 1000000 }", [1.5], xs)
    let poisson = try losses("poisson", [1.5], xs)
    for x in 0..<30 { #expect(abs(limit[x] - poisson[x]) < 1e-3, "\(x)") }
    // The trap: total_count and probs exchanged, so that θ/(θ + μ) is taken for the share of successes.
    let swapped = chances.indices.map { count -> Double in
      let x = Double(count)
      let ways: Double = lgamma(x + theta) - lgamma(theta) - lgamma(x + 1)
      let (success, failure) = (log(mean / (theta + mean)), log(theta / (theta + mean)))
      return exp(ways + theta * success + x * failure)
    }
    #expect(abs(moments(swapped).mean - mean) > 1)
  }

  @Test func `zeros are mixed in without leaving the logarithms`() throws {
    // A mean of e⁹ and θ = 1000: NB(0) is e^(−2200), whose exponential is 0 in a float.
    let loss = try losses("{ type: zinb, dispersion: 1000 }", [9, -20], [0])[0]
    let (theta, mean) = (1000.0, exp(9.0))
    let atZero = theta * log(theta / (theta + mean))
    let logit = -22.0
    #expect(abs(loss - -(logit - log1p(exp(logit)))) < 1e-4, "\(loss)")
    let share = 1 / (1 + exp(-Float(logit)))
    let naive = -log(share * 0 + (1 - share) * exp(Float(atZero)))
    #expect(naive == .infinity)
  }

  @Test func `log-cosh becomes a Gaussian and a Laplace distribution`() throws {
    let xs: [Float] = [-2, -0.3, 0, 0.1, 1.4]
    let flat = try losses("{ type: log_cosh, scale: 0.05, sharpness: 0.001 }", [0], xs)
    // A variance of s²/a.
    let gaussian = try losses("{ type: gaussian, scale: 1.58113883 }", [0], xs)
    let sharp = try losses("{ type: log_cosh, scale: 0.5, sharpness: 10000 }", [0], xs)
    let laplace = try losses("{ type: laplace, scale: 0.5 }", [0], xs)
    for index in xs.indices {
      #expect(abs(flat[index] - gaussian[index]) < 2e-3, "\(xs[index])")
      #expect(abs(sharp[index] - laplace[index]) < 3e-4, "\(xs[index])")
    }
    // The trap: the papers' loss without its constant is no density.
    let a = 10.0
    let mass = (0..<40_000).reduce(0.0) { sum, step in
      let t = (Double(step) + 0.5) / 1000 - 20
      return sum + exp(-log(cosh(a * t)) / a) / 1000
    }
    #expect(abs(mass - 1) > 0.5, "\(mass)")
  }

  @Test func `Student's t without its constant is no density`() throws {
    let mass = try integral(
      "{ type: student_t, scale: 0.3, degrees_of_freedom: 4 }", [0.2], around: 0.2, width: 0.05)
    #expect(abs(mass - 1) < 1e-4)
    let v = 4.0
    let naive = (0..<200_000).reduce(0.0) { sum, step in
      let t = (Double(step) + 0.5) / 1000 - 100
      return sum + exp(-(v + 1) / 2 * log1p(t * t / v)) / 1000
    }
    #expect(abs(naive - 1) > 0.5, "\(naive)")
    // As ν grows it is the Gaussian.
    let limit = try losses(
      "{ type: student_t, scale: 0.5, degrees_of_freedom: 1000000 }", [0.1], [-1, 0, 0.7])
    let gaussian = try losses("{ type: gaussian, scale: 0.5 }", [0.1], [-1, 0, 0.7])
    for (a, b) in zip(limit, gaussian) { #expect(abs(a - b) < 1e-4) }
  }
}
