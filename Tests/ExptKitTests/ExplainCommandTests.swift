import ExptFiles
import ExptRunFolder
import ExptTestSupport
import Foundation
import Testing

@Suite("expt explain")
struct ExplainCommandTests {
  private func explained(_ file: String, _ more: [String] = []) throws -> Explanation {
    let result = try Program.run(["explain", file, "--json"] + more)
    try #require(result.status == 0, "\(result.messages)")
    return try #require(
      Explanation(JSONValue.parse(Array(result.output.utf8), path: "explain")))
  }

  @Test func `puts the file's numbers into the formulas`() throws {
    let vae = try explained(
      "experiments/quick.yaml",
      ["model.beta=4", "model.likelihood={type: gaussian, scale: 0.25}"])
    let loss = try #require(vae.formulas.first { $0.role == "loss" })
    #expect(loss.symbols == "E[−log p(x|z)] + β·KL(q(z|x) ‖ p(z))")
    #expect(loss.numbers == "E[−log p(x|z)] + 4·KL(q(z|x) ‖ p(z))")
    let likelihood = try #require(vae.formulas.first { $0.role == "likelihood" })
    #expect(likelihood.numbers?.contains("/0.25") == true, "\(likelihood)")
    let beta = try #require(vae.numbers.first { $0.setting == "model.beta" })
    #expect(beta.value == "4" && beta.symbol == "β" && beta.help.contains("Weight"))
    #expect(vae.formulas.map(\.role) == ["loss", "posterior", "prior", "likelihood"])
  }

  @Test func `keeps the symbol of a number that moves, and says its course`() throws {
    let vae = try explained(
      "experiments/quick.yaml", ["model.beta={type: linear, from: 0, to: 2, epochs: 3}"])
    #expect(vae.formulas[0].numbers == "E[−log p(x|z)] + β(t)·KL(q(z|x) ‖ p(z))")
    #expect(vae.numbers[0].value == "linear (from 0, to 2, epochs 3)")
  }

  /// What the engine computes from what: with a free-standing judge of two inputs.
  @Test func `draws what is computed from what, with all parameters`() throws {
    let aae = try explained("experiments/aae_digits.yaml")
    func inputs(_ name: String) -> [String]? { aae.parts.first { $0.name == name }?.inputs }
    #expect(inputs("encoder") == ["image"])
    #expect(inputs("latent") == ["encoder"])
    #expect(inputs("decoder") == ["latent"])
    #expect(inputs("discriminator") == ["latent"])
    #expect(inputs("loss")?.contains("discriminator") == true)
    #expect(inputs("loss")?.contains("decoder") == true)
    let check = try Program.run(["check", "experiments/aae_digits.yaml", "--json"])
    let total = try JSONValue.parse(Array(check.output.utf8), path: "check")["parameters"]?.int
    #expect(aae.parameters == total)
    #expect(aae.parts.first?.name == "image" && aae.parts.last?.name == "loss")
  }

  @Test func `writes a page and a picture, and nothing over what is there`() throws {
    let folder = TemporaryFolder()
    for name in ["vae.svg", "vae.html"] {
      let file = folder.file(name)
      let result = try Program.run(["explain", "experiments/quick.yaml", "-o", file])
      #expect(result.status == 0 && result.output == file + "\n", "\(result.messages)")
      let text = try String(contentsOfFile: file, encoding: .utf8)
      #expect(text.contains("<svg") && text.contains("encoder") && text.contains("parameters"))
      #expect(try Program.run(["explain", "experiments/quick.yaml", "-o", file]).status == 64)
    }
    #expect(try Program.run(["explain", "experiments/quick.yaml", "-o", "a.png"]).status == 64)
  }
}

/// What a step changes besides the model's parameters: opponents, levels, lots, and what is fitted.
@Suite("Models with more than one kind of state")
struct ModelStateTests {
  private static let digits =
    "{ type: digits, train: 1500, validation: 200, test: 100 }"
  private static let models = [
    "aae": "{ type: aae, latent: 4, discriminator: { hidden: [32] } }",
    "vae_gan": """
    { type: vae_gan, latent: 4, discriminator: { network: { type: conv, channels: [4], hidden: [] }, hidden: [16] } }
    """,
    "hierarchical": "{ type: hierarchical_vae, latent: 4, upper: [3], between: [16] }",
    "m2": "{ type: m2_vae, latent: 4, labelled: 0.1, classifier: { hidden: [16] } }",
    "missing": "{ type: iwae, latent: 4, samples: 2, missing: { share: 0.4, tell: true } }",
    "ppca": "{ type: ppca, latent: 4 }",
  ]

  @Test(arguments: models.keys.sorted())
  func `come to the same bytes when they are killed in the midst of an epoch`(_ name: String) throws
  {
    let folder = TemporaryFolder()
    let model = try #require(Self.models[name])
    try folder.write(
      """
      name: state
      seed: 3
      dataset: \(Self.digits)
      model: \(model.dropLast())\(name == "ppca" ? "" : ", encoder: { type: mlp, hidden: [32] }") }
      training: { epochs: 6, batch_size: 32 }
      outputs: { images_every: 0 }
      """, to: "state.yaml")
    func train(_ label: String, _ more: [String]) throws -> Program.Running {
      try Program.start(["run", folder.file("state.yaml"), "--run-dir", folder.file(label)] + more)
    }
    let whole = try train("whole", ["--threads", "1"]).wait()
    try #require(whole.status == 0, "\(whole.messages)")
    let running = try train("killed", ["--threads", "2"])
    while !running.messagesSoFar.contains("epoch 2/6"), running.process.isRunning {
      Thread.sleep(forTimeInterval: 0.002)
    }
    kill(running.process.processIdentifier, SIGKILL)
    _ = try running.wait()
    let resumed = try Program.run(["run", "--resume", folder.file("killed"), "--quiet"])
    try #require(resumed.status == 0, "\(resumed.messages)")
    #expect(try fingerprint(of: folder.file("killed")) == fingerprint(of: folder.file("whole")))
    for command in ["evaluate", "reconstruct", "encode", "sample", "traverse"] {
      let result = try Program.run([command, folder.file("whole")])
      #expect(result.status == 0, "\(command): \(result.messages)")
    }
  }
}
