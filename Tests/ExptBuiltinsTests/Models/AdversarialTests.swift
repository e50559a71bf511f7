import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@Suite("Adversarial models")
struct AdversarialTests {
  /// D's logit for N(0, 1) against N(1, 1) is log p − log q = ½ − x at best. There the gradient vanishes, the
  /// loss is log 2 − JSD, and the accuracy that of the Bayes rule, Φ(½).
  @Test func `an optimal discriminator of two normal distributions has no gradient`() throws {
    let count = 200_000
    let real = TestNumbers.normal(count, seed: 3)
    let fake = TestNumbers.normal(count, seed: 4).map { $0 + 1 }
    func judged(weight: Float, bias: Float) throws -> (
      loss: Double, accuracy: Double, slope: Double
    ) {
      let graph = Graph(mode: .training, parameters: ParameterSet())
      let scope = Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] })
      var opponent = Opponent()
      opponent.hidden = []
      opponent.optimizer = try builtins.make(.optimizer, "adam")
      let loss = try Judge(opponent, "d", in: scope).loss(
        real: graph.constant(real, [count, 1]), fake: graph.constant(fake, [count, 1]))
      let accuracy = try #require(loss.accuracy)
      let store = ParameterStore(graph.parameters)
      let plan = Plan(
        graph, loss: loss.value, outputs: [loss.value, accuracy], store: store, arena: Arena(),
        run: RunContext(pool: ThreadPool(threads: 1), seed: 1))
      store["d.0.weight"]?.values[0] = weight
      store["d.0.bias"]?.values[0] = bias
      plan.forward()
      let found = (plan.value(of: loss.value)[0], plan.value(of: accuracy)[0])
      plan.backward()
      let slope = store.gradient(of: "d.0.weight")?.values[0] ?? .nan
      return (Double(found.0), Double(found.1), Double(slope))
    }
    let best = try judged(weight: -1, bias: 0.5)
    #expect(abs(best.slope) < 0.003, "\(best)")
    // JSD by quadrature.
    var divergence = 0.0
    let step = 0.001
    for index in -9000..<10_000 {
      let x = Double(index) * step
      let p = exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
      let q = exp(-0.5 * (x - 1) * (x - 1)) / (2 * Double.pi).squareRoot()
      let m = 0.5 * (p + q)
      divergence += 0.5 * step * (p * log(p / m) + q * log(q / m))
    }
    #expect(abs(best.loss - (log(2) - divergence)) < 0.002, "\(best) \(divergence)")
    #expect(abs(best.accuracy - 0.5 * erfc(-0.5 / 2.0.squareRoot())) < 0.003, "\(best)")
    // Real and fake exchanged, the usual mistake, is far from it.
    let exchanged = try judged(weight: 1, bias: -0.5)
    #expect(abs(exchanged.slope) > 0.1 && exchanged.accuracy < 0.35, "\(exchanged)")
  }

  @Test func `a discriminator of images can be convolutional`() throws {
    let model = try builtins.make(
      .model,
      """
      { type: vae_gan, latent: 3, encoder: { type: mlp, hidden: [12] },
        discriminator: { network: { type: conv, channels: [4], hidden: [] }, hidden: [6] } }
      """)
    let run = try ModelRun(model)
    let names = run.gradients.map(\.name)
    #expect(
      names.contains("discriminator.network.0.weight") && names.contains("discriminator.0.bias"))
    for gradient in run.gradients {
      #expect(gradient.values.contains { $0 != 0 }, "\(gradient.name)")
    }
    // The features are the convolutions', 4 maps of 2×2: with a decoder that is right they cost ½·16·log 2π.
    #expect(run["features"] >= 8 * log(2 * .pi))
  }

  /// γ is for the decoder alone: the encoder's gradient does not know it.
  @Test func `gamma weighs the features for the decoder, not for the encoder`() throws {
    func gradients(_ gamma: Double) throws -> [String: [Float]] {
      let model = try builtins.make(
        .model,
        "{ type: vae_gan, \(small), gamma: \(gamma), discriminator: { hidden: [8] } }")
      return try Dictionary(
        uniqueKeysWithValues: ModelRun(model).gradients.map { ($0.name, $0.values) })
    }
    let (one, ten) = try (gradients(1), gradients(10))
    for (name, values) in one {
      let others = try #require(ten[name])
      let difference = largestError(others, values.map(Double.init))
      if name.hasPrefix("decoder") {
        #expect(difference > 0.5, "\(name)")
      } else {
        #expect(difference < 1e-5, "\(name): \(difference)")
      }
    }
  }

  @Test func `a prior that would learn nothing is refused`() throws {
    let model = try builtins.make(
      .model, "{ type: aae, \(small), prior: gaussian_mixture, discriminator: { hidden: [8] } }")
    let problem = #expect(throws: BuildProblem.self) { try ModelRun(model) }
    #expect(problem?.path == ["prior"])
  }
}
