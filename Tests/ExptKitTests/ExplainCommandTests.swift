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

  /// Every shipped experiment: parts that leave nothing out, and the same total as `expt check`.
  @Test(arguments: experiments)
  func `counts as many parameters as check, and all of them in some part`(_ name: String) throws {
    let file = "experiments/\(name)"
    let explanation = try explained(file)
    let result = try Program.run(["check", file, "--json"])
    let check = try JSONValue.parse(Array(result.output.utf8), path: "check")
    #expect(explanation.parameters == check["parameters"]?.int)
    #expect(explanation.parts.reduce(0) { $0 + $1.parameters } == explanation.parameters)
    let names = explanation.parts.map(\.name)
    #expect(names.last == "loss" && Set(names).count == names.count)
    for part in explanation.parts {
      #expect(part.inputs.allSatisfy(names.contains), "\(part)")
      let isGiven = ["image", "labels", "loss"].contains(part.name)
      #expect(isGiven || !part.inputs.isEmpty || part.parameters > 0, "\(part) does nothing")
    }
    for (setting, more) in Dictionary(grouping: explanation.numbers, by: \.setting) {
      #expect(more.allSatisfy { !$0.help.isEmpty && !$0.value.isEmpty }, "\(setting)")
    }
  }

  private static let experiments =
    FileManager.default.enumerator(
      atPath: "\(packageFolder)/experiments")?.compactMap { $0 as? String }
    .filter { $0.hasSuffix(".yaml") && !$0.contains("/") }.sorted() ?? []

  @Test func `shows parts whose steps have no path of their own`() throws {
    let sparse = try parts("sparse_patches")
    #expect(sparse["encoder"]?.inputs == ["image", "bias"])
    #expect(sparse["dictionary"]?.inputs == ["encoder"])
    #expect(sparse["dictionary"]?.parameters == 128 * 64)
    let flow = try parts("vae_iaf_mnist")
    #expect(flow["posterior"]?.parameters == 206_336)
    #expect(flow["posterior"]?.layers.count == 8)
    #expect(flow["z"]?.inputs == ["latent", "posterior"])
    let vamp = try parts("vamp_mnist")
    #expect(vamp["prior"]?.parameters == 78_400)
    #expect(vamp["prior"]?.layers == ["pseudo_inputs: 100×1×28×28"])
    #expect(vamp["encoder"]?.inputs == ["image", "prior"])
  }

  @Test func `has a step from what the encoder says to latents and codes`() throws {
    let vae = try parts("vae_mnist")
    #expect(vae["z"]?.inputs == ["latent"] && vae["decoder"]?.inputs == ["z"])
    #expect(vae["z"]?.layers.first?.hasPrefix("z ~ q(z|x), ") == true)
    #expect(vae["latent"]?.layers.last?.hasPrefix("μ and log σ² of ") == true)
    #expect(try parts("joint_vae_digits")["decoder"]?.inputs == ["z"])
    #expect(try parts("joint_vae_digits")["z"]?.inputs == ["style", "digit"])
    #expect(try parts("hierarchical_vae_digits")["level2"]?.inputs == ["z"])
    #expect(try parts("aae_digits")["z"] == nil)
    #expect(try parts("fsq_digits")["decoder"]?.inputs == ["codes"])
    #expect(try parts("vq_digits")["decoder"]?.inputs == ["codebook"])
    let denoising = try parts("denoising_ae_mnist")
    #expect(denoising["corruption"]?.layers == ["masking (rate 0.25)"])
  }

  private func parts(_ name: String) throws -> [String: Explanation.Part] {
    let parts = try explained("experiments/\(name).yaml").parts
    return Dictionary(uniqueKeysWithValues: parts.map { ($0.name, $0) })
  }

  /// What formulas of shipped experiments say with the files' numbers, and what they must not say.
  private static let statements: [(name: String, more: [String], says: [String], never: [String])] =
    [
      ("fsq_digits", ["model.levels=[7, 5]", "model.latent=8"], ["have [7, 5] values"], ["L(t)"]),
      ("dip_vae_sprites", ["model.form=i"], ["C = Cov[μ(x)] over"], ["λ₁"]),
      ("dip_vae_sprites", ["model.form=ii"], ["C = Cov[μ(x)] + E[diag σ²(x)]"], ["λ₁"]),
      ("aae_digits", [], ["D learns from −½", "at the rate 0.001"], []),
      ("factor_vae_sprites", [], ["D learns from −½", "z′: each number of z"], []),
      (
        "vae_gan_digits", [], ["x′ = decode(z′)", "D_f(x): what the network", "D learns from −⅓"],
        []
      ),
      ("ppca_digits", [], ["W: n × 10", "a single σ", "in closed form"], ["from decode(z)"]),
      (
        "conditional_vae_mnist", [],
        ["E[−log p(x|z, c)]", "KL(q(z|x, c) ‖ p(z|c))", "l = decode(z, c)", "c: what"], ["p(x|z)"]
      ),
      ("missing_pixels_digits", [], ["share 0.5 of the pixels", "is shown x·m and m"], []),
      (
        "joint_capacity_digits", [],
        ["30·|KL₁ − C₁|", "C₂ from 0 to 2.2", "dim z_style = 6,  dim z_digit = 1", "of 10 values"],
        ["(t)·|"]
      ),
      ("mixed_table", [], ["gaussian (0 to 2), bernoulli (3)", "of each pixel learned"], []),
      ("sparse_patches", [], ["of the 6 greatest", "penalty = 0"], []),
      (
        "sparse_patches", ["model.activation={type: l1, weight: 0.5}"], ["penalty = 0.5·Σ fᵢ"],
        ["greatest"]
      ),
      ("vq_digits", [], ["the nearest of 128 codes", "moving averages"], []),
      (
        "iwae_mnist", ["model.form=miwae", "model.groups=4"], ["(1/4) Σₘ −log (1/5) Σᵢ wᵢ"], []
      ),
      (
        "iwae_mnist", ["model.form=ciwae", "model.groups=4", "model.beta=0.3"],
        ["0.3·(1/(4·5)) Σₘ Σᵢ −log wᵢ + (1 − 0.3)·(1/4)"], []
      ),
      ("rae_digits", ["model.regularizer=gradient"], ["penalty = ‖∂D(z)/∂z‖²_F"], ["W²"]),
      ("rae_digits", ["model.regularizer=l2"], ["penalty = Σ W²"], []),
      ("wae_digits", ["model.kernel=rbf"], ["k(a, b) = exp(−‖a − b‖²/C)"], []),
      ("info_vae_digits", ["model.kernel=imq", "model.bandwidth=3"], ["Σₛ s·C/(s·C", "·3"], []),
      (
        "hierarchical_vae_digits", ["model.inference=bottom_up"],
        ["KL₁ = E KL(q(z₁|x) ‖ p(z₁|z₂))", "q(z₂|z₁)", "‖ N(0, I))", "z₂: 8 numbers"], []
      ),
      ("hierarchical_vae_digits", ["model.inference=ladder"], ["q(z₁|x, z₂)", "q(z₃|x)"], []),
      ("denoising_ae_mnist", [], ["a share 0.25 of its values set to 0"], []),
    ]

  @Test(arguments: statements.indices)
  func `says what an experiment's model computes`(_ index: Int) throws {
    let (name, more, says, never) = Self.statements[index]
    let formulas = try explained("experiments/\(name).yaml", more).formulas
    let text =
      formulas.compactMap(\.numbers).joined(separator: "\n")
      + formulas.compactMap(\.symbols).joined(separator: "\n")
    for words in says { #expect(text.contains(words), "\(name): \(text)") }
    for words in never { #expect(!text.contains(words), "\(name): \(text)") }
  }

  @Test func `says what a number below another is for`() throws {
    let numbers = try explained("experiments/beta_vae_sprites.yaml").numbers
    let helps = Dictionary(uniqueKeysWithValues: numbers.map { ($0.setting, $0.help) })
    #expect(helps["model.beta.gamma"]?.hasPrefix("γ:") == true, "\(helps)")
    #expect(helps["model.beta.from"]?.contains("at the start") == true, "\(helps)")
    #expect(helps["model.beta.to"]?.contains("at the end") == true, "\(helps)")
  }

  @Test func `says of a fitted model what is fitted`() throws {
    let ppca = try explained("experiments/ppca_digits.yaml")
    #expect(ppca.parameters == 0 && ppca.fitted == 784 + 784 * 10 + 1)
    #expect(ppca.formulas.map(\.role) == ["loss"])
    let text = try Program.run(["explain", "experiments/ppca_digits.yaml"]).output
    #expect(text.contains("0 numbers are trained, 8,625 are fitted to all images at once"))
  }

  /// Long layers are wrapped, and of many the last are there.
  @Test func `draws text that stays in its box`() throws {
    let file = TemporaryFolder().file("attention.svg")
    let result = try Program.run(["explain", "experiments/attention_vae_digits.yaml", "-o", file])
    try #require(result.status == 0, "\(result.messages)")
    let svg = try String(contentsOfFile: file, encoding: .utf8)
    let lines = svg.matches(of: /<text class="soft"[^>]*>([^<]*)</).map { String($0.1) }
    #expect(lines.contains { $0.hasPrefix("linear") && $0.contains("1568 → 128") }, "\(lines)")
    #expect(lines.allSatisfy { $0.count <= 58 }, "\(lines)")
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
