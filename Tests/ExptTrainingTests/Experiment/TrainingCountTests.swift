import ExptComponents
import ExptData
import ExptDocument
import ExptTensor
import Testing

@testable import ExptTraining

/// A model whose reconstruction column is the number of training images.
private struct Counting: Model {
  static let id = "counting"
  static let summary = "Counts."
  @Group var parts = AutoencoderParts()

  func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    PointMass(try parts.head(parts.latent, of: batch, in: scope))
  }

  func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let code = try parts.head(parts.latent, of: batch, in: scope)
    let decoded = try decode(code, given: batch, in: scope)
    let loss = parts.negativeLogLikelihood(decoded, of: batch, in: scope).mean()
    let count = scope.graph.constant(Float(scope.data.trainingCount ?? -1))
    return LossTerms(
      total: loss, reconstruction: loss, extra: [("count", count)], decoded: decoded)
  }
}

@Suite("The number of training images")
struct TrainingCountTests {
  private static let catalog: Catalog = {
    do { return try Catalog(TestRun.catalog.components + [Counting.self]) } catch {
      return Catalog()
    }
  }()

  private func file(_ dataset: String) throws -> ExperimentFile {
    try ExperimentFile(
      Document.parse(
        """
        dataset: { \(dataset) }
        model: { type: counting, latent: 2, encoder: { type: mlp, hidden: [3] } }
        training: { epochs: 1, batch_size: 8 }
        """, file: "count.yaml"), name: "count", catalog: Self.catalog)
  }

  /// As a model was told while it was checked, and then in training and validation.
  private func counts(_ dataset: String) throws -> [Double?] {
    let file = try file(dataset)
    let blueprint = try file.validated(DataEnvironment())
    let data = try DataSplits(
      file.experiment.dataset.load(DataEnvironment()), file.experiment.dataset.split)
    let trainer = Trainer(
      file.experiment, try blueprint.recording.fitting(data), data: data,
      pool: ThreadPool(threads: 1))
    _ = try trainer.train()
    return [
      blueprint.recording.facts.trainingCount.map(Double.init),
      trainer.network.facts.trainingCount.map(Double.init),
    ]
  }

  @Test func `is known before the data are loaded where it can be, after validation and limit`()
    throws
  {
    #expect(try counts("type: digits, train: 60, test: 4, validation: 20, limit: 30") == [30, 30])
    #expect(try counts("type: test_points, validation: 10") == [nil, 30])
  }

  @Test func `is remembered by a run`() throws {
    let run = try TestRun(
      """
      name: small
      dataset: { type: test_points, validation: 8 }
      model: { type: beta_tcvae, latent: 2, encoder: { type: mlp, hidden: [3] } }
      training: { epochs: 1, batch_size: 16 }
      outputs: { images_every: 0 }
      """)
    #expect(try run.open(.last).network.facts.trainingCount == 32)
  }
}
