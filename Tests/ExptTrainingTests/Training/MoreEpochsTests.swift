import ExptDocument
import ExptRunFolder
import Testing

@testable import ExptTraining

private func experiment(
  beta: String = "1", optimizer: String = "adam", training: String = ""
) -> String {
  """
  name: more
  dataset: { type: test_points, count: 32, validation: 8 }
  model: { type: vae, latent: 2, beta: \(beta), encoder: { type: mlp, hidden: [3] } }
  optimizer: \(optimizer)
  training: { epochs: 4, batch_size: 8\(training) }
  outputs: { images_every: 0, summary: false }
  """
}

extension TestRun {
  /// The run opened to go on, with what it says.
  fileprivate func resuming(_ overrides: [String]) throws -> (session: RunSession, said: [String]) {
    let path = try RunFolder.open(path).resolvedFile
    let file = try ExperimentFile.load(
      path: path, overrides: overrides.map { try Override(parsing: $0, option: "--set") },
      catalog: Self.catalog)
    let original = try ExperimentFile.load(path: path, overrides: [], catalog: Self.catalog)
    var said: [String] = []
    let session = try RunSession.resuming(
      self.path, file, from: original,
      RunSession.Options(
        threads: 1, environment: .init(), versions: Manifest.Versions(expt: "test", swift: "test"),
        warn: { said.append($0) }))
    return (session, said)
  }
}

@Suite("A run that goes on with more epochs")
struct MoreEpochsTests {
  /// A cosine over 4 epochs of 3 steps ends at cos(π·11/12); half-way through 8 epochs it is ½.
  @Test func `says to what rate a stretched schedule goes back`() throws {
    let run = try TestRun(
      experiment(optimizer: "{ type: adam, learning_rate: 0.01, schedule: cosine }"))
    let said = try run.resuming(["training.epochs=8"]).said
    #expect(said.count == 1)
    #expect(
      said.first?.contains("'cosine' stretches with it: the learning rate was 0.0001704") == true)
    #expect(said.first?.contains("continues at 0.005") == true)
    #expect(try run.resuming([]).said == [])
  }

  @Test func `says from what β a stretched schedule goes on`() throws {
    let run = try TestRun(experiment(beta: "{ type: cyclical, cycles: 1, ratio: 1, to: 2 }"))
    let said = try run.resuming(["training.epochs=8"]).said
    #expect(said.count == 1)
    #expect(said.first?.contains("β was 1.833 in the last step and continues at 1") == true)
  }

  @Test func `says nothing of schedules that do not hang on the number of epochs`() throws {
    let run = try TestRun(
      experiment(
        beta: "{ type: linear, epochs: 3 }",
        optimizer: "{ type: adam, schedule: { type: step, every: 2 } }"))
    #expect(try run.resuming(["training.epochs=8"]).said == [])
  }

  @Test func `says why it does not train where it had stopped early, and what to set`() throws {
    let run = try TestRun(
      experiment(training: ", early_stopping: 1, minimum_improvement: 1000"))
    let reason = try #require(try run.resuming(["training.epochs=8"]).session.trainer.earlyStop)
    #expect(reason.contains("stopped early after 2 epochs of 8"))
    #expect(reason.contains("training.early_stopping=null"))
    let session = try run.resuming(["training.epochs=6", "training.early_stopping=null"]).session
    #expect(session.trainer.earlyStop == nil)
    _ = try session.train()
    #expect(session.trainer.position.epoch == 6)
  }
}
