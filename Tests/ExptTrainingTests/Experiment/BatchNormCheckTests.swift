import ExptComponents
import ExptDocument
import ExptRunFolder
import Testing

@testable import ExptTraining

private func experiment(_ encoder: String, batch: Int, count: Int = 33, more: String = "") -> String
{
  """
  dataset: { type: test_points, count: \(count) }
  model: { type: ae, latent: 2, encoder: \(encoder), decoder: { type: mlp, hidden: [3] } }
  training: { epochs: 2, batch_size: \(batch)\(more) }
  outputs: { images_every: 0, summary: false }
  """
}

private let dense = "{ type: mlp, hidden: [3], batch_norm: true }"

@Suite("Batches of one image that are normalised")
struct BatchNormCheckTests {
  /// The error about an experiment, with its line; nil where there is none.
  private func error(_ encoder: String, batch: Int) throws -> String? {
    let file = try ExperimentFile(
      Document.parse(experiment(encoder, batch: batch), file: "e.yaml"), name: "e",
      catalog: TestRun.catalog)
    do { _ = try file.validated(DataEnvironment()) } catch {
      let first = try #require((error as? Diagnostics)?.all.first)
      return "\(first.span?.start.line ?? 0): \(first.message)"
    }
    return nil
  }

  @Test func `are refused at batch_size where each channel has one value`() throws {
    for encoder in [
      dense, "{ type: layers, layers: [flatten, { type: linear, units: 3 }, batch_norm] }",
      "{ type: conv, channels: [2], kernel: 2, stride: 2, padding: 0, batch_norm: true }",
    ] {
      let message = try #require(try error(encoder, batch: 1), "\(encoder) passes")
      #expect(message.hasPrefix("3: batch normalisation cannot normalise a batch of one image"))
      #expect(try error(encoder, batch: 2) == nil)
    }
    let large =
      "{ type: conv, channels: [2], kernel: 1, stride: 1, padding: 0, hidden: [], batch_norm: true }"
    #expect(try error(large, batch: 1) == nil)
    #expect(try error("{ type: mlp, hidden: [3], layer_norm: true }", batch: 1) == nil)
  }

  @Test func `are said where the last batch is one, and leave the statistics alone`() throws {
    func variances(_ more: String) throws -> ([Float], said: String) {
      let run = try TestRun(experiment(dense, batch: 8, more: more))
      let weights = try run.open(.last).network.weights
      let log = try String(contentsOfFile: RunFolder.open(run.path).logFile, encoding: .utf8)
      return (weights.first { $0.name == "encoder.0.norm.running_var" }?.values ?? [], log)
    }
    let (with, said) = try variances("")
    #expect(said.contains("warning: the last batch of each epoch is one image"))
    #expect(said.contains("training.drop_last: true"))
    let (without, silent) = try variances(", drop_last: true")
    #expect(!silent.contains("warning"))
    // A last batch with variance 0 would have taken a tenth of the variance in each of two epochs.
    for (a, b) in zip(with, without) { #expect(abs(a / b - 1) < 0.05) }
    #expect(with.count == 3)
  }

  @Test func `are refused where there is one image in all`() throws {
    #expect(throws: DataProblem.self) { try TestRun(experiment(dense, batch: 8, count: 1)) }
  }
}
