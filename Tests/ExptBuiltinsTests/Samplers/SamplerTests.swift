import ExptBuiltins
import ExptComponents
import ExptTesting
import Foundation
import Testing

@Suite("Samplers") struct SamplerTests {
  private func make(_ text: String) throws -> any Sampler { try builtins.make(.sampler, text) }

  /// μ + L·ε for μ = (1, −2) and L = ((2, 0), (1.5, 0.5)): covariance ((4, 3), (3, 2.5)).
  private func correlated(_ count: Int) throws -> FittingData {
    let noise = TestNumbers.normal(2 * count, seed: 11)
    return try FittingData(
      (0..<count).flatMap { row in
        let (first, second) = (noise[2 * row], noise[2 * row + 1])
        return [1 + 2 * first, -2 + 1.5 * first + 0.5 * second]
      }, space: .vector(2))
  }

  /// Three clouds of different shape and size.
  private func clouds(_ count: Int) throws -> FittingData {
    let noise = TestNumbers.normal(2 * count, seed: 12)
    return try FittingData(
      (0..<count).flatMap { row in
        let (first, second) = (noise[2 * row], noise[2 * row + 1])
        switch row % 4 {
        case 0: return [-6 + 0.5 * first, 5 + second]
        case 1: return [7 + first + 0.3 * second, 0.3 * second]
        default: return [0.2 * first, -4 + first + second]
        }
      }, space: .vector(2))
  }

  /// Mean and covariance of rows of two numbers, in Double.
  private func moments(_ values: [Float]) -> (mean: [Double], covariance: [Double]) {
    let count = values.count / 2
    let rows = (0..<count).map { (Double(values[2 * $0]), Double(values[2 * $0 + 1])) }
    let first = rows.reduce(0) { $0 + $1.0 } / Double(count)
    let second = rows.reduce(0) { $0 + $1.1 } / Double(count)
    func mean(_ product: ((Double, Double)) -> Double) -> Double {
      rows.reduce(0) { $0 + product($1) } / Double(count)
    }
    return (
      [first, second],
      [
        mean { ($0.0 - first) * ($0.0 - first) }, mean { ($0.0 - first) * ($0.1 - second) },
        mean { ($0.1 - second) * ($0.1 - second) },
      ]
    )
  }

  @Test(arguments: [
    "{ type: gaussian }", "{ type: gaussian, covariance: diagonal }",
    "{ type: gmm, components: 3 }", "{ type: gmm, components: 3, covariance: diagonal }",
  ])
  func `at a temperature draws lie that much nearer to their means`(_ text: String) throws {
    let sampler = try make(text)
    let fitted = try sampler.fit(clouds(400))
    func draws(_ temperature: Float) throws -> [Float] {
      let tempered = try #require(sampler.tempered(fitted, by: temperature))
      return try sampler.draw(50, from: tempered, width: 2, seed: 3)
    }
    let (cold, cool, whole) = (try draws(0), try draws(0.25), try draws(1))
    #expect(whole == (try sampler.draw(50, from: fitted, width: 2, seed: 3)))
    for place in whole.indices {
      #expect(abs(cool[place] - cold[place] - 0.25 * (whole[place] - cold[place])) < 1e-5)
    }
    #expect(whole != cold)
  }

  @Test(arguments: ["realnvp", "maf", "second_stage"])
  func `flows and a second VAE have no one temperature`(_ name: String) throws {
    #expect(try make(name).tempered(FittedArrays([]), by: 0.5) == nil)
  }

  @Test func `a Gaussian has the mean and covariance of its latents`() throws {
    let data = try correlated(5000)
    let fitted = try make("{ type: gaussian, floor: 0 }").fit(data)
    let (mean, covariance) = moments(data.values)
    let factor = try fitted.values("factor", [2, 2]).map(Double.init)
    let seen = [
      factor[0] * factor[0], factor[0] * factor[2], factor[2] * factor[2] + factor[3] * factor[3],
    ]
    #expect(largestError(try fitted.values("mean", [2]), mean) < 1e-6)
    #expect(largestError(seen.map { Float($0) }, covariance) < 1e-5)
    // And those are what the latents were drawn with, up to 5 standard errors.
    #expect(zip(mean, [1, -2]).allSatisfy { abs($0 - $1) < 0.15 })
    #expect(zip(covariance, [4, 3, 2.5]).allSatisfy { abs($0 - $1) < 0.4 })
    #expect(factor[1] == 0)
  }

  @Test(arguments: ["gaussian", "{ type: gmm, components: 4 }", "{ type: gmm, components: 1 }"])
  func `draws have the moments of the latents`(_ text: String) throws {
    let sampler = try make(text)
    let data = try correlated(4000)
    let drawn = try sampler.draw(40_000, from: sampler.fit(data), width: 2, seed: 1)
    let (expected, seen) = (moments(data.values), moments(drawn))
    #expect(zip(seen.mean, expected.mean).allSatisfy { abs($0 - $1) < 0.05 }, "\(seen.mean)")
    #expect(
      zip(seen.covariance, expected.covariance).allSatisfy { abs($0 - $1) < 0.15 },
      "\(seen.covariance)")
  }

  @Test func `a mixture finds three clouds and their weights`() throws {
    let fitted = try make("{ type: gmm, components: 3 }").fit(clouds(2000))
    let weights = try fitted.values("weights", [3])
    let means = try fitted.values("means", [3, 2])
    let order = (0..<3).sorted { means[2 * $0] < means[2 * $1] }
    for (part, weight) in zip(order, [0.25, 0.5, 0.25]) {
      #expect(abs(Double(weights[part]) - weight) < 0.01, "\(weights)")
    }
    let places = order.flatMap { means[2 * $0..<2 * $0 + 2] }
    #expect(zip(places, [-6, 5, 0, -4, 7, 0]).allSatisfy { abs($0 - $1) < 0.25 }, "\(places)")
  }

  @Test(arguments: Covariance.allCases, [1, 2, 5])
  func `no step of EM makes the latents less probable`(
    _ covariance: Covariance, _ components: Int
  ) throws {
    let data = try clouds(400)
    let likelihoods = try (1...25).map { steps in
      let sampler = try make(
        """
        { type: gmm, components: \(components), covariance: \(covariance.rawValue), \
        iterations: \(steps), tolerance: 0, floor: 0 }
        """)
      return try logLikelihood(data, sampler.fit(data), components, covariance)
    }
    for (before, after) in zip(likelihoods, likelihoods.dropFirst()) {
      #expect(after > before - 1e-5, "\(likelihoods)")
    }
    if components == 5 { #expect(likelihoods[24] > likelihoods[0] + 0.01) }
  }

  /// The mean over the latents of log p(z), by the formula for two dimensions.
  private func logLikelihood(
    _ data: FittingData, _ fitted: FittedArrays, _ components: Int, _ covariance: Covariance
  ) throws -> Double {
    let isFull = covariance == .full
    let weights = try fitted.values("weights", [components])
    let means = try fitted.values("means", [components, 2]).map(Double.init)
    let factors = try fitted.values(
      "factors", isFull ? [components, 2, 2] : [components, 2]
    ).map(Double.init)
    let logs = (0..<data.count).map { row in
      let density = (0..<components).reduce(0.0) { sum, part in
        let size = isFull ? 4 : 2
        let own = Array(factors[part * size..<(part + 1) * size])
        let (a, b, c) = isFull ? (own[0], own[2], own[3]) : (own[0], 0, own[1])
        let first = (Double(data.values[2 * row]) - means[2 * part]) / a
        let second = (Double(data.values[2 * row + 1]) - means[2 * part + 1] - b * first) / c
        return sum + Double(weights[part]) * exp(-0.5 * (first * first + second * second))
          / (2 * .pi * a * c)
      }
      return log(density)
    }
    return logs.reduce(0, +) / Double(data.count)
  }

  @Test(arguments: Covariance.allCases)
  func `a mixture of one is the Gaussian`(_ covariance: Covariance) throws {
    let data = try correlated(300)
    let kind = "covariance: \(covariance.rawValue)"
    let one = try make("{ type: gmm, components: 1, \(kind) }").fit(data)
    let gaussian = try make("{ type: gaussian, \(kind) }").fit(data)
    #expect(one.arrays.dropFirst().map(\.values) == gaussian.arrays.map(\.values))
    #expect(try one.values("weights", [1]) == [1])
  }

  @Test func `a diagonal Gaussian has the deviations of each number`() throws {
    let data = try correlated(200)
    let fitted = try make("{ type: gaussian, covariance: diagonal, floor: 0.25 }").fit(data)
    let covariance = moments(data.values).covariance
    let expected = [covariance[0], covariance[2]].map { ($0 + 0.25).squareRoot() }
    #expect(largestError(try fitted.values("factor", [2]), expected) < 1e-6)
  }

  @Test(arguments: ["gaussian", "{ type: gmm, components: 3 }"])
  func `latents that are all the same are fitted, too`(_ text: String) throws {
    let sampler = try make(text)
    let fitted = try sampler.fit(
      FittingData([Float](repeating: 2, count: 40), space: .vector(2)))
    let drawn = try sampler.draw(20, from: fitted, width: 2, seed: 0)
    #expect(drawn.allSatisfy { abs($0 - 2) < 0.01 }, "\(drawn)")
  }

  @Test func `what cannot be fitted is said`() throws {
    func problem(_ text: String, _ count: Int, _ space: LatentSpace) throws -> String? {
      do throws(SamplerProblem) {
        let values = TestNumbers.normal(count * space.width, seed: 2)
        _ = try builtinSampler(text).fit(FittingData(values, space: space))
        return nil
      } catch { return error.message }
    }
    #expect(
      try problem("gaussian", 9, .vector(9))
        == "a normal distribution of 9 numbers needs at least 10 images to be fitted to, and there "
        + "are 9")
    #expect(try problem("gaussian", 10, .vector(9)) == nil)
    #expect(
      try problem("{ type: gmm, components: 6 }", 11, .vector(2))
        == "a mixture of 6 normal distributions needs at least 12 images to be fitted to, and there "
        + "are 11")
    #expect(
      try problem("gmm", 90, .codes(count: 3, size: 4))
        == "a mixture of 10 normal distributions needs latents that are real numbers, and these are "
        + "3 choices among 4")
    #expect(try problem("gaussian", 90, .sphere(3))?.contains("a point of the sphere") == true)
    #expect(try problem("gaussian", 90, .map([2, 2, 2])) == nil)
    #expect(throws: SamplerProblem("there are no latents to fit to")) {
      try FittingData([], space: .vector(2))
    }
    #expect(
      throws: SamplerProblem("latent 1 of image 1 is nan: the model has diverged")
    ) { try FittingData([1, 2, 3, .nan], space: .vector(2)) }
    let flat = try FittingData([1, 0, 2, 0, 3, 0], space: .vector(2))
    #expect(
      throws: SamplerProblem(
        "the covariance of the latents is not positive definite: raise 'floor'")
    ) { try make("{ type: gaussian, floor: 0 }").fit(flat) }
  }

  private func builtinSampler(_ text: String) -> any Sampler {
    do { return try make(text) } catch { preconditionFailure("\(error)") }
  }

  @Test func `arrays that are not those of the sampler are refused`() throws {
    let sampler = try make("{ type: gmm, components: 2 }")
    let fitted = try sampler.fit(correlated(50))
    func problem(_ width: Int, _ change: (inout FittedArrays) -> Void) -> String? {
      var changed = fitted
      change(&changed)
      do {
        _ = try sampler.draw(3, from: changed, width: width, seed: 0)
        return nil
      } catch { return error.message }
    }
    #expect(problem(2) { _ in } == nil)
    #expect(
      problem(3) { _ in } == "the fitted 'means' has shape [2, 2], and [2, 3] is needed")
    #expect(problem(2) { $0.arrays.removeFirst() } == "what was fitted has no 'weights'")
    #expect(
      problem(2) { $0.arrays[2].values[0] = .infinity }
        == "the fitted 'factors' holds numbers that are not finite")
    #expect(problem(2) { $0.arrays[0].values = [-1, 0] } == nil)
  }
}
