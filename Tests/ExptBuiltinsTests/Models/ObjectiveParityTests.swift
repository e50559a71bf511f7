import ExptComponents
import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

@Suite("PyTorch, from the papers, gets the same", .needs(.pyTorch))
struct ObjectiveParityTests {
  /// A model, and the call of `objectives.py` that is the same.
  private struct Case {
    var model: String
    var call: String
    /// The noise that it draws: samples of the posterior for each image; draws of the prior;
    /// directions; an order.
    var samples = 0
    var usesPrior = false
    var directions: (count: Int, isUniform: Bool)?
    var permutes = false
    /// 1e-5; for differences where a network is curved, the h² of `squaredJacobianNorm`.
    var tolerance = 1e-5
    var encoder = "{type: mlp, hidden: [8], activation: tanh}"
    var decoder = "{type: mlp, hidden: [8], activation: tanh}"
  }

  private static let image: Shape = [1, 4, 4]
  private static let batch = 6
  private static let latent = 3

  private static let weighted: [Case] = ["iwae", "miwae", "piwae", "ciwae"].flatMap { form in
    ["reparameterized", "stl", "dreg"].map { gradient in
      let groups = form == "iwae" ? 1 : 2
      let share = form == "ciwae" ? ", beta: 0.3" : ""
      return Case(
        model: "iwae, form: \(form), gradient: \(gradient), samples: 3, groups: \(groups)\(share)",
        call: "iwae(net, '\(form)', '\(gradient)', 3, \(groups), 0.3)", samples: 3 * groups)
    }
  }

  private static let cases: [Case] =
    weighted + [
      Case(model: "vae, gradient: stl, beta: 3", call: "vae_stl(net, 3)", samples: 1),
      Case(
        model: "beta_tcvae, estimator: mws, alpha: 2, beta: 5, gamma: 0.5",
        call: "beta_tcvae(net, 'mws', 40, 2, 5, 0.5)", samples: 1),
      Case(
        model: "beta_tcvae, estimator: mss, alpha: 2, beta: 5, gamma: 0.5",
        call: "beta_tcvae(net, 'mss', 40, 2, 5, 0.5)", samples: 1),
      Case(
        model: "factor_vae, gamma: 4, discriminator: {hidden: [7, 5]}",
        call: "factor_vae(net, 4)", samples: 1, permutes: true),
      Case(
        model: "dip_vae, form: i, off_diagonal: 3, diagonal: 5",
        call: "dip_vae(net, 'i', 3, 5)", samples: 1),
      Case(
        model: "dip_vae, form: ii, off_diagonal: 3, diagonal: 5",
        call: "dip_vae(net, 'ii', 3, 5)", samples: 1),
      Case(
        model: "info_vae, kernel: rbf, bandwidth: 0.7, alpha: 0.25, lambda: 20",
        call: "info_vae(net, 'rbf', 0.7, 0.25, 20)", samples: 1, usesPrior: true),
      Case(
        model: "info_vae, kernel: imq, alpha: 0, lambda: 4",
        call: "info_vae(net, 'imq', 1, 0, 4)", samples: 1, usesPrior: true),
      Case(
        model: "wae, lambda: 7, bandwidth: 2", call: "wae(net, False, 'imq', 2, 7)",
        usesPrior: true),
      Case(
        model: "wae, lambda: 7, posterior: gaussian", call: "wae(net, True, 'imq', 1, 7)",
        samples: 1, usesPrior: true),
      Case(
        model: "swae, lambda: 7, projections: 9", call: "swae(net, 7)", usesPrior: true,
        directions: (9, false)),
      Case(
        model: "rae, regularizer: l2, beta: 0.3, lambda: 0.2", call: "rae(net, 'l2', 0.3, 0.2)"),
      Case(
        model: "rae, regularizer: spectral, beta: 0.3, lambda: 0.2",
        call: "rae(net, 'spectral', 0.3, 0.2)"),
      Case(
        model: "rae, regularizer: gradient, directions: null, beta: 0.3, lambda: 0.2",
        call: "rae(net, 'gradient', 0.3, 0.2)", tolerance: 5e-4),
      Case(
        model: "rae, regularizer: gradient, directions: 2, beta: 0.3, lambda: 0.2",
        call: "rae(net, 'gradient', 0.3, 0.2)", directions: (12, true), tolerance: 5e-4),
      Case(
        model: "rae, regularizer: gradient, directions: null, beta: 0.3, lambda: 0.2",
        call: "rae(net, 'gradient', 0.3, 0.2)", decoder: "{type: mlp, hidden: []}"),
    ]
    + ["sigmoid", "tanh", "none"].map {
      Case(
        model: "contractive_ae, lambda: 0.4, activation: \($0)",
        call: "contractive_ae(net, '\($0)', 0.4)", encoder: "{type: mlp, hidden: []}")
    }
    + [
      Case(
        model: "contractive_ae, lambda: 0.4, directions: 3",
        call: "contractive_ae(net, 'sigmoid', 0.4)", directions: (18, true), tolerance: 5e-4),
      Case(
        model: "contractive_ae, lambda: 0.4, directions: null",
        call: "contractive_ae(net, 'sigmoid', 0.4)", tolerance: 5e-4),
    ]

  private struct Sent: Encodable {
    var call: String
    var images: ObjectiveProbe.Array
    var parameters: [String: ObjectiveProbe.Array]
    var noise: [String: ObjectiveProbe.Array]
  }

  private struct Answer: Decodable {
    var terms: [String: Double]
    var gradients: [String: [Double]]
  }

  private func probe(_ this: Case) throws -> ObjectiveProbe {
    let text =
      "{type: \(this.model), latent: \(Self.latent), encoder: \(this.encoder), "
      + "decoder: \(this.decoder)}"
    let images = TestNumbers.uniform(Self.batch * Self.image.count, in: 0...1, seed: 21)
    return try ObjectiveProbe(
      builtins.make(.model, text), images: images, image: Self.image, trainingCount: 40,
      noise: { graph in noise(this, in: graph) })
  }

  private func noise(_ this: Case, in graph: Graph) -> [(name: String, value: Tensor)] {
    let (batch, latent) = (Self.batch, Self.latent)
    var drawn: [(name: String, value: Tensor)] = []
    if this.samples > 0 {
      drawn.append(("latent", graph.normal([batch * this.samples, latent], stream: "latent")))
    }
    if this.usesPrior { drawn.append(("prior", graph.normal([batch, latent], stream: "prior"))) }
    if let (count, isUniform) = this.directions {
      let width = this.model.hasPrefix("contractive") ? Self.image.count : latent
      drawn.append(
        (
          "direction",
          isUniform
            ? graph.uniform([count, width], stream: "direction")
            : graph.normal([count, width], stream: "direction")
        ))
    }
    if this.permutes {
      let half = batch / 2
      let rows = graph.constant((0..<half * latent).map { Float($0 / latent) }, [half, latent])
      drawn.append(("permutation", rows.permutedColumns(stream: "permutation")))
    }
    return drawn
  }

  @Test func `losses, terms and gradients`() throws {
    let probes = try Self.cases.map(probe)
    let folder = TemporaryFolder()
    let sent = zip(Self.cases, probes).map { this, probe in
      Sent(
        call: this.call, images: probe.images, parameters: probe.parameters, noise: probe.noise)
    }
    let text = String(decoding: try JSONEncoder().encode(sent), as: UTF8.self)
    let printed = try Python.run(
      file: packageFolder + "/Tests/Python/objectives.py", [folder.write(text, to: "cases.json")])
    let answers = try JSONDecoder().decode([Answer].self, from: Data(printed.utf8))
    try #require(answers.count == probes.count)
    for ((this, probe), answer) in zip(zip(Self.cases, probes), answers) {
      #expect(Set(probe.terms.keys) == Set(answer.terms.keys), "\(this.model)")
      for (name, expected) in answer.terms {
        let error = abs(probe[name] - expected) / max(abs(expected), 1)
        #expect(error < this.tolerance, "\(this.model): \(name) \(probe[name]), not \(expected)")
      }
      #expect(Set(probe.gradients.keys) == Set(answer.gradients.keys), "\(this.model)")
      for (name, expected) in answer.gradients {
        let error = largestError(probe.gradients[name] ?? [], expected)
        #expect(error < this.tolerance, "\(this.model): the gradient of \(name) is \(error) off")
        #expect(expected.contains { $0 != 0 }, "\(this.model): \(name) has no gradient")
      }
    }
  }
}
