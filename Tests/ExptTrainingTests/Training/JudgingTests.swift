import ExptComponents
import ExptFiles
import ExptInference
import ExptRunFolder
import Testing

@testable import ExptTraining

private func experiment(
  beta: String, epochs: Int = 6, validation: Int = 16, training: String = "",
  optimizer: String = "{ type: adam, learning_rate: 2.0e-3 }"
) -> String {
  """
  name: moving
  seed: 1
  dataset: { type: digits, train: 128, validation: \(validation), test: 8, size: 8 }
  model: { type: vae, latent: 3, beta: \(beta), encoder: { type: mlp, hidden: [16] } }
  optimizer: \(optimizer)
  training: { epochs: \(epochs), batch_size: 16\(training) }
  outputs: { images_every: 0, summary: false }
  """
}

@Suite("Epochs of a run whose objective moves")
struct JudgingTests {
  private let linear = "{ type: linear, from: 0, to: 4, epochs: 4 }"

  /// Where one batch holds all the images, the terms in `metrics.csv` say what the loss is at any β.
  @Test func `are measured where β leads, beside the loss as trained`() throws {
    let run = try TestRun(experiment(beta: linear))
    let (reconstruction, kl) = (
      try run.column("validation_reconstruction"), try run.column("validation_kl")
    )
    let trained = try run.column("validation_loss")
    let judged = try run.column("validation_loss_at_target")
    let beta = try run.column("beta")
    for row in judged.indices {
      #expect(abs(judged[row] - (reconstruction[row] + 4 * kl[row])) < 1e-4 * judged[row])
      #expect(abs(trained[row] - (reconstruction[row] + beta[row] * kl[row])) < 1e-4 * judged[row])
    }
    #expect(judged[5] == trained[5])
    #expect(judged[0] > trained[0])
    let train = try run.column("train_loss_at_target")
    let sums = try zip(run.column("train_reconstruction"), run.column("train_kl"))
      .map { $0 + 4 * $1 }
    #expect(zip(train, sums).allSatisfy { abs($0 - $1) < 1e-4 * abs($1) })
  }

  @Test func `are measured where a capacity leads`() throws {
    let beta = "{ type: capacity, gamma: 10, from: 0, to: 5, epochs: 4 }"
    let run = try TestRun(experiment(beta: beta))
    let terms = try zip(run.column("validation_reconstruction"), run.column("validation_kl"))
    for (judged, (reconstruction, kl)) in zip(try run.column("validation_loss_at_target"), terms) {
      #expect(abs(judged - (reconstruction + 10 * abs(kl - 5))) < 1e-4 * abs(judged))
    }
  }

  @Test func `write what they wrote where nothing moves`() throws {
    for beta in ["4", "{ type: linear, from: 2, to: 2 }"] {
      #expect(
        try !TestRun(experiment(beta: beta)).metrics.columns.contains { $0.hasSuffix("target") })
    }
  }

  @Test(arguments: [
    "{ type: linear, from: 0, to: 20, epochs: 5 }", "{ type: cyclical, to: 20, cycles: 2 }",
    "{ type: capacity, gamma: 50, to: 8, epochs: 5 }",
  ])
  func `the best is the best where the schedule leads`(beta: String) throws {
    for validation in [16, 0] {
      let run = try TestRun(experiment(beta: beta, validation: validation))
      let part = validation > 0 ? "validation" : "train"
      let judged = try run.column("\(part)_loss_at_target")
      let best = try #require(judged.indices.min { judged[$0] < judged[$1] }) + 1
      let folder = try RunFolder.open(run.path)
      let record = try #require(try folder.readManifest().bestMetrics)
      #expect(record.epoch == best)
      #expect(record["\(part)_loss_at_target"] == judged[best - 1])
      #expect(try run.open(.best).position.epoch == best)
    }
  }

  /// No epoch is better by 1000 nats than one before it: counted from the first, the second would be
  /// the last.
  @Test func `early stopping waits until the schedule stands`() throws {
    let training = ", early_stopping: 1, minimum_improvement: 1000"
    let moving = try TestRun(
      experiment(
        beta: "{ type: linear, from: 0, to: 4, epochs: 6 }", epochs: 12, training: training))
    // The first epoch that ends with β at its target is the seventh.
    #expect(try moving.column("beta").count == 8)
    let still = try TestRun(experiment(beta: "4", epochs: 12, training: training))
    #expect(try still.column("beta").count == 2)
  }

  @Test func `a plateau lowers the learning rate only where the schedule stands`() throws {
    let run = try TestRun(
      experiment(
        beta: "{ type: linear, from: 0, to: 400, epochs: 6 }", epochs: 12,
        optimizer: "{ type: adam, learning_rate: 2.0e-3, schedule: { type: reduce_on_plateau, "
          + "patience: 0, threshold: 1000 } }"))
    let rates = try run.column("learning_rate")
    #expect(rates[...7].allSatisfy { $0 == 2e-3 })
    #expect(rates[11] < 2e-3)
  }

  @Test func `a run begun without the column goes on without it`() throws {
    let run = try TestRun(experiment(beta: linear))
    let folder = try RunFolder.open(run.path)
    let file = try ExperimentFile.load(
      path: folder.resolvedFile, overrides: [], catalog: TestRun.catalog)
    #expect(folder.scale(of: file.experiment) == .target)
    try run.replace("_at_target", with: "_of_old", in: "metrics.csv")
    #expect(folder.scale(of: file.experiment) == .trained)
    for (judges, name) in [(true, StepGraph.judgedName), (false, "kl")] {
      let recording = try Recording(
        file.experiment, image: [1, 8, 8], annotations: AnnotationFacts(), judges: judges)
      #expect(recording.step.columns.last?.name == name)
    }
  }

  /// It has no such column either: a temperature that moves is no part of the objective.
  @Test func `a run with a moving temperature is not taken for an older one`() throws {
    let run = try TestRun(
      """
      dataset: { type: digits, train: 32, validation: 16, test: 8, size: 8 }
      model: { type: vae, latent: 2, prior: uniform, encoder: { type: mlp, hidden: [8] }, posterior: { type: categorical, temperature: { type: exponential, epochs: 2 } } }
      training: { epochs: 2, batch_size: 16 }
      outputs: { images_every: 0, summary: false }
      """)
    let folder = try RunFolder.open(run.path)
    let file = try ExperimentFile.load(
      path: folder.resolvedFile, overrides: [], catalog: TestRun.catalog)
    #expect(try Set(run.column("posterior.temperature")).count == 2)
    #expect(folder.scale(of: file.experiment) == .target)
  }
}
