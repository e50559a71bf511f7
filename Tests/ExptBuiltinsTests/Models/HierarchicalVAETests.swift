import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@Suite("A hierarchical VAE")
struct HierarchicalVAETests {
  @Test(arguments: ["bottom_up", "ladder", "top_down"])
  func `with one level is the VAE, bit for bit`(_ inference: String) throws {
    let vae = try builtins.make(.model, "{ type: vae, \(small), beta: 0.7 }")
    let other = try builtins.make(
      .model,
      "{ type: hierarchical_vae, \(small), beta: 0.7, upper: [], inference: \(inference) }")
    let (expected, seen) = try (ModelRun(vae), ModelRun(other))
    for name in ["total", "reconstruction", "kl"] {
      #expect(expected.terms[name]?.bitPattern == seen.terms[name]?.bitPattern, "\(name)")
    }
    #expect(expected.gradients.map(\.name) == seen.gradients.map(\.name))
    for (a, b) in zip(expected.gradients, seen.gradients) {
      #expect(a.values.map(\.bitPattern) == b.values.map(\.bitPattern), "\(a.name)")
    }
  }

  @Test func `with one level and several samples has the bound of iwae`() throws {
    let iwae = try builtins.make(.model, "{ type: iwae, \(small), samples: 5 }")
    let other = try builtins.make(
      .model, "{ type: hierarchical_vae, \(small), samples: 5, upper: [] }")
    let (expected, seen) = try (ModelRun(iwae), ModelRun(other))
    for name in ["total", "reconstruction", "kl"] {
      let (a, b) = try (#require(expected.terms[name]), #require(seen.terms[name]))
      #expect(abs(a - b) < 1e-5 * abs(a), "\(name): \(a), \(b)")
    }
  }

  /// z₂ ~ N(0, 1), z₁ = a·z₂ + b·ε₁, x = w·z₁ + s·ε in two dimensions. With the exact posterior, every sample has the
  /// weight p(x) itself.
  ///
  ///     p(x) = N(0, (a² + b²)·w·wᵀ + s²·I)
  ///
  /// Given x, z₁ has the likelihood N(m, t²), m = wᵀ·x/|w|², t = s/|w|. So
  ///
  ///     q(z₁|x) = N(m·c/(c + t²), c·t²/(c + t²)),   c = a² + b²
  ///     q(z₂|z₁) = N(z₁·a/c, b²/c)                  q(z₂|x) = N(m·a/(c + t²), (b² + t²)/(c + t²))
  ///     q(z₁|x, z₂): precisions 1/t² at m and 1/b² at a·z₂
  @Test(arguments: ["bottom_up", "ladder", "top_down"])
  func `of two linear levels is exact`(_ inference: String) throws {
    let (a, b, s) = (0.8, 0.5, 0.6)
    let w = [1.5, -0.5]
    let norm = w[0] * w[0] + w[1] * w[1]
    let (t, c) = (s * s / norm, a * a + b * b)
    let map = w.map { $0 / norm }
    func row(_ factor: Double) -> [Float] { map.map { Float($0 * factor) } }
    func logarithm(_ x: Double) -> Float { Float(log(x)) }
    var set: [String: [Float]] = [
      "decoder.0.weight": w.map { Float($0) }, "decoder.0.bias": [0, 0],
      "level2.prior.weight": [Float(a), 0], "level2.prior.bias": [0, logarithm(b * b)],
    ]
    switch inference {
    case "bottom_up":
      set["latent.weight"] = row(c / (c + t)) + [0, 0]
      set["latent.bias"] = [0, logarithm(c * t / (c + t))]
      set["level2.posterior.weight"] = [Float(a / c), 0]
      set["level2.posterior.bias"] = [0, logarithm(b * b / c)]
    default:
      set["level2.posterior.weight"] = row(a / (c + t)) + [0, 0]
      set["level2.posterior.bias"] = [0, logarithm((b * b + t) / (c + t))]
      if inference == "ladder" {
        set["latent.weight"] = row(1) + [0, 0]
        set["latent.bias"] = [0, logarithm(t)]
      } else {
        // μ_q − a·z₂ = (m − a·z₂)·b²/(b² + t), in units of b; σ_q² = b²·t/(b² + t), in those of b².
        let share = b * b / (b * b + t)
        set["latent.weight"] = row(share / b) + [Float(-a * share / b)] + [0, 0, 0]
        set["latent.bias"] = [0, logarithm(t / (b * b + t))]
      }
    }
    let model = try builtins.make(
      .model,
      """
      { type: hierarchical_vae, latent: 1, upper: [1], between: [], inference: \(inference),
        likelihood: { type: gaussian, scale: \(s) }, encoder: { type: mlp, hidden: [] },
        decoder: { type: mlp, hidden: [] } }
      """)
    let images: [Float] = [0.3, -0.2, 1.4, 0.9, -2, 0.1]
    let (weights, decoded) = try weights(of: model, images, set: set, samples: 4)
    for (row, weight) in weights.enumerated() {
      let x = images[row / 4 * 2..<row / 4 * 2 + 2].map(Double.init)
      let expected = logDensity(x, w, spread: c, noise: s * s)
      #expect(
        abs(Double(weight) - expected) < 2e-5 * max(1, abs(expected)), "\(weight) \(expected)")
    }
    #expect(Set(decoded).count == decoded.count, "the samples are the same ones")
  }

  /// log N(x; 0, c·w·wᵀ + v·I) in two dimensions.
  private func logDensity(_ x: [Double], _ w: [Double], spread c: Double, noise v: Double) -> Double
  {
    let norm = w[0] * w[0] + w[1] * w[1]
    let along = x[0] * w[0] + x[1] * w[1]
    let first = c * norm + v
    let square =
      (x[0] * x[0] + x[1] * x[1] - along * along / norm) / v + along * along / norm / first
    return -0.5 * (square + log(first) + log(v) + 2 * log(2 * Double.pi))
  }

  /// log p(x|z) + log p(z) − log q(z|x) of samples, by `encode`, `prior` and `decode`, as evaluation has it. (In
  /// between, the samples' densities are recomputed from their values.)
  private func weights(
    of model: any Model, _ images: [Float], set: [String: [Float]], samples: Int
  ) throws -> (weights: [Float], decoded: [Float]) {
    let graph = Graph(mode: .evaluation, parameters: ParameterSet())
    let scope = Scope(graph, data: DataFacts(image: [1, 1, 2]) { [0, 0] })
    let batch = Batch(images.count / 2, in: scope)
    let posterior = try model.encode(batch, in: scope)
    let draw = posterior.draw(samples, batch: batch.count, in: scope)
    let decoded = try model.decode(draw.values, given: batch, in: scope)
    let prior = try #require(try model.prior(for: batch, space: posterior.space, in: scope))
    let own = try #require(draw.logDensity)
    let again = try #require(posterior.logDensity(draw.values))
    let other = try #require(prior.logDensity(draw.values))
    let weights = other - own - model.parts.negativeLogLikelihood(decoded, of: batch, in: scope)
    let store = ParameterStore(graph.parameters)
    let plan = Plan(
      graph, outputs: [weights, own, again, decoded], store: store, arena: Arena(),
      run: RunContext(pool: ThreadPool(threads: 1), seed: 8))
    for (name, values) in set {
      let memory = try #require(store[name], "there is no \(name) among \(store.specs.map(\.name))")
      #expect(memory.count == values.count, "\(name)")
      _ = memory.values.update(fromContentsOf: values)
    }
    #expect(store.specs.allSatisfy { set.keys.contains($0.name) })
    _ = plan.input("images")?.update(fromContentsOf: images)
    plan.forward()
    for (a, b) in zip(plan.value(of: own), plan.value(of: again)) {
      #expect(abs(a - b) < 1e-4, "a draw's density is \(a), and by its values \(b)")
    }
    return (Array(plan.value(of: weights)), Array(plan.value(of: decoded)))
  }

  @Test func `begins with levels that are all standard normal`() throws {
    let model = try builtins.make(
      .model, "{ type: hierarchical_vae, \(small), upper: [4, 2], between: [6] }")
    let graph = Graph(mode: .evaluation, parameters: ParameterSet())
    let scope = Scope(graph, data: DataFacts(image: [1, 4, 4]) { Array(repeating: 0, count: 16) })
    let batch = Batch(2, in: scope)
    #expect(
      try model.encode(batch, in: scope).space
        == .groups([
          LatentGroup("level 1", .vector(3)), LatentGroup("level 2", .vector(4)),
          LatentGroup("level 3", .vector(2)),
        ]))
    _ = try model.decode(graph.input("z", [2, 9]), given: batch, in: scope)
    for spec in graph.parameters.specs where spec.name.contains(".prior.") {
      guard case .constant(0) = spec.initialiser else {
        Issue.record("\(spec.name) does not begin at 0")
        continue
      }
    }
  }

  @Test func `needs as many weights as levels`() {
    #expect(throws: (any Error).self) {
      try builtins.make(.model, "{ type: hierarchical_vae, upper: [4, 2], upper_beta: [1] }")
    }
  }

  @Test func `has no weights beside the bound of several samples`() {
    #expect(throws: (any Error).self) {
      try builtins.make(.model, "{ type: hierarchical_vae, samples: 5, beta: 2 }")
    }
  }
}
