import ExptComponents
import ExptFiles
import ExptRunFolder
import ExptTraining
import Foundation
import Testing

@Suite("Evaluations in training")
struct TrainingEvaluationTests {
  private func experiment(_ evaluate: String, epochs: Int = 5) -> String {
    """
    name: measured
    seed: 3
    dataset: { type: test_points, validation: 8 }
    model: { type: vae, latent: 2, encoder: { type: mlp, hidden: [6] } }
    training: { epochs: \(epochs), batch_size: 8 }
    outputs: { images_every: 0, summary: false, evaluate: { \(evaluate) } }
    """
  }

  private func table(_ run: TestRun) throws -> MetricsTable {
    try MetricsTable.read(RunFolder.open(run.path).trainingEvaluationsFile)
  }

  @Test func `come every few epochs and after the last, and change nothing else`() throws {
    let measured = try TestRun(experiment("every: 2, metrics: [{ type: elbo, samples: 4 }]"))
    let plain = try TestRun(experiment("every: 2"))
    #expect(try table(measured)["epoch"] == [2, 4, 5])
    #expect(try measured.weights() == plain.weights())
    #expect(try measured.column("validation_loss") == plain.column("validation_loss"))
    #expect(!FilePath.exists(try RunFolder.open(plain.path).trainingEvaluationsFile))
    let way = try #require(RunFolder.open(measured.path).readEvaluations().training.first)
    #expect(way.way.part == "validation" && way.way.images == 8 && way.isHigherBetter)
  }

  /// The last row is what `evaluate` says of the last weights.
  @Test func `are what is measured afterwards`() throws {
    let run = try TestRun(experiment("metrics: [{ type: elbo, samples: 4 }]"))
    let trained = try run.open(.last)
    let data = try trained.data(DataEnvironment(), warn: { _ in })
    let evaluation = trained.evaluate(try data.part(.validation), samples: 4)
    let expected = try #require(evaluation.variational?.elbo.mean)
    #expect(try table(run)["elbo"]?.last == expected)
  }

  /// A run that was stopped after ten steps, and has given its folder back.
  private func interrupted(_ text: String) throws -> TestRun {
    let (run, session) = try TestRun.starting(text)
    let trainer = session.trainer
    _ = try session.train { trainer.position.step == 10 }
    return run
  }

  @Test func `of a run that was interrupted are those of one that was not`() throws {
    let text = experiment("every: 2, metrics: [{ type: elbo, samples: 4 }]")
    let whole = try TestRun(text)
    let run = try interrupted(text)
    let file = try ExperimentFile.load(
      path: run.path + "/resolved.yaml", overrides: [], catalog: TestRun.catalog)
    let resumed = try RunSession.resuming(
      run.path, file,
      RunSession.Options(
        threads: 1, environment: DataEnvironment(),
        versions: Manifest.Versions(expt: "test", swift: "test")))
    _ = try resumed.train()
    #expect(try table(run) == table(whole))
  }

  @Test func `that cannot be made are said once, and training goes on`() throws {
    let run = try TestRun(experiment("every: 1, limit: 5, metrics: [frechet]"))
    let log = try String(decoding: FileBytes.read(RunFolder.open(run.path).logFile), as: UTF8.self)
    let sentence =
      "the evaluator 'frechet' cannot measure this run: samples are compared with at least 10 images"
    #expect(log.components(separatedBy: sentence).count == 2, "\(log)")
    #expect(try run.column("epoch").count == 5)
  }
}
