import ExptComponents
import ExptDocument
import ExptTensor
import ExptTesting
import Foundation
import Testing

@testable import ExptBuiltins

@Suite("The VampPrior")
struct VampPriorTests {
  private static let count = PriorProbe.batch
  private let points = TestNumbers.normal(5 * 3, seed: 3)

  private func model(_ settings: String = "") throws -> any LatentModel {
    let text = """
      {type: vae, latent: 3, prior: {type: vamp, pseudo_inputs: \(Self.count), noise: 0},
       encoder: {type: mlp, hidden: [7], activation: tanh}\(settings)}
      """
    return try #require(builtins.make(.model, text) as? any LatentModel)
  }

  /// Numbers large enough for posteriors to differ.
  private func spread(_ store: ParameterStore) {
    for spec in store.specs where !spec.isState && !spec.name.hasPrefix("prior.") {
      guard let values = store[spec.name]?.values else { continue }
      for index in values.indices { values[index] *= 3 }
    }
  }

  private func prior(
    _ model: any LatentModel, _ batch: Batch, _ scope: Scope
  ) throws -> any Distribution {
    let space = try model.encode(batch, in: scope).space
    return try #require(try model.prior(for: batch, space: space, in: scope))
  }

  private func logNormal(_ z: Float, _ mean: Float, _ logVariance: Float) -> Double {
    let (distance, v) = (Double(z) - Double(mean), Double(logVariance))
    return -0.5 * (distance * distance * exp(-v) + v + log(2 * Double.pi))
  }

  /// log (1/n) Σ q(z|xₙ) of the points, over the images of a batch, from their posteriors' numbers.
  private func aggregate(_ means: [Float], _ logVariances: [Float]) -> [Double] {
    (0..<5).map { point in
      let logs = (0..<Self.count).map { image in
        (0..<3).reduce(0.0) {
          let at = image * 3 + $1
          return $0 + logNormal(points[point * 3 + $1], means[at], logVariances[at])
        }
      }
      let most = logs.max() ?? 0
      return most + log(logs.reduce(0) { $0 + exp($1 - most) } / Double(Self.count))
    }
  }

  private func difference(_ a: [Float], _ b: [Double]) -> Double {
    zip(a, b).map { abs(Double($0) - $1) / max(1, abs($1)) }.max() ?? .infinity
  }

  /// Also under a condition: pseudo-inputs begin with the classes in turn, as the images have them.
  @Test(arguments: ["", ", condition: labels"])
  func `with the training images as pseudo-inputs it is the aggregate posterior`(
    _ condition: String
  ) throws {
    let model = try model(condition)
    let probe = try PriorProbe(
      model, classes: PriorProbe.classes,
      set: { store in
        spread(store)
        store.set("prior.pseudo_inputs", PriorProbe.images)
      }
    ) { batch, scope in
      let posterior = try model.encode(batch, in: scope)
      let prior = try prior(model, batch, scope)
      return [
        try #require(posterior.expectation), posterior.parameters[0].value,
        try #require(prior.logDensity(scope.graph.constant(points, [5, 3]))),
      ]
    }
    let expected = aggregate(probe.values[0], probe.values[1])
    #expect(difference(probe.values[2], expected) < 1e-5, "\(probe.values[2]) \(expected)")
    let withoutCount = probe.values[2].map { $0 + Float(log(Double(Self.count))) }
    #expect(difference(withoutCount, expected) > 0.05)
  }

  /// By the posterior's own density of each point under each image, one after the other.
  @Test func `it takes posteriors of dependent dimensions`() throws {
    let model = try model(", posterior: full_gaussian")
    let probe = try PriorProbe(
      model,
      set: { store in
        spread(store)
        store.set("prior.pseudo_inputs", PriorProbe.images)
      }
    ) { batch, scope in
      let posterior = try model.encode(batch, in: scope)
      let prior = try prior(model, batch, scope)
      let own = try (0..<5).map { point in
        let row = scope.graph.constant(Array(points[point * 3..<point * 3 + 3]), [1, 3])
        return try #require(posterior.logDensity(row.repeatedRows(Self.count)))
      }
      return [try #require(prior.logDensity(scope.graph.constant(points, [5, 3])))] + own
    }
    let expected = probe.values.dropFirst().map { row -> Double in
      let most = Double(row.max() ?? 0)
      return most + log(row.reduce(0) { $0 + exp(Double($1) - most) } / Double(Self.count))
    }
    #expect(difference(probe.values[0], expected) < 1e-5)
  }

  /// Batch normalisation and dropout make an encoder another function in training.
  @Test func `its density is the same function in training and in evaluation`() throws {
    let model = try model("")
    let noisy = try #require(
      builtins.make(
        .model,
        """
        {type: vae, latent: 3, prior: {type: vamp, pseudo_inputs: 6},
         encoder: {type: mlp, hidden: [7], batch_norm: true, dropout: 0.4}}
        """) as? any LatentModel)
    func densities(_ mode: Mode, _ model: any LatentModel) throws -> (
      prior: [Float], wrong: [Float]
    ) {
      let probe = try PriorProbe(model, mode: mode, set: spread) { batch, scope in
        let z = scope.graph.constant(points, [5, 3])
        let prior = try prior(model, batch, scope)
        // The known wrong version: pseudo-inputs through the encoder as it trains.
        let inputs = try #require((prior as? any Mixture)?.sources)
        let wrong = try model.encode(batch.with(inputs), in: scope)
        let gaussian = try #require(wrong as? DiagonalGaussian)
        return [
          try #require(prior.logDensity(z)), try #require(GaussianMixture(gaussian).logDensity(z)),
        ]
      }
      return (probe.values[0], probe.values[1])
    }
    let (training, evaluation) = (
      try densities(.training, noisy), try densities(.evaluation, noisy)
    )
    #expect(training.prior == evaluation.prior)
    #expect(training.wrong != evaluation.wrong)
    #expect(try densities(.training, model).wrong == densities(.training, model).prior)
  }

  @Test func `pseudo-inputs do not move the running statistics`() throws {
    func running(_ prior: String) throws -> [Float] {
      let model = try builtins.make(
        .model,
        "{type: vae, latent: 3, \(prior), encoder: {type: mlp, hidden: [7], batch_norm: true}}")
      let probe = try PriorProbe(model, mode: .training, isStep: true) { batch, scope in
        [try model.loss(batch, in: LossPass(scope: scope)).total]
      }
      return probe.store.specs.filter(\.isState).filter { $0.name.hasPrefix("encoder") }
        .flatMap { probe.store[$0.name].map { Array($0.values) } ?? [] }
    }
    let plain = try running("prior: standard_normal")
    #expect(plain.contains { $0 != 0 && $0 != 1 })
    #expect(try running("prior: { type: vamp, pseudo_inputs: 5 }") == plain)
  }

  @Test func `pseudo-inputs begin at images or near the mean, and stay in the data's range`() throws
  {
    func pictures(
      _ settings: String, _ extent: ClosedRange<Float>, set: (ParameterStore) -> Void = { _ in }
    ) throws -> [Float] {
      let text = "{type: vae, latent: 3, prior: {type: vamp, pseudo_inputs: 7, \(settings)}}"
      let model = try #require(builtins.make(.model, text) as? any LatentModel)
      return try PriorProbe(model, extent: extent, set: set) { batch, scope in
        [try #require((try prior(model, batch, scope) as? any Mixture)?.sources)]
      }.values[0]
    }
    let images = PriorProbe.images
    let exact = try pictures("noise: 0", 0...1)
    #expect(exact.count == 7 * 16)
    #expect(zip(exact, images + images[..<16]).allSatisfy { abs($0 - $1) < 1e-6 })
    let near = try pictures("start: data_mean, noise: 0.05", 0...1)
    #expect(near.allSatisfy { abs($0 - 0.4) < 0.3 } && Set(near).count > 100)
    // Values that a step leads out of the range are cut off.
    let wide = try pictures("noise: 0", -2...3) { store in
      store.set("prior.pseudo_inputs", (0..<7 * 16).map { Float($0) / 40 - 1 })
    }
    #expect(wide.min() == -2 && wide.max() == 3)
    #expect(abs(wide[50] - (-2 + 5 * (50.0 / 40 - 1))) < 1e-5)
  }

  @Test func `settings that leave all pseudo-inputs alike are refused`() {
    let problem = #expect(throws: Diagnostics.self) {
      try builtins.make(.prior, "{type: vamp, start: data_mean, noise: 0}")
    }
    #expect(problem?.rendered.contains("without noise stay alike") == true)
  }

  @Test func `a posterior without a density is refused`() throws {
    let graph = Graph(mode: .training, parameters: ParameterSet())
    let scope = Scope(
      graph, data: DataFacts(image: PriorProbe.image) { Array(repeating: 0, count: 16) })
    let context = PriorContext(
      scope: scope.child("prior"), space: .vector(16), batch: Batch(2, in: scope)
    ) { PointMass($0.examples.flattened()) }
    let problem = #expect(throws: BuildProblem.self) {
      try VampPrior().distribution(in: context)
    }
    #expect(problem?.message.contains("this posterior has none") == true)
  }
}
