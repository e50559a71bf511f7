import ExptComponents
import ExptTensor
import ExptTestSupport
import Foundation
import Testing

/// Loss, terms and all gradients on one batch with fixed noise, against programs written from the papers.
@Suite("PyTorch computes the same", .serialized)
struct ModelsInPyTorchTests {
  private static let networks =
    "latent: 3, encoder: { type: mlp, hidden: [12], activation: tanh }"

  private static func made(_ text: String) throws -> any Model {
    try builtins.make(.model, "{ \(networks), \(text) }")
  }

  private static func hierarchical(_ inference: String) throws -> ModelRun {
    try ModelRun(
      made(
        "type: hierarchical_vae, upper: [2], between: [5], activation: tanh, beta: 0.7, "
          + "upper_beta: [0.3], inference: \(inference)"),
      noise: ["latent": [6, 3], "latent 2": [6, 2]])
  }

  private static func weighted(_ inference: String) throws -> ModelRun {
    try ModelRun(
      made(
        "type: hierarchical_vae, upper: [2], between: [5], activation: tanh, samples: 4, "
          + "inference: \(inference)"),
      noise: ["latent": [24, 3], "latent 2": [24, 2]])
  }

  @Test(.needs(.pyTorch)) func `for every term and gradient, and not with a known mistake`() throws
  {
    let folder = TemporaryFolder()
    let judge = "discriminator: { hidden: [8] }"
    let runs = try [
      ("aae", ModelRun(Self.made("type: aae, weight: 0.5, \(judge)"), noise: ["prior": [6, 3]])),
      (
        "vae_gan",
        ModelRun(
          Self.made("type: vae_gan, gamma: 0.5, \(judge)"),
          noise: ["latent": [6, 3], "prior": [6, 3]])
      ),
      ("hierarchical_bottom_up", Self.hierarchical("bottom_up")),
      ("hierarchical_ladder", Self.hierarchical("ladder")),
      ("hierarchical_top_down", Self.hierarchical("top_down")),
      ("hierarchical_bottom_up of 4", Self.weighted("bottom_up")),
      ("hierarchical_top_down of 4", Self.weighted("top_down")),
      (
        "joint_vae",
        ModelRun(
          Self.made(
            "type: joint_vae, prior: groups, numbers: { type: capacity, gamma: 3, to: 1.5 }, "
              + "choices: { type: capacity, gamma: 2, to: 0.4 }, posterior: { type: groups, groups: { "
              + "style: { latent: 2 }, kind: { latent: 1, posterior: { type: categorical, size: 3 } } } }"
          ),
          noise: ["style/latent": [6, 2]], gumbel: ["kind/choice": [6, 3]])
      ),
      (
        "m2_vae",
        ModelRun(
          Self.made(
            "type: m2_vae, labelled: 0.6, alpha: 0.4, beta: 0.8, "
              + "classifier: { type: mlp, hidden: [7], activation: tanh }"),
          noise: ["latent": [6, 3]], classes: 3)
      ),
    ]
    for (name, run) in runs { try run.write(to: folder.file("\(name).npz")) }
    let printed = try Python.run(
      file: packageFolder + "/Tests/Python/models.py", runs.map { folder.file("\($0.0).npz") })
    var seen = 0
    for line in printed.split(separator: "\n") {
      // A case's name may have spaces.
      let words = line.split(separator: " ").suffix(2).map(String.init)
      let error = try #require(Double(words[1]), "\(line)")
      if words[0].hasPrefix("wrong/") {
        #expect(error > 1e-3, "\(line)")
      } else {
        #expect(error < 1e-5, "\(line)")
      }
      seen += 1
    }
    let expected = runs.reduce(0) { $0 + $1.1.gradients.count + 1 }
    #expect(seen > expected + 20, "\(seen) numbers were compared")
  }
}
