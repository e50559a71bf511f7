import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@Suite("Importance weights, in their forms")
struct ImportanceWeightTests {
  private static let image: Shape = [1, 4, 4]
  private static let images = TestNumbers.uniform(6 * image.count, in: 0...1, seed: 21)

  private func probe(_ settings: String, position: UInt64 = 0) throws -> ObjectiveProbe {
    try ObjectiveProbe(
      builtins.make(.model, "{\(small), \(settings)}"), images: Self.images, image: Self.image,
      position: position)
  }

  private func expectSame(
    _ one: [Float], _ other: [Float], _ sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      largestError(one, other.map(Double.init)) < 1e-5, sourceLocation: sourceLocation)
  }

  @Test func `one group is the IWAE, in every form of groups`() throws {
    let iwae = try probe("type: iwae, samples: 4")
    for form in ["miwae", "piwae"] {
      let other = try probe("type: iwae, form: \(form), groups: 1, samples: 4")
      #expect(abs(other["total"] - iwae["total"]) < 1e-6 * iwae["total"])
      for (name, gradient) in iwae.gradients { expectSame(other.gradients[name] ?? [], gradient) }
    }
  }

  @Test func `one sample is the VAE with a Monte-Carlo KL, with every gradient`() throws {
    for (gradient, of) in [("reparameterized", "reparameterized"), ("stl", "stl"), ("dreg", "stl")]
    {
      let vae = try probe("type: vae, kl: monte_carlo, gradient: \(of)")
      let one = try probe("type: iwae, samples: 1, gradient: \(gradient)")
      #expect(abs(one["total"] - vae["total"]) < 1e-6 * vae["total"])
      for (name, expected) in vae.gradients { expectSame(one.gradients[name] ?? [], expected) }
    }
  }

  @Test func `in piwae the decoder learns as in iwae from all samples, the encoder as in miwae`()
    throws
  {
    let all = try probe("type: iwae, samples: 6")
    let groups = try probe("type: iwae, form: miwae, samples: 3, groups: 2")
    let partial = try probe("type: iwae, form: piwae, samples: 3, groups: 2")
    #expect(abs(partial["total"] - all["total"]) < 1e-6 * all["total"])
    #expect(partial["total"] < groups["total"])
    expectSame(partial.gradient(of: "decoder"), all.gradient(of: "decoder"))
    expectSame(
      partial.gradient(of: "encoder", "latent"), groups.gradient(of: "encoder", "latent"))
    #expect(
      largestError(
        all.gradient(of: "latent"), groups.gradient(of: "latent").map(Double.init)) > 0.01,
      "the two say the same")
  }

  @Test func `ciwae goes from the IWAE to the VAE`() throws {
    let iwae = try probe("type: iwae, samples: 4")
    let vae = try probe("type: vae, kl: monte_carlo, samples: 4")
    for (share, expected) in [(0, iwae), (1, vae)] {
      let mixed = try probe("type: iwae, form: ciwae, samples: 4, beta: \(share)")
      #expect(abs(mixed["total"] - expected["total"]) < 1e-6 * expected["total"])
      for (name, gradient) in expected.gradients {
        expectSame(mixed.gradients[name] ?? [], gradient)
      }
    }
    let half = try probe("type: iwae, form: ciwae, samples: 4")
    #expect(abs(half["total"] - (iwae["total"] + vae["total"]) / 2) < 1e-5 * half["total"])
  }

  /// The slope of −log Σ w by each −log w, by differences in Double, beside weights that are normalised over
  /// the batch, or taken with the wrong sign.
  @Test func `weights are normalised over an image's samples, and likelier ones weigh more`() {
    let numbers = TestNumbers.normal(12, seed: 8)
    func bound(_ values: [Double]) -> Double {
      (0..<4).reduce(0) { sum, row in
        let weights = values[row * 3..<row * 3 + 3].reduce(0) { $0 + exp(-$1) }
        return sum - log(weights / 3) / 4
      }
    }
    let values = numbers.map(Double.init)
    let slopes = values.indices.map { index in
      var (ahead, behind) = (values, values)
      (ahead[index], behind[index]) = (values[index] + 1e-5, values[index] - 1e-5)
      return (bound(ahead) - bound(behind)) / 2e-5
    }
    let run = GraphRun([([12], numbers)]) { _, x in
      importanceWeightedBound(negativeLogWeights: x[0], samples: 3)
    }
    #expect(largestError(run.inputGradients[0], slopes) < 1e-5)
    func shares(_ sign: Double, over group: (Int) -> [Int]) -> [Float] {
      values.indices.map { index in
        let all = group(index).reduce(0) { $0 + exp(sign * values[$1]) }
        return Float(exp(sign * values[index]) / all / 4)
      }
    }
    let ofImage = { (index: Int) in Array(index / 3 * 3..<index / 3 * 3 + 3) }
    #expect(largestError(shares(-1, over: ofImage), slopes) < 1e-5)
    #expect(largestError(shares(1, over: ofImage), slopes) > 0.1, "the wrong sign")
    #expect(
      largestError(shares(-1) { index in (0..<4).map { index % 3 + 3 * $0 } }, slopes) > 0.1,
      "over the batch")
  }
}

/// A linear decoder of Gaussian pixels, and an encoder that gives the exact posterior.
private struct ExactPosterior {
  private static let pixels = 5
  private static let variance = 0.25
  let latent: Int
  let isFull: Bool

  private var weight: [[Double]] {
    let numbers = TestNumbers.normal(Self.pixels * latent, seed: 12).map(Double.init)
    return (0..<Self.pixels).map { row in (0..<latent).map { numbers[row * latent + $0] } }
  }
  private let bias = TestNumbers.normal(pixels, seed: 13).map(Double.init)

  /// (I + WᵀW/s²)⁻¹, for one or two dimensions.
  private var covariance: [[Double]] {
    let w = weight
    var a = (0..<latent).map { i in
      (0..<latent).map { j in
        (i == j ? 1 : 0) + w.reduce(0) { $0 + $1[i] * $1[j] } / Self.variance
      }
    }
    if latent == 1 { return [[1 / a[0][0]]] }
    let determinant = a[0][0] * a[1][1] - a[0][1] * a[1][0]
    a = [[a[1][1], -a[0][1]], [-a[1][0], a[0][0]]].map { $0.map { $0 / determinant } }
    return a
  }

  /// - Parameter error: What the mean is off by.
  func probe(_ settings: String, position: UInt64, error: Float = 0) throws -> ObjectiveProbe {
    let posterior = isFull ? "full_gaussian" : "gaussian"
    let text = """
      {latent: \(latent), posterior: \(posterior), likelihood: {type: gaussian, scale: 0.5},
       encoder: {type: mlp, hidden: []}, \(settings)}
      """
    return try ObjectiveProbe(
      builtins.make(.model, text), images: TestNumbers.normal(Self.pixels, seed: 30 + position),
      image: [1, 1, Self.pixels], position: position, prepare: { set($0, error) })
  }

  private func set(_ store: ParameterStore, _ error: Float) {
    let (w, s) = (weight, covariance)
    // μ = Σ·Wᵀ(x − b)/s²
    let rows = (0..<latent).map { i in
      (0..<Self.pixels).map { pixel in
        (0..<latent).reduce(0) { $0 + s[i][$1] * w[pixel][$1] } / Self.variance
      }
    }
    let shifts = rows.map { row in -zip(row, bias).reduce(0) { $0 + $1.0 * $1.1 } }
    let spread: [Double]
    if isFull {
      let first = s[0][0].squareRoot()
      let below = s[1][0] / first
      spread = [log(first), below, 0.5 * log(s[1][1] - below * below)]
    } else {
      spread = [log(s[0][0])]
    }
    fill(store["decoder.0.weight"]?.values, w.flatMap(\.self))
    fill(store["decoder.0.bias"]?.values, bias)
    fill(
      store["latent.weight"]?.values,
      rows.flatMap(\.self) + Array(repeating: 0, count: spread.count * Self.pixels))
    fill(store["latent.bias"]?.values, shifts + spread)
    store["latent.bias"]?.values[0] += error
  }

  private func fill(_ memory: UnsafeMutableBufferPointer<Float>?, _ values: [Double]) {
    guard let memory else { return }
    for (index, value) in values.enumerated() { memory[index] = Float(value) }
  }
}

@Suite("Where the posterior is exact")
struct ExactPosteriorTests {
  private static let path = [
    "type: vae, gradient: stl", "type: iwae, gradient: stl, samples: 1",
    "type: iwae, gradient: stl, samples: 4", "type: iwae, gradient: dreg, samples: 4",
    "type: iwae, form: miwae, groups: 2, gradient: dreg, samples: 3",
    "type: iwae, form: piwae, groups: 2, gradient: dreg, samples: 3",
    "type: iwae, form: ciwae, groups: 2, gradient: dreg, samples: 3",
  ]

  @Test(arguments: path, [false, true])
  func `the encoder's gradient is 0 for every single draw`(
    _ settings: String, _ isFull: Bool
  ) throws {
    let exact = ExactPosterior(latent: isFull ? 2 : 1, isFull: isFull)
    for position in 0..<5 as Range<UInt64> {
      let probe = try exact.probe(settings, position: position)
      let largest = probe.gradient(of: "latent").map(abs).max() ?? .nan
      #expect(largest < 2e-4, "\(largest)")
      // So it is not because nothing would reach it.
      let off = try exact.probe(settings, position: position, error: 0.1)
      #expect((off.gradient(of: "latent").map(abs).max() ?? 0) > 0.01)
    }
  }

  @Test(arguments: ["type: vae, kl: monte_carlo", "type: iwae, samples: 4"])
  func `the reparameterized gradient is not`(_ settings: String) throws {
    let probe = try ExactPosterior(latent: 1, isFull: false).probe(settings, position: 0)
    #expect((probe.gradient(of: "latent").map(abs).max() ?? 0) > 0.05)
  }

  @Test func `every draw weighs the same, and the bound is exact`() throws {
    let exact = ExactPosterior(latent: 1, isFull: false)
    let one = try exact.probe("type: vae, gradient: stl", position: 0)
    let many = try exact.probe("type: iwae, samples: 7", position: 0)
    #expect(abs(one["total"] - many["total"]) < 1e-4)
  }
}
