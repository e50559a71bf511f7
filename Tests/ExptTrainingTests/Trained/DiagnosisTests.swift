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

  @Test func `an opponent that has won or lost is named, with what to do`() {
    #expect(Diagnosis.opponent("critic", accuracy: 0.75) == nil)
    let won = Diagnosis.opponent("critic", accuracy: 0.995)
    #expect(won?.hasPrefix("The critic has won: it is right about 99.5 %") == true)
    #expect(won?.contains("critic.optimizer") == true)
    let lost = Diagnosis.opponent("critic", accuracy: 0.5)
    #expect(lost?.hasPrefix("The critic cannot tell") == true && lost?.contains("50.0 %") == true)
  }

  private let learned = Diagnosis.Learning(reconstruction: 90, meanImage: 200)

  private func latents(_ kl: [Double]) -> String { Diagnosis.latents(kl, learned) ?? "" }

  @Test func `latents are counted in English`() {
    #expect(latents([2, 3]).hasPrefix("2 of 2 latents are active (KL over 0.01 nats)"))
    #expect(latents([2, 3]).hasSuffix("the strongest carry 3.00, 2.00 nats."))
    #expect(latents([3]) == "1 of 1 latent is active (KL over 0.01 nats) and carries 3.00 nats.")
    #expect(latents([3, 0]).contains("The other is unused: use a smaller latent"))
    #expect(latents([3, 0, 0]).contains("1 of 3 latents is active"))
    #expect(latents([3, 0, 0]).contains("The other 2 are unused: use a smaller latent"))
    #expect(latents([0]).hasPrefix("The one latent has collapsed"))
    #expect(latents([0, 0]).hasPrefix("All 2 latents have collapsed"))
  }

  @Test func `a model that has learned nothing is told so, and not to use a smaller latent`() {
    for reconstruction in [543, 200, 199] {
      let nothing = Diagnosis.Learning(reconstruction: Double(reconstruction), meanImage: 200)
      #expect(nothing.sentence([0.1, 0])?.contains("learned nothing beyond") == true)
      #expect(Diagnosis.latents([0.1, 0], nothing)?.contains("smaller") == false)
    }
    #expect(learned.sentence([0.1, 0]) == nil)
    #expect(Diagnosis.latents([0.1, 0], learned)?.contains("smaller") == true)
  }

  /// A decoder that ignores its latents comes to the mean image; one at nats far from it has not
  /// even learned that.
  @Test func `collapse is told from not learning at all`() {
    let collapsed = Diagnosis.Learning(reconstruction: 201, meanImage: 200)
    #expect(collapsed.sentence([0, 0]) == nil)
    #expect(Diagnosis.latents([0, 0], collapsed)?.contains("collapsed") == true)
    let nothing = Diagnosis.Learning(reconstruction: 543, meanImage: 200)
    #expect(nothing.sentence([0, 0]) != nil)
    #expect(Diagnosis.latents([0, 0], nothing) == nil)
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

  @Test func `a prior that is not where the latents are is told`() {
    func sentence(_ shift: Double) -> [String] {
      Diagnosis.prior(
        PriorUse(
          latents: (0..<200).map { Double($0) / 10 + shift },
          draws: (0..<200).map { Double($0) / 10 }))
    }
    #expect(sentence(0) == [] && sentence(8) == [] && sentence(-8) == [])
    #expect(sentence(-15)[0].contains("where the prior hardly ever draws"))
    #expect(sentence(15)[0].contains("the prior is denser than in 99 % of its draws"))
    // Of few images nothing is said.
    #expect(Diagnosis.prior(PriorUse(latents: [-9, -9], draws: [0, 1])) == [])
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

  private func choices(_ shares: [[Float]], kl: Float, style: Float = 1) -> [String] {
    Diagnosis.spaces(
      Encodings(
        count: shares.count,
        space: .groups([
          LatentGroup("style", .vector(1)),
          LatentGroup("digit", .codes(count: 1, size: shares[0].count)),
        ]), mean: shares.enumerated().flatMap { [Float($0)] + $1 },
        kl: shares.flatMap { _ in [style, kl] }))
  }

  /// A choice that is certain and always the same has a KL of log K: by that alone it looks well used.
  @Test func `a choice that is always the same is named`() {
    let same = choices([[0.01, 0.98, 0.01], [0.02, 0.97, 0.01]], kl: 1)
    #expect(same.count == 1)
    #expect(same[0].hasPrefix("Choice 'digit' is 1 for all of the images: it is used, but tells"))
    #expect(choices([[0.9, 0.1, 0], [0.1, 0.9, 0]], kl: 0.7) == [])
  }

  @Test func `a choice that is as uncertain as the prior is named`() {
    let idle = choices([[0.34, 0.33, 0.33], [0.33, 0.34, 0.33]], kl: 0.001)
    #expect(idle.count == 1)
    #expect(idle[0].hasPrefix("Choice 'digit' is as uncertain as the prior for every image"))
    // Where nothing has a KL, the collapse of all is said already.
    #expect(choices([[0.5, 0.5], [0.5, 0.5]], kl: 0, style: 0) == [])
  }

  @Test func `switches that are always the same are counted`() {
    let found = Diagnosis.spaces(
      Encodings(
        count: 2, space: .bits(3), mean: [0.9, 0.1, 0.8, 0.95, 0.2, 0.1],
        kl: [0.5, 0.4, 0.3, 0.5, 0.4, 0.3]))
    #expect(found.count == 1)
    #expect(found[0].hasPrefix("2 of 3 switches are the same for over 99 % of the images (0, 1)"))
  }

  @Test func `a posterior that is nearly uniform on its sphere is told with its concentration`() {
    func sphere(_ kl: Float, _ kappa: Float) -> [String] {
      Diagnosis.spaces(
        Encodings(
          count: 2, space: .sphere(3), mean: [1, 0, 0, 0, 1, 0],
          parameters: [("concentration", [kappa, kappa])], kl: [kl, kl]))
    }
    let uniform = sphere(0.001, 0.08)
    #expect(uniform.count == 1)
    #expect(uniform[0].contains("(κ is 0.08 on average, KL 0.00 nats)"))
    #expect(sphere(4, 30) == [])
  }

  /// Trained at a weight of the KL that nothing withstands.
  @Test func `a run on a sphere that has collapsed says so once`() throws {
    let (run, session) = try TestRun.starting(
      """
      dataset: { type: digits, train: 256, validation: 16, test: 8, size: 8 }
      model: { type: vae, latent: 3, beta: 1000, posterior: von_mises_fisher, prior: uniform, output_bias: data_mean, encoder: { type: mlp, hidden: [8] } }
      optimizer: { type: adam, learning_rate: 0.02 }
      training: { epochs: 6, batch_size: 16 }
      outputs: { images_every: 0 }
      """)
    _ = try session.train()
    let found = try RunFolder.open(run.path).readManifest().diagnosis
    #expect(found.count { $0.contains("nearly uniform on the sphere") } == 1, "\(found)")
    #expect(!found.contains { $0.contains("latent has collapsed") })
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
