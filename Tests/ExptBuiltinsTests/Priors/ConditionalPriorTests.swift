import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

@testable import ExptBuiltins

@Suite("Priors under a condition")
struct ConditionalPriorTests {
  private func loss(
    _ settings: String, set: (ParameterStore) -> Void = { _ in }
  ) throws -> [[Float]] {
    try probe(settings, set: set).values
  }

  private func probe(
    _ settings: String, classes: Int? = 3, labels: (Int) -> Int = { $0 % 3 },
    set: (ParameterStore) -> Void = { _ in }
  ) throws -> PriorProbe {
    let model = try builtins.make(
      .model, "{type: vae, latent: 3, encoder: {type: mlp, hidden: [7]}, \(settings)}")
    return try PriorProbe(model, mode: .training, classes: classes, labels: labels, set: set) {
      batch, scope in
      let terms = try model.loss(batch, in: LossPass(scope: scope))
      return [terms.total, try #require(terms.kl)]
        + (terms.klPerDimension.map { [$0] } ?? [])
    }
  }

  @Test(arguments: ["conditional_gaussian", "{type: conditional_gaussian, hidden: [5]}"])
  func `a conditional Gaussian begins at the standard normal`(_ prior: String) throws {
    let own = try loss("condition: labels, prior: \(prior)")
    let plain = try loss("condition: labels")
    #expect(own.count == 3, "the KL splits by dimensions")
    for (a, b) in zip(own.joined(), plain.joined()) { #expect(abs(a - b) <= 1e-6 * max(1, abs(b))) }
  }

  /// A constant condition whose weights into encoder and decoder are 0 leaves the unconditional model with
  /// a prior of one learned Gaussian.
  @Test func `a constant condition is none`() throws {
    let shift: [Float] = [0.3, -0.2, 0.5, 0.1, 0.4, -0.6]
    let told = try probe(
      "condition: labels, prior: conditional_gaussian, kl: monte_carlo", classes: 1,
      labels: { _ in 0 },
      set: { store in
        store.set("prior.0.weight", shift)
        silence(store, "condition.map.weight", width: 1, columns: 0..<1)
        silence(store, "condition.map.bias", width: 1, columns: 0..<1)
        silence(store, "decoder.0.weight", width: 4, columns: 3..<4)
      })
    let plain = try probe(
      "prior: {type: gaussian_mixture, components: 1}, kl: monte_carlo",
      set: { store in
        for spec in store.specs where !spec.name.hasPrefix("prior.") {
          guard let own = store[spec.name]?.values, let other = told.store[spec.name]?.values else {
            continue
          }
          let (width, wide) = (spec.shape.dimensions.last ?? 1, other.count / (spec.shape[0]))
          for index in own.indices {
            own[index] =
              spec.shape.rank < 2 ? other[index] : other[index / width * wide + index % width]
          }
        }
        store.set("prior.mean", Array(shift[..<3]))
        store.set("prior.log_variance", Array(shift[3...]))
      })
    for (a, b) in zip(told.values.joined(), plain.values.joined()) {
      #expect(abs(a - b) <= 1e-5 * max(1, abs(b)), "\(a) \(b)")
    }
  }

  private func silence(
    _ store: ParameterStore, _ name: String, width: Int, columns: Range<Int>
  ) {
    guard let values = store[name]?.values else { return }
    for index in values.indices where columns.contains(index % width) { values[index] = 0 }
  }

  /// KL(q ‖ p) is not KL(p ‖ q): the known wrong version is far off.
  @Test func `its KL is from the posterior to the prior of the image's class`() throws {
    let table = TestNumbers.normal(6 * 3, seed: 12)
    let model = try #require(
      builtins.make(
        .model,
        "{type: vae, latent: 3, condition: labels, prior: conditional_gaussian}")
        as? any LatentModel)
    let values = try PriorProbe(
      model, classes: 3, set: { $0.set("prior.0.weight", table) }
    ) { batch, scope in
      let q = try #require(try model.encode(batch, in: scope) as? DiagonalGaussian)
      let p = try #require(
        try model.prior(for: batch, space: q.space, in: scope) as? DiagonalGaussian)
      return [
        q.mean, q.logVariance, try #require(q.divergence(from: p)?.perExample),
        try #require(p.divergence(from: q)?.perExample),
      ]
    }.values
    var swapped = 0.0
    for image in 0..<PriorProbe.batch {
      var expected = 0.0
      for dimension in 0..<3 {
        let (m, v) = (
          Double(values[0][image * 3 + dimension]), Double(values[1][image * 3 + dimension])
        )
        let mean = Double(table[dimension * 3 + image % 3])
        let spread = Double(table[(3 + dimension) * 3 + image % 3])
        expected += 0.5 * (spread - v + (exp(v) + (m - mean) * (m - mean)) / exp(spread) - 1)
      }
      #expect(abs(Double(values[2][image]) - expected) < 1e-5 * max(1, expected))
      swapped = max(swapped, abs(Double(values[3][image]) / expected - 1))
    }
    #expect(swapped > 0.1)
  }

  @Test func `one component at (0, 1) is the standard normal, under a condition too`() throws {
    for condition in ["none", "labels"] {
      let one = try loss(
        "condition: \(condition), prior: {type: gaussian_mixture, components: 1}, kl: monte_carlo"
      ) { $0.set("prior.mean", [0, 0, 0]) }
      let plain = try loss("condition: \(condition), kl: monte_carlo")
      for (a, b) in zip(one.joined(), plain.joined()) {
        #expect(abs(a - b) <= 1e-6 * max(1, abs(b)))
      }
    }
  }

  @Test func `without a condition it is refused`() throws {
    let model = try builtins.make(.model, "{type: vae, latent: 3, prior: conditional_gaussian}")
    let problem = #expect(throws: BuildProblem.self) {
      try PriorProbe(model) { batch, scope in
        [try model.loss(batch, in: LossPass(scope: scope)).total]
      }
    }
    #expect(problem?.path == ["prior"])
    #expect(
      problem?.message == "conditional_gaussian depends on a condition, and the model has none")
  }
}
