import ExptComponents
import ExptDocument
import ExptTensor
import ExptTesting
import Foundation
import Testing

private let image: Shape = [1, 4, 4]
private let images = TestNumbers.uniform(6 * image.count, in: 0...1, seed: 21)
private let linear = "{type: mlp, hidden: []}"

private func probe(
  _ settings: String, prepare: (ParameterStore) -> Void = { _ in }
) throws -> ObjectiveProbe {
  try ObjectiveProbe(
    builtins.make(.model, "{\(settings)}"), images: images, image: image, prepare: prepare)
}

@Suite("The contractive autoencoder")
struct ContractiveAETests {
  @Test func `of one sigmoid layer: the sum of (h(1 − h))²·‖W‖²`() throws {
    let seen = try probe("type: contractive_ae, latent: 5, encoder: \(linear)")
    let weight = try #require(seen.parameters["latent.weight"]).values.map(Double.init)
    let bias = try #require(seen.parameters["latent.bias"]).values.map(Double.init)
    var (expected, unsquared) = (0.0, 0.0)
    for row in 0..<6 {
      for unit in 0..<5 {
        let own = weight[unit * 16..<unit * 16 + 16]
        let pixels = images[row * 16..<row * 16 + 16]
        let sum = zip(own, pixels).reduce(bias[unit]) { $0 + $1.0 * Double($1.1) }
        let h = 1 / (1 + exp(-sum))
        let norm = own.reduce(0) { $0 + $1 * $1 }
        expected += pow(h * (1 - h), 2) * norm / 6
        unsquared += h * (1 - h) * norm / 6
      }
    }
    #expect(abs(seen["contraction"] - expected) < 1e-5 * expected)
    #expect(abs(unsquared - expected) > 0.5 * expected)
  }

  @Test func `of more layers and of a condition: along every pixel the same as by formula`() throws
  {
    // A linear layer more, which changes nothing.
    let one = try probe("type: contractive_ae, latent: 5, encoder: \(linear)")
    let two = try probe(
      "type: contractive_ae, latent: 5, encoder: {type: layers, layers: [flatten]}, "
        + "decoder: \(linear), directions: null")
    #expect(abs(one["contraction"] - two["contraction"]) < 1e-4 * one["contraction"])
  }
}

@Suite("The regularised autoencoder")
struct RAETests {
  @Test func `the gradient of a linear decoder is ‖W‖², by the latents and not by the image`()
    throws
  {
    let seen = try probe(
      "type: rae, regularizer: gradient, directions: null, latent: 3, encoder: \(linear)")
    func squares(_ numbers: [Double]) -> Double { numbers.reduce(0) { $0 + $1 * $1 } }
    let decoder = try #require(seen.parameters["decoder.0.weight"]).values.map(Double.init)
    let encoder = try #require(seen.parameters["latent.weight"]).values.map(Double.init)
    #expect(abs(seen["penalty"] - squares(decoder)) < 1e-5 * squares(decoder))
    var byImage: [Double] = []
    for row in 0..<16 {
      for column in 0..<16 {
        byImage.append((0..<3).reduce(0) { $0 + decoder[row * 3 + $1] * encoder[$1 * 16 + column] })
      }
    }
    #expect(abs(squares(byImage) - squares(decoder)) > 0.1 * squares(decoder))
  }

  @Test func `l2 is of the decoder's weights alone`() throws {
    let seen = try probe("type: rae, latent: 3, encoder: {type: mlp, hidden: [7]}")
    let expected = ["decoder.0.weight", "decoder.1.weight"].reduce(0.0) { sum, name in
      sum + (seen.parameters[name]?.values ?? []).reduce(0) { $0 + Double($1) * Double($1) }
    }
    #expect(abs(seen["penalty"] - expected) < 1e-5 * expected)
  }

  @Test func `running statistics move once in a step, whatever the penalty`() throws {
    func moved(_ penalty: String) throws -> [String: [Float]] {
      let seen = try probe(
        "type: rae, regularizer: \(penalty), latent: 3, encoder: \(linear), "
          + "decoder: {type: mlp, hidden: [7], batch_norm: true}")
      #expect(seen["penalty"] > 0)
      return seen.moved
    }
    let l2 = try moved("l2")
    #expect(try moved("gradient") == l2 && l2.count == 2)
  }

  /// W has orthogonal columns of lengths 1, 3 and 2.
  @Test func `power iteration comes to the largest singular value`() throws {
    var state: [Float]?
    var penalty = 0.0
    for _ in 0..<25 {
      let seen = try probe(
        "type: rae, regularizer: spectral, latent: 3, encoder: \(linear)"
      ) { store in
        store["decoder.0.weight"]?.values.update(repeating: 0)
        for (place, value) in [(0, 1), (4, 3), (8, 2)] as [(Int, Float)] {
          store["decoder.0.weight"]?.values[place] = value
        }
        if let state { _ = store["spectral.decoder.0.weight"]?.values.update(from: state) }
      }
      penalty = seen["penalty"]
      state = seen.moved["spectral.decoder.0.weight"]
    }
    #expect(abs(penalty - 9) < 1e-4, "\(penalty)")
    let start = try probe("type: rae, regularizer: spectral, latent: 3, encoder: \(linear)")
    #expect(start["penalty"] > 0 && start.moved.count == 1)
  }
}

@Suite("Objectives refuse")
struct ObjectiveRefusalTests {
  private static let settings = [
    ("type: iwae, groups: 2", "'form: iwae' has a single group of samples"),
    ("type: iwae, beta: 0.5", "'beta' is the ELBO's share in ciwae, and the form is iwae"),
    ("type: iwae, form: ciwae, beta: 2", "'beta' is a share, from 0 to 1"),
    ("type: vae, gradient: stl, kl: closed_form", "'gradient: stl' needs the KL of samples"),
    ("type: vae, gradient: stl, free_bits: 1", "'free_bits' needs the KL of each dimension"),
    ("type: wae, lambda: capacity", "there is no KL here that a capacity could pull"),
    ("type: info_vae, alpha: 2", "'alpha' above 1 would reward a KL without bound"),
    ("type: info_vae, alpha: 0, lambda: 0", "the loss would reward a discrepancy"),
  ]

  @Test(arguments: settings)
  func `settings that contradict one another`(_ settings: String, _ sentence: String) {
    let problems = #expect(throws: Diagnostics.self) {
      try builtins.make(.model, "{\(settings), \(small)}")
    }
    #expect(problems?.rendered.contains(sentence) == true, "\(problems?.rendered ?? "")")
  }

  private static let parts = [
    ("type: vae, posterior: point", ["posterior"]),
    ("type: iwae, posterior: point", ["posterior"]),
    ("type: factor_vae, posterior: point", ["posterior"]),
    ("type: beta_tcvae, posterior: full_gaussian", ["posterior"]),
    ("type: dip_vae, form: ii, posterior: full_gaussian", ["form"]),
    ("type: iwae, gradient: dreg, decoder: {type: mlp, batch_norm: true}", ["decoder"]),
  ]

  @Test(arguments: parts)
  func `parts that they cannot use, at the setting`(_ settings: String, _ path: [String]) {
    let rest = settings.contains("encoder:") ? "latent: 3" : small
    let problem = #expect(throws: BuildProblem.self) { _ = try probe("\(settings), \(rest)") }
    #expect(problem?.path == path, "\(problem.map { "\($0)" } ?? "")")
  }
}
