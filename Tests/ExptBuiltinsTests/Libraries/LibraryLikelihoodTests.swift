import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@testable import ExptBuiltins

@Suite("Likelihoods beside other libraries")
struct LibraryLikelihoodTests {
  private static let counts: [Float] = [0, 1, 3, 12, 0, 40]
  private static let logMeans: [Float] = [-1, 0.5, 1, 2, 3, 3.5]
  /// For expt's logit of π, which is 2 less.
  private static let zeroLogits: [Float] = [0, 1, -2, 3, 2.5, 0.5]
  private static let pixels: [Float] = [0.125, 0.75, 0.5, 0.25, 0.875, 0.625]
  private static let decoded: [Float] = [-2, -0.5, 0, 0.25, 1.75, 4]
  private static let levels: [Float] = [0, 51, 128, 200, 255, 254].map { $0 / 255 }
  private static let locations: [Float] = [0.125, 0.25, 0.5, 0.625, 0.9375, 0.875]

  /// log p(x|z) of each example.
  private func logProbabilities(
    _ text: String, _ parameters: [Float], _ images: [Float], image: Shape = [1, 1, 1]
  ) throws -> [Float] {
    let likelihood: any Likelihood = try network(.likelihood, text)
    let count = images.count / image.count
    let output = try likelihood.outputShape(for: image)
    return GraphRun([(output.batched(count), parameters), (image.batched(count), images)]) {
      graph, x in
      -likelihood.negativeLogLikelihood(
        x[0], images: x[1], in: Scope(graph, data: .black(image)))
    }.output
  }

  @Test func `counts are scvi-tools' and TensorFlow Probability's`() throws {
    let (x, l) = (Self.counts, Self.logMeans)
    let text = "{ type: negative_binomial, dispersion: 2 }"
    let seen = try logProbabilities(text, l, x)
    expectSame(
      seen, [-0.3376952454, -1.303688759, -1.984634837, -3.402382997, -4.803551543, -4.363066496],
      "NB")
    expectSame(
      seen, [-0.337695247, -1.303688767, -1.984634847, -3.402383009, -4.803551552, -4.363066507],
      "NB")
    let numbers = zip(l, Self.zeroLogits).flatMap { [$0, $1] }
    expectSame(
      try logProbabilities("{ type: zinb, dispersion: 2 }", numbers, x),
      [-0.290921022, -1.616950446, -2.002784765, -4.715644685, -0.4691154157, -4.564479774], "ZINB")
    expectSame(
      try logProbabilities(
        "{ type: negative_binomial, dispersion: 2, library: observed }", l, x, image: [1, 1, 6]),
      [-16.12736519], "NB, of a library size")
    expectSame(
      try logProbabilities("poisson", l, x),
      [-0.3678794412, -1.148721271, -1.510041298, -3.376270595, -20.08553692, -3.436091673],
      "Poisson")
  }

  @Test func `densities are TensorFlow Probability's`() throws {
    let cases: [(text: String, expected: [Double])] = [
      (
        "{ type: student_t, scale: 0.25, degrees_of_freedom: 2.5 }",
        [-5.576597573, -3.82666196, -1.302490261, 0.3696547677, -2.736511846, -7.160092681]
      ),
      (
        "{ type: beta, concentration: 4 }",
        [0.6968732637, -0.5775572772, 0.4054651081, -0.1954994916, 0.8071878799, -2.970743956]
      ),
      (
        "continuous_bernoulli",
        [0.5885606384, -0.135395051, 0, -0.06510281167, 0.5317526546, -0.09522019205]
      ),
      (
        "{ type: laplace, scale: 0.25 }",
        [-7.806852819, -4.306852819, -1.306852819, 0.6931471806, -2.806852819, -12.80685282]
      ),
      (
        "{ type: gaussian, scale: 0.25 }",
        [-35.65764417, -12.03264417, -1.532644172, 0.4673558279, -5.657644172, -90.65764417]
      ),
    ]
    for (text, expected) in cases {
      expectSame(try logProbabilities(text, Self.decoded, Self.pixels), expected, text)
    }
  }

  /// Both end bins and one beside an end.
  @Test func `levels are those of a quantized logistic distribution and of mixtures of them`()
    throws
  {
    expectSame(
      try logProbabilities(
        "{ type: discretized_logistic, scale: 0.0625 }", Self.locations, Self.levels),
      [-2.099347244, -4.310922654, -4.155297188, -5.468105108, -1.290423739, -4.975108853], "one")
    let text = "{ type: logistic_mixture, components: 2, initial_scale: 0.125 }"
    let numbers: [Float] = [0.5, -0.25, 0.25, 0.75, -0.5, 0.25]
    expectSame(
      try logProbabilities(text, Array(repeating: numbers, count: 6).flatMap(\.self), Self.levels),
      [-3.581389561, -4.812018748, -6.068350283, -6.230784201, -2.874917353, -6.771113459], "two")
    // Two logits; two means of each channel, then scales; the coefficients (1, 0), (2, 0) and (2, 1).
    let colour: [Float] = [
      0.5, -0.25, 0.25, 0.125, 0.5, 0.25, 0.875, 0.75, 0, 0.5, -0.5, 0.25, 0.25, -0.25, 0.5, -0.5,
      -0.25, 0.75, 1, 0.25,
    ]
    expectSame(
      try logProbabilities(text, colour, [51, 128, 255].map { $0 / 255 }, image: [3, 1, 1]),
      [-10.15348302], "two, of colour")
  }

  /// Of an image of five scales.
  @Test func `structural similarity is pytorch-msssim's`() throws {
    let places = (0..<176).flatMap { row in (0..<192).map { (row: row, column: $0) } }
    let image = places.map {
      Float((7 * $0.row + 3 * $0.column) % 11 + $0.row / 16 % 3 * 2) / 16
    }
    let logits = places.map {
      Float((5 * $0.row + 2 * $0.column) % 13) / 8 + Float($0.row / 16 % 3) - 1.5
    }
    let seen = try logProbabilities("ms_ssim", logits, image, image: [1, 176, 192])
    expectSame(seen.map { -$0 }, [11543.90276], "MS-SSIM")
  }
}
