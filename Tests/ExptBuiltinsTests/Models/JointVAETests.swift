import ExptComponents
import ExptTensor
import ExptTesting
import Testing

@Suite("JointVAE")
struct JointVAETests {
  private static let image: Shape = [1, 4, 4]
  private static let groups = """
    posterior: {type: groups, groups: {style: {latent: 2},
      kind: {latent: 1, posterior: {type: categorical, size: 3}}}},
    prior: groups, latent: 3, encoder: {type: mlp, hidden: [12]}
    """

  private func probe(_ settings: String) throws -> ObjectiveProbe {
    try ObjectiveProbe(
      builtins.make(.model, "{type: joint_vae, \(settings)}"),
      images: TestNumbers.uniform(6 * Self.image.count, in: 0...1, seed: 21), image: Self.image)
  }

  @Test func `each kind is pulled towards its own capacity`() throws {
    let seen = try probe(
      """
      numbers: {type: capacity, gamma: 7, to: 4}, choices: {type: capacity, gamma: 11, to: 0.9},
      \(Self.groups)
      """)
    let expected =
      seen["reconstruction"] + 7 * abs(seen["kl_numbers"] - 4) + 11 * abs(seen["kl_choices"] - 0.9)
    #expect(abs(seen["total"] - expected) < 1e-5 * expected)
    #expect(abs(seen["kl"] - seen["kl_numbers"] - seen["kl_choices"]) < 1e-5)
    #expect(seen["kl_numbers"] > 0.1 && seen["kl_choices"] > 0 && seen["kl_choices"] < 1.0987)
  }

  @Test func `with weights of 1 it is the VAE`() throws {
    let joint = try probe("numbers: 1, choices: 1, \(Self.groups)")
    let vae = try ObjectiveProbe(
      builtins.make(.model, "{type: vae, \(Self.groups)}"),
      images: TestNumbers.uniform(6 * Self.image.count, in: 0...1, seed: 21), image: Self.image)
    #expect(abs(joint["total"] - vae["total"]) < 1e-5 * vae["total"])
  }

  @Test func `a capacity that choices cannot have is refused, and latents without groups`() {
    let capacity = #expect(throws: BuildProblem.self) {
      _ = try probe("choices: {type: capacity, to: 1.2}, \(Self.groups)")
    }
    #expect(capacity?.path == ["choices"])
    let plain = #expect(throws: BuildProblem.self) { _ = try probe("latent: 3") }
    #expect(plain?.path == ["posterior"])
  }
}
