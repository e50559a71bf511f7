import ExptComponents
import ExptInference
import ExptRunFolder
import Foundation
import Testing

@testable import ExptTraining

@Suite("The diagnosis of a run")
struct DiagnosisTests {
  @Test func `sharp posteriors are no trouble, points and noise are`() {
    #expect(Diagnosis.saturation([Float](repeating: -12, count: 100)) == nil)
    #expect(Diagnosis.saturation([Float](repeating: 0, count: 99) + [-21]) == nil)  // one in 100
    #expect(Diagnosis.saturation([]) == nil)
    let points = Diagnosis.saturation([Float](repeating: 0, count: 98) + [-21, -40])
    #expect(points?.hasPrefix("2.0 % of the posterior variances are saturated") == true)
    #expect(Diagnosis.saturation([6, 0])?.hasPrefix("50.0 %") == true)
    #expect(Diagnosis.saturation([.nan, 0])?.hasPrefix("50.0 %") == true)
  }

  @Test func `a flow whose scale explodes is named`() {
    #expect(Diagnosis.flow([], latent: 4) == nil)
    #expect(Diagnosis.flow([Float](repeating: -19, count: 100), latent: 4) == nil)
    #expect(Diagnosis.flow([Float](repeating: 0, count: 99) + [21], latent: 4) == nil)
    let stretched = Diagnosis.flow([Float](repeating: 1, count: 97) + [21, 30, -30], latent: 4)
    #expect(stretched?.hasPrefix("The posterior's flow stretches the latents of 3.0 %") == true)
    let shrunk = Diagnosis.flow([-21, 0], latent: 4)
    #expect(shrunk?.hasPrefix("The posterior's flow shrinks the latents of 50.0 %") == true)
    #expect(Diagnosis.flow([.nan, 0], latent: 4)?.contains("explodes") == true)
  }

  private typealias Remedies = Diagnosis.Remedies

  private static let small = "latent: 2, encoder: { type: mlp, hidden: [4] }"
  private static let judged = "\(small), discriminator: { hidden: [4] }"
  private static let codes = "latent: 4, encoder: { type: mlp, hidden: [4] }"

  private static let groups =
    "prior: groups, posterior: { type: groups, groups: { style: { latent: 1 }, kind: { latent: 1, "
    + "posterior: { type: categorical, size: 10 } } } }"

  private func vae() throws -> Remedies { try Remedies.of("type: vae, \(Self.small)") }

  private func contest(
    _ accuracy: Double, loss: Double = 0.6, chance: Double? = 0.6931
  ) -> Diagnosis.Contest {
    Diagnosis.Contest(name: "critic", accuracy: accuracy, loss: loss, lossByChance: chance)
  }

  @Test func `an opponent that has won or lost is named, with what to do`() throws {
    let aae = try Remedies.of("type: aae, weight: 10, \(Self.judged)")
    #expect(Diagnosis.opponent(contest(0.75), aae) == nil)
    let won = try #require(Diagnosis.opponent(contest(0.995), aae))
    #expect(won.hasPrefix("The critic has won: it is right about 99.5 %"))
    #expect(won.contains("critic.optimizer, make it smaller, or weigh fooling it less at first"))
    #expect(won.contains("(weight: {type: linear, to: 10})"))
    let lost = try #require(Diagnosis.opponent(contest(0.5, loss: 0.69), aae))
    #expect(lost.hasPrefix("The critic cannot tell") && lost.contains("50.0 %"))
    // How much a decoder fools has no weight there.
    let gan = Diagnosis.opponent(
      contest(0.995), try Remedies.of("type: vae_gan, \(Self.judged)"))
    #expect(gan?.hasSuffix("critic.optimizer or make it smaller.") == true)
  }

  @Test func `an opponent that is wrong more often than by chance is fooled`() throws {
    let fooled = try #require(Diagnosis.opponent(contest(0.214, loss: 1.5), vae()))
    #expect(fooled.hasPrefix("The critic is fooled: it is right about 21.4 %, worse than by"))
    #expect(fooled.contains("Raise the learning rate of critic.optimizer"))
    #expect(!fooled.contains("has done its work"))
  }

  /// More of its learning rate would make it worse.
  @Test func `an opponent whose loss is far above chance has diverged`() throws {
    let found = [(0.503, 47_814), (0.495, 3.24), (0.2, 90), (0.6, Double.nan)]
    for (accuracy, loss) in found {
      let diverged = try #require(
        Diagnosis.opponent(contest(accuracy, loss: loss), vae()), "\(loss)")
      #expect(diverged.hasPrefix("The critic has diverged: its loss is"))
      #expect(diverged.hasSuffix("Lower the learning rate of critic.optimizer."))
      #expect(!diverged.contains("aise"))
    }
    #expect(!contest(0.5, loss: 1.3).hasDiverged && !contest(0.3, loss: 3).hasDiverged)
    // Where chance is not known, nothing is far above it.
    #expect(!contest(0.5, loss: 1e9, chance: nil).hasDiverged)
  }

  private let learned = Diagnosis.Learning(reconstruction: 90, meanImage: 200)

  @Test func `latents are counted in English`() throws {
    let vae = try vae()
    func latents(_ kl: [Double]) -> String { Diagnosis.latents(kl, learned, vae) ?? "" }

    #expect(latents([2, 3]).hasPrefix("2 of 2 latents are active (KL over 0.01 nats)"))
    #expect(latents([2, 3]).hasSuffix("the strongest carry 3.00, 2.00 nats."))
    #expect(latents([3]) == "1 of 1 latent is active (KL over 0.01 nats) and carries 3.00 nats.")
    #expect(latents([3, 0]).contains("The other is unused: use a smaller latent"))
    #expect(latents([3, 0, 0]).contains("1 of 3 latents is active"))
    #expect(latents([3, 0, 0]).contains("The other 2 are unused: use a smaller latent"))
    #expect(latents([0]).hasPrefix("The one latent has collapsed"))
    #expect(latents([0, 0]).hasPrefix("All 2 latents have collapsed"))
    #expect(
      latents([0, 0]).hasSuffix("Lower β, warm it up (beta: {type: linear}), or use free_bits."))
  }

  @Test func `a model that has learned nothing is told so, and not to use a smaller latent`()
    throws
  {
    let vae = try vae()
    for reconstruction in [543, 200, 199] {
      let nothing = Diagnosis.Learning(reconstruction: Double(reconstruction), meanImage: 200)
      #expect(nothing.sentence([0.1, 0], "")?.contains("learned nothing beyond") == true)
      #expect(Diagnosis.latents([0.1, 0], nothing, vae)?.contains("smaller") == false)
    }
    #expect(learned.sentence([0.1, 0], "") == nil)
    #expect(Diagnosis.latents([0.1, 0], learned, vae)?.contains("smaller") == true)
  }

  /// A decoder that ignores its latents comes to the mean image; one at nats far from it has not
  /// even learned that.
  @Test func `collapse is told from not learning at all`() throws {
    let vae = try vae()
    let collapsed = Diagnosis.Learning(reconstruction: 201, meanImage: 200)
    #expect(collapsed.sentence([0, 0], "") == nil)
    #expect(Diagnosis.latents([0, 0], collapsed, vae)?.contains("collapsed") == true)
    let nothing = Diagnosis.Learning(reconstruction: 543, meanImage: 200)
    #expect(nothing.sentence([0, 0], "") != nil)
    #expect(Diagnosis.latents([0, 0], nothing, vae) == nil)
  }

  /// Advice names no setting that the model lacks, or that is set already.
  @Test(arguments: [
    ("vae, free_bits: 0.1", "Lower β, warm it up (beta: {type: linear}), or raise free_bits."),
    ("vae, beta: {type: linear, epochs: 1}", "Lower β or use free_bits."),
    ("vae, beta: capacity", "Raise the capacity of β."),
    ("beta_tcvae", "Lower β or warm it up (beta: {type: linear, to: 6})."),
    ("hierarchical_vae", "Lower β or warm it up (beta: {type: linear})."),
    ("info_vae, alpha: 0.5", "Raise 'alpha'."),
    ("info_vae", "Lower 'lambda' or use a model whose KL has a weight, such as vae."),
    ("joint_vae, \(groups)", "Raise the capacity of 'numbers' and 'choices'."),
    (
      "factor_vae, discriminator: {hidden: [4]}",
      "Lower 'gamma' or use a model whose KL has a weight, such as vae."
    ),
    ("dip_vae", "Lower 'off_diagonal' or use a model whose KL has a weight, such as vae."),
    ("iwae", "Use a model whose KL has a weight, such as vae."),
  ])
  func `collapsed latents are given advice that the model can follow`(
    _ model: String, _ advice: String
  ) throws {
    let remedies = try Remedies.of("type: \(model), \(Self.small)")
    let collapsed = try #require(Diagnosis.latents([0, 0], learned, remedies))
    #expect(collapsed.hasSuffix("the decoder ignores them. \(advice)"), "\(collapsed)")
  }

  @Test func `idle latents are not blamed on a weight that is not there`() throws {
    for model in ["dip_vae", "factor_vae, discriminator: {hidden: [4]}"] {
      let remedies = try Remedies.of("type: \(model), \(Self.small)")
      let idle = try #require(Diagnosis.latents([3, 0], learned, remedies))
      #expect(idle.hasSuffix("The other is unused: use a smaller latent."), "\(idle)")
    }
    let idle = Diagnosis.latents([3, 0], learned, try vae())
    #expect(idle?.hasSuffix("use a smaller latent, or lower β to use more of them.") == true)
  }

  private func prior(
    _ shares: [Double], distinct: Double, images: Int = 100, isVamp: Bool = true
  ) -> [String] {
    let components = PriorUse.Components(
      shares: shares, distinct: distinct, sources: isVamp ? [] : nil)
    return Diagnosis.prior(
      PriorUse(
        latents: (0..<images).map { Double($0) }, draws: (0..<images).map { Double($0) },
        components: components))
  }

  @Test func `pseudo-inputs that have collapsed are told, and how many are different`() {
    let equal = [Double](repeating: 0.25, count: 4)
    #expect(
      prior(equal, distinct: 1.02)[0].hasPrefix(
        "The prior's 4 pseudo-inputs have collapsed: they are worth 1.0 different ones."))
    #expect(
      prior(equal, distinct: 3.9) == [
        "The prior's 4 pseudo-inputs are worth 3.9 different ones; the latents of 100 images are spread "
          + "over 4.0."
      ])
    #expect(prior([Double](repeating: 0.01, count: 100), distinct: 9)[0].contains("collapsed"))
    #expect(prior([1], distinct: 1) == [])
  }

  @Test func `components that no latent belongs to are counted, where there are images enough`() {
    let shares = [0.6, 0.3, 0.0999, 0.0001]
    let found = prior(shares, distinct: 4, isVamp: false)
    #expect(found.count == 2)
    #expect(found[1].hasPrefix("1 of the prior's 4 components is unused"))
    #expect(prior(shares, distinct: 4, images: 79).count == 1)
  }

  /// Latents whose densities lie this far above those of the prior's own draws.
  private func elsewhere(_ shift: Double, _ remedies: Remedies) -> String? {
    Diagnosis.elsewhere(
      PriorUse(
        latents: (0..<200).map { Double($0) / 10 + shift },
        draws: (0..<200).map { Double($0) / 10 }), remedies)
  }

  @Test func `a prior that is not where the latents are is told`() throws {
    let vae = try vae()
    #expect([0, 8, -8].allSatisfy { elsewhere($0, vae) == nil })
    #expect(elsewhere(-15, vae)?.contains("where the prior hardly ever draws") == true)
    #expect(elsewhere(15, vae)?.contains("the prior is denser than in 99 % of its draws") == true)
    // Of few images nothing is said.
    #expect(Diagnosis.elsewhere(PriorUse(latents: [-9, -9], draws: [0, 1]), vae) == nil)
  }

  private static let fitted = "sample from one fitted afterwards ('expt fit')."
  private static let ofCodes =
    "The prior draws each code on its own: fit one that sees the others "
    + "('expt fit RUN --sampler autoregressive')."

  /// A model, and the advice where its prior is sparse and where it is dense.
  private static let advised: [(model: String, below: String, above: String)] = [
    (
      "vae, \(small)", "Raise β, use a more flexible prior, or \(fitted)",
      "Raise β, use a prior that learns, such as gaussian_mixture, or \(fitted)"
    ),
    (
      "vae, \(small), prior: {type: gaussian_mixture, components: 2}",
      "Raise β, use a more flexible prior, or \(fitted)",
      "Raise β, use a more flexible prior, or \(fitted)"
    ),
    (
      "wae, \(small)", "Raise 'lambda', use a more flexible prior, or \(fitted)",
      "Raise 'lambda', use a prior that learns, such as gaussian_mixture, or \(fitted)"
    ),
    // Its prior may have no parameters.
    ("aae, \(judged)", "Raise 'weight' or \(fitted)", "Raise 'weight' or \(fitted)"),
    (
      "dip_vae, \(small)", "Use a more flexible prior or \(fitted)",
      "Use a prior that learns, such as gaussian_mixture, or \(fitted)"
    ),
    // Its prior is no setting.
    ("hierarchical_vae, \(small)", "Raise β or \(fitted)", "Raise β or \(fitted)"),
    ("vq_vae, codebook: 8, pieces: 2, \(codes)", ofCodes, ofCodes),
    ("fsq_ae, levels: [3, 4], \(codes)", ofCodes, ofCodes),
    ("lfq_ae, bits: 2, \(codes)", ofCodes, ofCodes),
  ]

  @Test(arguments: advised)
  func `a prior elsewhere is mended by settings of the model`(
    _ model: String, _ below: String, _ above: String
  ) throws {
    let remedies = try Remedies.of("type: \(model)")
    let found = try #require(elsewhere(-15, remedies))
    let other = try #require(elsewhere(15, remedies))
    #expect(found.hasSuffix("samples will not look like the data. \(below)"), "\(found)")
    #expect(other.hasSuffix("the decoder has never seen. \(above)"), "\(other)")
  }

  @Test func `dead codes begin again once, in advice too`() throws {
    func dead(_ model: String, areLearned: Bool = true) throws -> String {
      Diagnosis.codes(
        16, used: 2, 2, areLearned: areLearned,
        try Remedies.of("type: \(model), \(Self.codes)"))
    }
    let never = try dead("vq_vae, codebook: 16")
    #expect(
      never.hasSuffix(
        "the others are dead. Let them begin again (restart_below), use a smaller codebook, or use "
          + "fsq_ae, which has none to die."), "\(never)")
    let restarted = try dead("vq_vae, codebook: 16, restart_below: 1")
    #expect(
      restarted.hasSuffix(
        "the others are dead, although they begin again (restart_below). Use a smaller codebook or "
          + "use fsq_ae, which has none to die."), "\(restarted)")
    #expect(
      try dead("fsq_ae, levels: [3, 4]", areLearned: false).hasSuffix("or use fewer 'levels'."))
    #expect(try dead("lfq_ae, bits: 2", areLearned: false).hasSuffix("or use fewer 'bits'."))
  }

  @Test func `dead latents of a dictionary are no matter of a penalty that is not there`() throws {
    func dead(_ activation: String) throws -> String? {
      Diagnosis.sparseLatents(
        20, dead: 10, hasLearned: true,
        try Remedies.of("type: sparse_ae, latent: 20, activation: \(activation)"))
    }
    #expect(
      try dead("l1")?.hasSuffix(
        "lower dead_after, lower the penalty (activation.weight), or use fewer patterns.") == true)
    #expect(
      try dead("{type: top_k, k: 2}")?.hasSuffix(
        "Raise aux_weight, lower dead_after, or use fewer patterns.") == true)
  }

  /// The diagnosis of a run on small digits.
  private func trained(_ model: String, rate: Double, epochs: Int) throws -> [String] {
    let (run, session) = try TestRun.starting(
      """
      seed: 1
      dataset: { type: digits, train: 256, validation: 32, test: 8, size: 8 }
      model: { \(model) }
      optimizer: { type: adam, learning_rate: \(rate) }
      training: { epochs: \(epochs), batch_size: 16 }
      outputs: { images_every: 0, summary: false }
      """)
    _ = try session.train()
    return try RunFolder.open(run.path).readManifest().diagnosis
  }

  /// All its latents are off, and reconstructions are those of the bias.
  @Test func `a penalty that is too large is told, not a rate that is too low`() throws {
    let found = try trained(
      "type: sparse_ae, latent: 32, activation: { type: l1, weight: 1000 }", rate: 0.01, epochs: 10)
    #expect(found.first?.hasPrefix("The dictionary explains less than the mean image") == true)
    #expect(found.first?.contains("(activation.weight, which is 1000)") == true)
    #expect(
      !found.contains { $0.contains("earning rate") || $0.contains("aux_weight") }, "\(found)")
  }

  @Test func `latents that are on say nothing where nothing has been learned`() throws {
    let remedies = try Remedies.of("type: sparse_ae, latent: 20, activation: l1")
    #expect(Diagnosis.sparseLatents(20, dead: 0, hasLearned: false, remedies) == nil)
    #expect(
      Diagnosis.sparseLatents(20, dead: 0, hasLearned: true, remedies)?.hasPrefix("All 20") == true)
    let nothing = Diagnosis.Learning(reconstruction: 210, meanImage: 200)
    func penalised(_ variance: Double, _ on: Double) -> String? {
      Diagnosis.penalised([("explained_variance", variance), ("l0", on)], nothing, remedies)
    }
    #expect(penalised(-0.08, 0.53)?.contains("(explained variance -0.08): 0.53 latents") == true)
    // With latents on, training may just have been short.
    #expect(penalised(-0.08, 9) == nil)
    #expect(
      Diagnosis.nothingLearned([], remedies)
        == "Train longer, raise the learning rate, or lower the weight of the penalty "
        + "(activation.weight).")
  }

  @Test func `a discriminator that learns too fast is told to learn more slowly`() throws {
    let found = try trained(
      """
      type: factor_vae, latent: 3, encoder: { type: mlp, hidden: [8] }, \
      discriminator: { hidden: [32, 32], optimizer: { type: adam, learning_rate: 2 } }
      """, rate: 0.01, epochs: 4)
    #expect(
      found.contains {
        $0.hasPrefix("The discriminator has diverged") && $0.contains("knows nothing has 0.69")
      }, "\(found)")
    #expect(!found.contains { $0.contains("aise the learning rate") }, "\(found)")
    #expect(found.contains { $0.hasSuffix("Mend the discriminator first, which has diverged.") })
  }

  private func run(
    validation: Int, rate: String
  ) throws -> (run: TestRun, session: RunSession) {
    try TestRun.starting(
      """
      seed: 1
      dataset: { type: digits, train: 64, validation: \(validation), test: 8, size: 8 }
      model: { type: vae, latent: 3, encoder: { type: mlp, hidden: [8] } }
      optimizer: { type: sgd, learning_rate: \(rate) }
      training: { epochs: 1, batch_size: 16 }
      outputs: { images_every: 0, summary: false }
      """)
  }

  @Test func `latents are diagnosed with and without validation`() throws {
    for validation in [0, 16] {
      let (run, session) = try run(validation: validation, rate: "1.0e-9")
      _ = try session.train()
      #expect(try RunFolder.open(run.path).readManifest().diagnosis == session.diagnosis)
      #expect(session.diagnosis.contains { $0.contains("latents are active") })
      #expect(session.diagnosis.contains { $0.contains("learned nothing beyond") })
    }
  }

  private func diagnosis(_ model: String, _ optimizer: String, _ training: String) throws
    -> [String]
  {
    let (run, session) = try TestRun.starting(
      """
      dataset: { type: test_points, count: 40, validation: 0 }
      model: { \(model), latent: 2, encoder: { type: mlp, hidden: [4] } }
      optimizer: \(optimizer)
      training: { batch_size: 16, \(training) }
      outputs: { images_every: 0, summary: false }
      """)
    _ = try session.train()
    #expect(try RunFolder.open(run.path).readManifest().diagnosis == session.diagnosis)
    return session.diagnosis.filter { $0.contains("never reached its end") }
  }

  @Test func `schedules that never reached their end are told, of β and of the learning rate`()
    throws
  {
    let short = try diagnosis(
      "type: vae, beta: { type: linear, to: 4, epochs: 10 }", "adam", "epochs: 4")
    #expect(short.count == 1)
    #expect(short.first?.contains("model.beta") == true)
    #expect(short.first?.contains("β was 1.6 when training ended, and leads to 4") == true)
    let capacity = try diagnosis(
      "type: vae, beta: { type: capacity, epochs: 8 }", "adam", "epochs: 2")
    #expect(capacity.first?.contains("the capacity was 6.25") == true)
    // Long enough as it was written, but training stopped early: a still model, with patience 1.
    let still = "{ type: sgd, learning_rate: 1.0e-30, schedule: { type: polynomial, epochs: 9 } }"
    let stopped = try diagnosis("type: ae", still, "epochs: 10, early_stopping: 1")
    #expect(stopped.first?.contains("it takes 9 epochs, and training ended after 2") == true)
    #expect(
      try diagnosis("type: vae, beta: { type: linear, epochs: 4 }", "adam", "epochs: 4") == [])
    #expect(
      try diagnosis(
        "type: vae, beta: { type: cyclical, cycles: 2 }", "{ type: adam, schedule: one_cycle }",
        "epochs: 4") == [])
  }

  /// −Σ (x·log m + (1 − x)·log(1 − m)), m the mean of each pixel over the training images.
  @Test func `the mean image costs what it does under the likelihood`() throws {
    let trainer = try run(validation: 16, rate: "0.001").session.trainer
    let mean = trainer.network.facts.pixelMean().map { min(max(Double($0), 1e-3), 1 - 1e-3) }
    let images = trainer.data.images
    var sum = 0.0
    for image in trainer.someImages.range {
      let pixels = images.slice(image..<image + 1).pixels
      guard case .bytes(let bytes) = pixels else { continue }
      for (byte, m) in zip(bytes, mean) {
        let x = Double(byte) / 255
        sum -= x * log(m) + (1 - x) * log(1 - m)
      }
    }
    let expected = sum / Double(trainer.data.train.count)
    let cost = trainer.costOfMeanImage(on: trainer.someImages)
    #expect(abs(cost - expected) < 0.02 * expected)
  }

  @Test func `numbers that are none have no sign`() {
    #expect(Format.fixed(-.nan, 2) == "nan")
    #expect(Format.grouped(-.nan) == "nan")
    #expect(Format.significant(1.0 / 3) == "0.3333")
    #expect(Format.significant(1234) == "1234")
    #expect(Format.significant(2.4e-5) == "2.4e-05")
    #expect(Format.count(1, "epoch") == "1 epoch")
  }
}
