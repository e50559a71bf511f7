import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@testable import ExptBuiltins

/// With linear encoders and decoders of two latents and three pixels.
@Suite("Objectives beside pythae and POT")
struct LibraryObjectiveTests {
  private static let images: [Float] = [0, 1, 0.25, 0.75, 0.5, 1, 1, 0, 0.125, 0.5, 0.25, 0.875]
  private static let head: (weight: [Float], bias: [Float]) = (
    [1, -0.5, 0.5, -1, 0.5, 1, 0.5, -1, -0.5, -1, 1, -0.25], [-0.25, 0.5, -0.25, -0.5]
  )
  private static let decoder: (weight: [Float], bias: [Float]) = (
    [0.5, -1, 1, 0.25, -0.75, 0.5], [0.125, -0.25, 0.5]
  )

  /// - Parameters:
  ///   - width: Numbers of the encoder's head.
  ///   - seesCodes: Whether the decoder has weights; else it gives its bias, whatever the noise is.
  private func probe(_ settings: String, width: Int, seesCodes: Bool) throws -> ObjectiveProbe {
    try ObjectiveProbe(
      builtins.make(
        .model, "{\(settings), latent: 2, encoder: {type: mlp, hidden: []}}"),
      images: Self.images, image: [1, 1, 3],
      prepare: { store in
        func set(_ name: String, _ values: some Collection<Float>) {
          #expect(store[name]?.values.count == values.count, "\(name)")
          _ = store[name]?.values.update(fromContentsOf: values)
        }
        set("latent.weight", Self.head.weight.prefix(3 * width))
        set("latent.bias", Self.head.bias.prefix(width))
        set("decoder.0.weight", Self.decoder.weight.map { seesCodes ? $0 : 0 })
        set("decoder.0.bias", Self.decoder.bias)
      })
  }

  private func expectTerms(
    _ probe: ObjectiveProbe, _ names: [String], _ expected: [Double], _ what: String
  ) {
    expectSame(names.map { Float(probe[$0]) }, expected, what)
  }

  @Test func `the VAE's, with a weight, and with a capacity`() throws {
    func vae(_ beta: String) throws -> ObjectiveProbe {
      try probe("type: vae, beta: \(beta)", width: 4, seesCodes: false)
    }
    expectTerms(
      try vae("1"), ["total", "reconstruction", "kl"], [3.107503944, 2.065427939, 1.042076005],
      "VAE")
    expectTerms(try vae("4"), ["total"], [6.233731958], "BetaVAE")
    // pythae has |KL − C| of each image, expt of their mean: the same where all KLs are above C.
    expectTerms(
      try vae("{type: capacity, gamma: 30, to: 0.125}"), ["total"],
      [29.57770808], "DisentangledBetaVAE")
  }

  /// pythae's squared error is that of a Gaussian of σ² = ½, but for ½ log π a pixel.
  @Test func `RAE_L2's, without its weight decay`() throws {
    let probe = try probe(
      "type: rae, beta: 0.5, lambda: 0, likelihood: {type: gaussian, scale: 0.70710678}", width: 2,
      seesCodes: true)
    let expected = [2.862915039, 2.510864258, 0.7041015625]
    let constant = 1.5 * log(Double.pi)
    expectTerms(
      probe, ["total", "reconstruction", "code_norm"],
      [expected[0] + constant, expected[1] + constant, expected[2]], "RAE_L2")
  }

  /// Two samples for each of two images. pythae returns Σ w̃·log w, which is not the bound, but has its
  /// gradient; the bound is that of its log weights.
  @Test func `IWAE's bound and gradient`() {
    let rows: [[Float]] = [
      [0.5, -1, 0.25, 0.75, -1.5, 0.125, 1, 0.5],
      [-0.625, 1.25, 0.8125, -0.375],
      [-1.375, 0.4375, 0.1875, -1.53125],
      Array(Self.images[0..<3] + Self.images[6..<9]),
    ]
    let run = GraphRun([
      ([4, 2], rows[0]), ([2, 2], rows[1]), ([2, 2], rows[2]), ([2, 3], rows[3]),
    ]) { graph, x in
      let logits = linear(
        x[0], weight: graph.constant(Self.decoder.weight, [3, 2]),
        bias: graph.constant(Self.decoder.bias, [3]))
      let misfit = Bernoulli().negativeLogLikelihood(
        logits.reshaped([4, 3, 1, 1]),
        images: x[3].repeatedExamples(2).reshaped([4, 3, 1, 1]),
        in: Scope(graph, data: .black([3, 1, 1])))
      let q = DiagonalGaussian(mean: x[1], logVariance: x[2])
      guard let own = q.logDensity(x[0]),
        let prior = StandardNormal(.vector(2)).logDensity(x[0])
      else { return misfit }
      return importanceWeightedBound(negativeLogWeights: misfit + own - prior, samples: 2)
    }
    expectSame(run.output, [1.165955092], "the bound")
    let returned = [1.076205638]
    #expect(abs(Double(run.output[0]) - returned[0]) > 0.05)
    expectGradient(
      run.inputGradients[0],
      [
        -1.644892165, -0.1546136695, -0.3990733575, 0.08322131689, -0.08139381838, -0.291910225,
        0.2453254419, -0.6433019276,
      ], "by z")
    expectGradient(
      run.inputGradients[1], [2.120527233, -0.6072794028, -0.4671602289, 1.567113581], "by means")
    expectGradient(
      run.inputGradients[2], [0.8972075704, 0.4034205308, 0.3362232043, 0.321645711],
      "by log-variances")
  }

  /// pythae has none.
  @Test func `POT's sliced distance, squared`() {
    let seen = GraphRun([
      ([4, 2], [0.5, -1, 0.25, 0.75, -1.5, 0.125, 1, 0.5]),
      ([4, 2], [-0.5, 0.25, 1.25, -0.75, 0, 1, 0.75, -0.125]),
      ([3, 2], [1, 0.5, -0.25, 1, 0.75, -0.75]),
    ]) { _, x in slicedDistance(x[0], x[1], along: x[2]) }
    expectSame(seen.output, [0.1707261029], "SW₂²")
  }

  /// Of pythae's two logits one is expt's and one 0.
  @Test func `FactorVAE's total correlation and discriminator`() throws {
    let model = try builtins.make(.model, "{type: factor_vae, discriminator: {hidden: []}}")
    let settings = try #require((model as? FactorVAE)?.discriminator)
    let graph = Graph(mode: .training, parameters: ParameterSet())
    let z = graph.constant([0.5, -1, 0.25, 0.75, -1.5, 0.125, 1, 0.5], [4, 2])
    let permuted = graph.constant([-0.5, 0.25, 1.25, -0.75, 0, 1, 0.75, -0.125], [4, 2])
    let judge = Judge(
      settings, "discriminator", in: Scope(graph, data: .black([1, 1, 3])))
    let outputs = [
      try judge.frozen(z).mean(), try judge.loss(real: z, fake: permuted).value,
    ]
    let store = ParameterStore(graph.parameters)
    _ = store["discriminator.0.weight"]?.values.update(fromContentsOf: [0.5, -0.75])
    _ = store["discriminator.0.bias"]?.values.update(fromContentsOf: [0.25])
    let plan = Plan(
      graph, outputs: outputs, store: store, arena: Arena(),
      run: RunContext(pool: ThreadPool(threads: 1), seed: 1))
    plan.forward()
    expectSame(
      outputs.map { plan.value(of: $0)[0] }, [0.2109375, 0.8055025597], "FactorVAE")
  }
}
