import ExptComponents
import ExptInference
import ExptRunFolder
import Foundation
import Testing

@testable import ExptTraining

@Suite("The diagnosis of choices, switches and spheres")
struct DiagnosisSpacesTests {
  private func vae() throws -> Diagnosis.Remedies {
    try .of("type: vae, latent: 2, encoder: { type: mlp, hidden: [4] }")
  }

  private func choices(_ shares: [[Float]], kl: Float, style: Float = 1) throws -> [String] {
    try Diagnosis.spaces(
      Encodings(
        count: shares.count,
        space: .groups([
          LatentGroup("style", .vector(1)),
          LatentGroup("digit", .codes(count: 1, size: shares[0].count)),
        ]), mean: shares.enumerated().flatMap { [Float($0)] + $1 },
        kl: shares.flatMap { _ in [style, kl] }), vae())
  }

  /// A choice that is certain and always the same has a KL of log K: by that alone it looks well used.
  @Test func `a choice that is always the same is named`() throws {
    let same = try choices([[0.01, 0.98, 0.01], [0.02, 0.97, 0.01]], kl: 1)
    #expect(same.count == 1)
    #expect(same[0].hasPrefix("Choice 'digit' is 1 for all of the images: it is used, but tells"))
    #expect(try choices([[0.9, 0.1, 0], [0.1, 0.9, 0]], kl: 0.7) == [])
  }

  @Test func `a choice that is as uncertain as the prior is named`() throws {
    let idle = try choices([[0.34, 0.33, 0.33], [0.33, 0.34, 0.33]], kl: 0.001)
    #expect(idle.count == 1)
    #expect(idle[0].hasPrefix("Choice 'digit' is as uncertain as the prior for every image"))
    // Where nothing has a KL, the collapse of all is said already.
    #expect(try choices([[0.5, 0.5], [0.5, 0.5]], kl: 0, style: 0) == [])
  }

  @Test func `switches that are always the same are counted`() throws {
    let found = try Diagnosis.spaces(
      Encodings(
        count: 2, space: .bits(3), mean: [0.9, 0.1, 0.8, 0.95, 0.2, 0.1],
        kl: [0.5, 0.4, 0.3, 0.5, 0.4, 0.3]), vae())
    #expect(found.count == 1)
    #expect(found[0].hasPrefix("2 of 3 switches are the same for over 99 % of the images (0, 1)"))
  }

  @Test func `a posterior that is nearly uniform on its sphere is told with its concentration`()
    throws
  {
    func sphere(_ kl: Float, _ kappa: Float) throws -> [String] {
      try Diagnosis.spaces(
        Encodings(
          count: 2, space: .sphere(3), mean: [1, 0, 0, 0, 1, 0],
          parameters: [("concentration", [kappa, kappa])], kl: [kl, kl]), vae())
    }
    let uniform = try sphere(0.001, 0.08)
    #expect(uniform.count == 1)
    #expect(uniform[0].contains("(κ is 0.08 on average, KL 0.00 nats)"))
    #expect(try sphere(4, 30) == [])
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
}

extension Diagnosis.Remedies {
  /// Of a model with these settings.
  static func of(_ model: String) throws -> Self {
    let (_, session) = try TestRun.starting(
      """
      dataset: { type: digits, train: 32, validation: 0, test: 8, size: 8 }
      model: { \(model) }
      training: { batch_size: 32 }
      outputs: { images_every: 0, summary: false }
      """)
    let trainer = session.trainer
    return trainer.remedies(trainer.access.encode(trainer.examples(8)).space)
  }
}
