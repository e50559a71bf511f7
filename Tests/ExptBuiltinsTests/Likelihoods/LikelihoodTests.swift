import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTestSupport
import ExptTesting
import Testing

// Expected numbers from PyTorch 2.13 in float64:
//
//     import torch, torch.distributions as D
//     torch.set_default_dtype(torch.float64)
//     p = torch.tensor([-2.0, -0.5, 0.0, 0.3, 1.7, 4.0])
//     x = torch.tensor([0.0, 1.0, 0.25, 0.8, 1.0, 0.6])
//     s = torch.tensor([-1.0, -0.5, 0.0, 0.2, 0.4, 0.6])
//     torch.nn.functional.binary_cross_entropy_with_logits(p, x, reduction="sum")  # bernoulli
//     -D.ContinuousBernoulli(logits=p).log_prob(x).sum()
//     -D.Normal(p, 0.3).log_prob(x).sum(), -D.Normal(p, 0.2 * s.exp()).log_prob(x).sum()
//     -D.Laplace(p, 0.3).log_prob(x).sum(), -D.Laplace(p, 0.2 * s.exp()).log_prob(x).sum()
//     levels = torch.tensor([0., 51, 128, 200, 255, 254]) / 255
//     m = torch.tensor([0.1, 0.25, 0.5, 0.6, 0.95, 0.9])
//     logistic = lambda s: D.TransformedDistribution(
//       D.Uniform(0., 1.), [D.SigmoidTransform().inv, D.AffineTransform(m, s)])
//     up = torch.where(levels >= 1, 1., logistic(0.05).cdf(levels + 1/510))
//     low = torch.where(levels <= 0, 0., logistic(0.05).cdf(levels - 1/510))
//     -(up - low).log().sum()                                     # and with 0.2 * s.exp()

@Suite("Likelihoods")
struct LikelihoodTests {
  private static let decoded: [Float] = [-2, -0.5, 0, 0.3, 1.7, 4]
  private static let pixels: [Float] = [0, 1, 0.25, 0.8, 1, 0.6]
  private static let raw: [Float] = [-1, -0.5, 0, 0.2, 0.4, 0.6]
  private static let locations: [Float] = [0.1, 0.25, 0.5, 0.6, 0.95, 0.9]
  private static let levels: [Float] = [0, 51, 128, 200, 255, 254].map { $0 / 255 }

  /// A likelihood's loss of one image of 2×1×3.
  private func loss(_ likelihood: any Likelihood, _ parameters: [Float], _ pixels: [Float])
    -> Float
  {
    let maps = parameters.count / 3
    return GraphRun([([1, maps, 1, 3], parameters), ([1, 2, 1, 3], pixels)]) { graph, t in
      likelihood.negativeLogLikelihood(
        t[0], images: t[1], in: Scope(graph, data: .black([2, 1, 3])))
    }.output[0]
  }

  @Test func `losses are PyTorch's, constants included`() throws {
    let cases: [(String, [Float], [Float], Double)] = [
      ("bernoulli", Self.decoded, Self.pixels, 4.194443377555627),
      ("continuous_bernoulli", Self.decoded, Self.pixels, -1.201555350600351),
      ("{ type: gaussian, scale: 0.3 }", Self.decoded, Self.pixels, 101.69257215105017),
      (
        "{ type: gaussian, scale: shared, initial_scale: 0.3 }", Self.decoded, Self.pixels,
        101.69257215105017
      ),
      (
        "{ type: gaussian, scale: per_pixel, initial_scale: 0.2 }", Self.decoded + Self.raw,
        Self.pixels, 490.6121887669591
      ),
      ("{ type: laplace, scale: 0.3 }", Self.decoded, Self.pixels, 24.768379590737393),
      (
        "{ type: laplace, scale: per_pixel, initial_scale: 0.2 }", Self.decoded + Self.raw,
        Self.pixels, 48.72322828101462
      ),
      (
        "{ type: discretized_logistic, scale: 0.05 }", Self.locations, Self.levels,
        22.502978978118193
      ),
      (
        "{ type: discretized_logistic, scale: per_pixel, initial_scale: 0.2 }",
        Self.locations + Self.raw, Self.levels, 24.114627842411263
      ),
    ]
    for (text, parameters, pixels, expected) in cases {
      let seen = loss(try network(.likelihood, text), parameters, pixels)
      #expect(abs(Double(seen) - expected) < 3e-6 * abs(expected), "\(text): \(seen)")
    }
  }

  @Test(arguments: [
    "bernoulli", "continuous_bernoulli", "{ type: gaussian, scale: 0.5 }", "gaussian",
    "{ type: gaussian, scale: per_pixel }", "laplace", "{ type: laplace, scale: per_pixel }",
    "discretized_logistic", "{ type: discretized_logistic, scale: per_pixel }",
  ])
  func `gradients agree with differences, by the decoder's output and by a learned scale`(
    _ text: String
  ) throws {
    let likelihood: any Likelihood = try network(.likelihood, text)
    let maps = 2 * likelihood.parametersPerPixel
    let check = GradientCheck(
      [.uniform([4, maps, 3, 3], 0.1...0.9), .fixed([4, 2, 3, 3], 0...1)], epsilon: 0.01
    ) { graph, t in
      likelihood.negativeLogLikelihood(
        t[0], images: t[1], in: Scope(graph, data: .black([2, 3, 3])))
    }
    #expect(check.relativeError < 5e-3, "\(check)")
  }

  @Test func `a learned scale stays above its limit, where the loss is that of the limit`() throws {
    let learned: any Likelihood = try network(
      .likelihood, "{ type: gaussian, scale: per_pixel, min_scale: 0.1 }")
    let fixed: any Likelihood = try network(.likelihood, "{ type: gaussian, scale: 0.1 }")
    let late: any Likelihood = try network(
      .likelihood, "{ type: gaussian, initial_scale: 0.01, min_scale: 0.1 }")
    let atLimit = loss(late, Self.decoded, Self.pixels)
    #expect(atLimit == loss(fixed, Self.decoded, Self.pixels))
    let tiny = loss(learned, Self.decoded + Array(repeating: -50, count: 6), Self.pixels)
    let limit = loss(fixed, Self.decoded, Self.pixels)
    #expect(abs(tiny - limit) < 1e-6 * limit, "\(tiny) and \(limit)")
  }

  @Test func `the mean image is the distribution's mean`() throws {
    func mean(_ text: String, _ parameters: [Float]) throws -> [Float] {
      let likelihood: any Likelihood = try network(.likelihood, text)
      let maps = 2 * likelihood.parametersPerPixel
      let count = parameters.count / maps
      return forward([([1, maps, 1, count], parameters)]) { graph, x in
        let mean = likelihood.mean(x[0], in: Scope(graph, data: .black([2, 1, 3])))
        #expect(mean.shape == [1, 2, 1, count])
        return mean
      }
    }
    let bernoulli = try mean("bernoulli", Self.decoded)
    #expect(largestError(bernoulli, Self.decoded.map { 1 / (1 + exponential(-Double($0))) }) < 1e-6)
    // D.ContinuousBernoulli(logits=p).mean
    let continuous = [
      0.3434823572503344, 0.45850591746320135, 0.5, 0.5249625801767488, 0.6352809684671803,
      0.7686573603637741,
    ]
    #expect(largestError(try mean("continuous_bernoulli", Self.decoded), continuous) < 1e-6)
    #expect(try mean("gaussian", Self.decoded) == Self.decoded)
    #expect(
      try mean("{ type: laplace, scale: per_pixel }", Self.decoded + Self.raw) == Self.decoded)
    #expect(
      try mean("discretized_logistic", Self.decoded) == Self.decoded.map { min(max($0, 0), 1) })
  }

  @Test func `the location for a mean leads back to the mean`() throws {
    // From PyTorch, by bisection of D.ContinuousBernoulli(logits=l).mean.
    let continuous: [(Float, Double)] = [
      (0, -20), (0.05, -20), (0.3, -2.672103855273386), (0.5, 0), (0.9, 9.995441133812289), (1, 20),
    ]
    for (mean, expected) in continuous {
      let seen = Double(ContinuousBernoulli().location(forMean: mean))
      #expect(abs(seen - expected) < 2e-5 * max(1, abs(expected)), "\(mean): \(seen)")
    }
    let bernoulli: [(Float, Double)] = [
      (0, -6.906754778648554), (0.25, -1.0986122886681098), (0.5, 0), (1, 6.906754778648554),
    ]
    for (mean, expected) in bernoulli {
      let seen = Double(Bernoulli().location(forMean: mean))
      #expect(abs(seen - expected) < 3e-6 * max(1, abs(expected)), "\(mean): \(seen)")
    }
    #expect(Gaussian().location(forMean: 0.3) == 0.3)
  }

  @Test func `grey pixels concern a Bernoulli, and black and white ones its continuous brother`() {
    let grey = PixelStatistics(mean: [], greyShare: 0.13)
    let binary = PixelStatistics(mean: [], greyShare: 0)
    #expect(Bernoulli().concern(about: grey)?.contains("13 % of the pixels are grey") == true)
    #expect(Bernoulli().concern(about: grey)?.contains("continuous_bernoulli") == true)
    #expect(Bernoulli().concern(about: binary) == nil)
    #expect(ContinuousBernoulli().concern(about: grey) == nil)
    #expect(ContinuousBernoulli().concern(about: binary) != nil)
    #expect(Gaussian().concern(about: grey) == nil)
  }

  @Test func `a learned shared scale is one parameter and one line of the layer table`() throws {
    let recording = try Recording([2, 1, 3]) { x, scope throws(BuildProblem) in
      Gaussian(.shared).negativeLogLikelihood(x, images: x, in: scope.child("likelihood"))
    }
    #expect(recording.output == [2])
    #expect(recording.parameters == ["likelihood.log_scale scalar"])
    #expect(recording.layers == ["likelihood: one learned scale"])
  }

  @Test func `a scale that is neither a number nor a known word is refused`() throws {
    #expect(throws: (any Error).self) {
      let _: any Likelihood = try network(.likelihood, "{ type: gaussian, scale: shred }")
    }
    #expect(throws: (any Error).self) {
      let _: any Likelihood = try network(.likelihood, "{ type: gaussian, scale: 0 }")
    }
  }
}

/// eˣ by its series, independent of what is tested.
private func exponential(_ x: Double) -> Double {
  var (sum, term) = (1.0, 1.0)
  for n in 1..<100 {
    term *= x / Double(n)
    sum += term
  }
  return sum
}
