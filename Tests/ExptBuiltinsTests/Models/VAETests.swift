import ExptComponents
import ExptDocument
import ExptTesting
import Testing

@Suite("VAE")
struct VAETests {
  private func vae(_ settings: String = "") throws -> any Model {
    try builtins.make(.model, "{type: vae, \(small)\(settings)}")
  }

  @Test(arguments: [Float(0), 1, 4.5])
  func `the total is reconstruction + β·KL`(_ beta: Float) throws {
    let loss = try LossProbe(vae(), beta: beta)
    let expected = loss["reconstruction"] + Double(beta) * loss["kl"]
    #expect(abs(loss["total"] - expected) < 1e-5 * expected)
    #expect(abs(loss["kl"] - loss.klPerDimension.reduce(0, +)) < 1e-5)
    #expect(loss.klPerDimension.count == 3)
    #expect(loss["kl"] > 0.1, "the test says little where the posterior is the prior")
  }

  @Test(arguments: [Float(0.02), 0.5, 100])
  func `free bits let each dimension have λ nats for nothing`(_ bits: Float) throws {
    let loss = try LossProbe(vae(", free_bits: \(bits)"), beta: 2)
    let term = loss.klPerDimension.reduce(0) { $0 + max(Double(bits), $1) }
    #expect(abs(loss["total"] - loss["reconstruction"] - 2 * term) < 1e-4 * loss["total"])
    #expect(
      abs(loss["kl"] - loss.klPerDimension.reduce(0, +)) < 1e-5, "the KL is reported as it is")
  }

  @Test(arguments: [Float(0), 0.1, 30])
  func `a capacity draws the KL from either side`(_ capacity: Float) throws {
    let model = try vae(", beta: {type: capacity, gamma: 7}")
    let loss = try LossProbe(model, beta: 7, klTarget: capacity)
    let term = 7 * abs(loss["kl"] - Double(capacity))
    #expect(abs(loss["total"] - loss["reconstruction"] - term) < 1e-4 * loss["total"])
  }

  @Test func `the Monte-Carlo KL is the KL on average`() throws {
    let model = try vae(", kl: monte_carlo, samples: 50")
    let expected = try LossProbe(vae())["kl"]
    let seen = try (0..<40).map { try LossProbe(model, position: $0)["kl"] }
    let (mean, error) = meanAndError(seen)
    #expect(abs(mean - expected) < 4 * error, "\(mean) ± \(error), not \(expected)")
    #expect(error < 0.05 * expected)
  }

  @Test func `more samples of an image give the same reconstruction with less noise`() throws {
    let one = try (0..<200).map { try LossProbe(vae(), position: $0)["reconstruction"] }
    let many = try (0..<20).map {
      try LossProbe(vae(", samples: 10"), position: $0)["reconstruction"]
    }
    let (oneMean, oneError) = meanAndError(one)
    let (manyMean, manyError) = meanAndError(many)
    let both = (oneError * oneError + manyError * manyError).squareRoot()
    #expect(
      abs(oneMean - manyMean) < 4 * both, "\(oneMean) ± \(oneError), \(manyMean) ± \(manyError)")
    #expect(deviation(many) < 0.6 * deviation(one))
  }

  @Test func `the decoder's first sample of each image is shown`() throws {
    let loss = try LossProbe(vae(", samples: 4"))
    #expect(loss.values["decoded"]?.count == LossProbe.images.count)
  }

  @Test func `settings that contradict one another are refused`() {
    let problems = #expect(throws: Diagnostics.self) {
      try builtins.make(
        .model, "{type: vae, free_bits: 1, kl: monte_carlo, beta: {type: capacity}}")
    }
    #expect(
      problems?.rendered == """
        test.yaml:1:35: error: 'free_bits' and a capacity cannot be combined: both set a floor for the KL
          1 | component: {type: vae, free_bits: 1, kl: monte_carlo, beta: {type: capacity}}
            |                                   ^ leave out one of them
        test.yaml:1:42: error: 'free_bits' needs the KL of each dimension
          1 | component: {type: vae, free_bits: 1, kl: monte_carlo, beta: {type: capacity}}
            |                                          ^~~~~~~~~~~ write closed_form
        2 errors
        """)
  }
}
