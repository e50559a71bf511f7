import ExptComponents
import ExptDocument
import ExptRunFolder
import ExptTensor
import ExptTraining
import Foundation
import Testing

@Suite("A fitted model")
struct FittedModelTests {
  private static let experiment = """
    name: fitted
    dataset: { type: test_points, count: 200, test: 40, validation: 50 }
    model: { type: ppca, latent: 2 }
    training: { epochs: 1, batch_size: 32 }
    outputs: { images_every: 0 }
    """

  /// The exact log-likelihood is what training shows, and what importance weights come to, sample by sample.
  @Test(arguments: ["ppca", "factor_analysis"])
  func `is trained, evaluated and sampled like any other`(_ type: String) throws {
    let run = try TestRun(Self.experiment.replacingOccurrences(of: "ppca", with: type))
    let loss = try run.column("validation_loss")[0]
    let trained = try run.open()
    let part = try trained.data(DataEnvironment(), warn: { _ in }).part(.validation)
    for samples in [1, 7] {
      let evaluation = trained.evaluate(part, samples: samples)
      let variational = try #require(evaluation.variational)
      let exact = variational.importanceWeightedNLL.mean
      #expect(abs(exact - loss) < 1e-4 * max(1, abs(loss)), "\(exact) \(loss)")
    }
    #expect(trained.encode(part).dimensions.contains { $0.isActive })
    let drawn = trained.access.drawPrior(5, seed: 1)
    #expect(drawn.count == 10 && trained.access.decode(drawn).allSatisfy(\.isFinite))
    // It is better than a normal distribution of independent values, whose loss is that of no loadings.
    #expect(trained.network.store.specs.allSatisfy { $0.isState })
  }

  /// The more latents, the greater the likelihood of what it is fitted to.
  @Test func `fits better with more latents`() throws {
    let losses = try (1...3).map { latent in
      try TestRun(
        Self.experiment.replacingOccurrences(of: "latent: 2", with: "latent: \(latent)")
      ).column("train_loss")[0]
    }
    #expect(losses[0] > losses[1] && losses[1] > losses[2], "\(losses)")
  }

  @Test func `needs more than one image`() throws {
    let text = Self.experiment.replacingOccurrences(
      of: "count: 200, test: 40, validation: 50", with: "count: 200, test: 40, limit: 1")
    let problem = #expect(throws: DataProblem.self) { try TestRun(text) }
    #expect(
      problem?.message.contains("needs at least two images") == true,
      "\(String(describing: problem))")
  }

  @Test func `warns of epochs that change nothing`() throws {
    func warnings(_ epochs: Int) throws -> [String] {
      let text = Self.experiment.replacingOccurrences(of: "epochs: 1", with: "epochs: \(epochs)")
      return try ExperimentFile(
        Document.parse(text, file: "e.yaml"), name: "e", catalog: TestRun.catalog
      ).warnings.map(\.message)
    }
    #expect(try warnings(1) == [])
    #expect(try warnings(5).contains { $0.contains("is fitted before its first epoch") })
  }
}
