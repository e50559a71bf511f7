import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@Suite("M2")
struct M2VAETests {
  private static let classifier = "classifier: { type: mlp, hidden: [7] }"

  /// With all labels seen: the conditional VAE of the same noise, log K for the labels, and a classifier
  /// beside it that shares nothing with it.
  @Test func `with all labels is a conditional VAE and a classifier`() throws {
    let m2 = try builtins.make(
      .model, "{ type: m2_vae, \(small), labelled: 1, alpha: 0.3, beta: 0.6, \(Self.classifier) }")
    let vae = try builtins.make(.model, "{ type: vae, \(small), condition: labels, beta: 0.6 }")
    let all = try ModelRun(m2, classes: 3)
    let weights = Dictionary(uniqueKeysWithValues: all.parameters.map { ($0.name, $0.values) })
    let conditional = try ModelRun(vae, classes: 3, set: weights)
    #expect(conditional.parameters.allSatisfy { weights[$0.name] != nil })
    #expect(abs(all["reconstruction"] - conditional["reconstruction"]) < 1e-5)
    #expect(abs(all["kl"] - conditional["kl"] - log(3)) < 1e-5)
    let expected = conditional["total"] + 0.6 * log(3) + 0.3 * all["classification"]
    #expect(abs(all["total"] - expected) < 1e-5 * expected)
    let gradients = Dictionary(uniqueKeysWithValues: all.gradients.map { ($0.name, $0.values) })
    for gradient in conditional.gradients {
      let own = try #require(gradients[gradient.name])
      #expect(largestError(own, gradient.values.map(Double.init)) < 1e-5, "\(gradient.name)")
    }
  }

  /// The importance weights of `evaluate` are of log p(x) with the class summed out: with q = p for every class,
  /// here a decoder that ignores z, they are p(x|y)·(1/K)/q(y|x), whose mean over q is p(x).
  @Test func `weighs samples of classes and latents together`() throws {
    let model = try builtins.make(.model, "{ type: m2_vae, \(small), \(Self.classifier) }")
    let graph = Graph(mode: .evaluation, parameters: ParameterSet())
    let data = DataFacts(image: [1, 4, 4], classes: 3) { Array(repeating: 0.5, count: 16) }
    let scope = Scope(graph, data: data)
    let batch = Batch(2, in: scope)
    let posterior = try model.encode(batch, in: scope)
    #expect(
      posterior.space
        == .groups([
          LatentGroup("class", .codes(count: 1, size: 3)), LatentGroup("style", .vector(3)),
        ]))
    let prior = try #require(try model.prior(for: batch, space: posterior.space, in: scope))
    let draw = posterior.draw(20_000, batch: 2, in: scope)
    let exact = try #require(posterior.divergence(from: prior)?.perExample)
    let ratios = try #require(posterior.monteCarloDivergence(draw, from: prior))
    let store = ParameterStore(graph.parameters)
    let plan = Plan(
      graph, outputs: [exact, ratios, draw.values], store: store, arena: Arena(),
      run: RunContext(pool: ThreadPool(threads: 1), seed: 2))
    store.initialise(seed: 3)
    for index in store.values.indices { store.values[index] *= 3 }
    _ = plan.input("images")?.update(
      fromContentsOf: TestNumbers.uniform(32, in: 0...1, seed: 2))
    plan.forward()
    for example in 0..<2 {
      let own = plan.value(of: ratios)[example * 20_000..<(example + 1) * 20_000].map(Double.init)
      let (mean, error) = meanAndError(own)
      let expected = Double(plan.value(of: exact)[example])
      #expect(abs(mean - expected) < 5 * error, "\(mean) ± \(error), by formula \(expected)")
    }
    for row in 0..<100 {
      let classes = plan.value(of: draw.values)[row * 6..<row * 6 + 3]
      #expect(classes.sorted() == [0, 0, 1])
    }
  }

  @Test func `data without labels, and labels told already, are refused`() throws {
    let model = try builtins.make(.model, "{ type: m2_vae, \(small), \(Self.classifier) }")
    #expect(throws: BuildProblem.self) { try ModelRun(model) }
    let told = try builtins.make(
      .model, "{ type: m2_vae, \(small), \(Self.classifier), condition: labels }")
    let problem = #expect(throws: BuildProblem.self) { try ModelRun(told, classes: 3) }
    #expect(problem?.path == ["condition"])
  }
}
