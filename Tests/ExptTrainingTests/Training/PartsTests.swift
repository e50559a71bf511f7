import ExptComponents
import ExptData
import ExptDocument
import ExptInference
import ExptRunFolder
import Testing

@testable import ExptTraining

private func experiment(_ model: String, dataset: String = "test_points, validation: 8") -> String {
  """
  name: parts
  seed: 3
  dataset: { type: \(dataset) }
  model: { latent: 2, encoder: { type: mlp, hidden: [6] }, \(model) }
  training: { epochs: 2, batch_size: 8 }
  outputs: { images_every: 1, image_count: 4, summary: true }
  """
}

/// Posteriors, priors and conditions in models, from the file to what is made of the run.
@Suite("Parts that combine")
struct PartsTests {
  private static let vamp = "{ type: vamp, pseudo_inputs: 4 }"

  private static let models = ["vae", "iwae"].flatMap { model in
    ["gaussian", "full_gaussian"].flatMap { posterior in
      ["standard_normal", "{ type: gaussian_mixture, components: 3 }", vamp].flatMap { prior in
        ["none", "labels"].map { condition in
          "type: \(model), posterior: \(posterior), prior: \(prior), condition: \(condition)"
        }
      }
    }
  }

  @Test(arguments: models)
  func `train, evaluate, sample and encode`(_ model: String) throws {
    let run = try TestRun(experiment(model))
    let trained = try run.open(.last)
    let data = try trained.data(DataEnvironment(), warn: { _ in })
    let evaluation = trained.evaluate(try data.part(.test), samples: 20)
    let variational = try #require(evaluation.variational)
    #expect(variational.elbo.mean.isFinite && variational.kl.mean > -0.05)
    // The importance-weighted bound is the tighter one, on average.
    #expect(-variational.importanceWeightedNLL.mean >= variational.elbo.mean - 0.05)
    #expect(trained.access.isGenerative)
    let latents = trained.access.drawPrior(12, seed: 5)
    #expect(latents.count == 24 && latents.allSatisfy(\.isFinite))
    #expect(Array(latents[..<8]) == trained.access.drawPrior(4, seed: 5))
    #expect(latents != trained.access.drawPrior(12, seed: 6))
    let images = trained.access.decode(latents)
    #expect(images.count == 48 && images.allSatisfy { (0...1).contains($0) })
    let encodings = trained.encode(try data.part(.test))
    #expect(encodings.mean.count == 60)
    #expect((encodings.kl == nil) == (model.contains("mixture") || model.contains("vamp")))
  }

  /// What a conditional decoder is told changes what it makes of the same latent.
  @Test func `a condition reaches the decoder, and its classes are remembered`() throws {
    let run = try TestRun(experiment("type: vae, condition: labels"))
    let trained = try run.open(.last)
    #expect(trained.manifest.dataset.classes == 3)
    let latent: [Float] = [0.5, -0.5]
    let images = (0..<3).map {
      trained.access.decode(latent, given: Annotations(labels: [Int32($0)]))
    }
    #expect(Set(images).count == 3)
    // Not annotated, rows take the classes in turn.
    #expect(trained.access.decode(latent + latent + latent) == images.flatMap(\.self))
  }

  @Test func `a conditional model refuses images that it cannot be told about`() throws {
    let run = try TestRun(experiment("type: vae, condition: labels"))
    let data = try run.open(.last).data(DataEnvironment(), warn: { _ in })
    func problem(_ classes: Int, _ labels: [Int32]?) -> String? {
      var test = data.splits.test
      test.labels = labels
      do {
        let splits = try DataSplits(
          LoadedData(train: data.splits.images, test: test), SplitSettings())
        _ = try TrainedData(
          splits: splits, name: "points", told: AnnotationFacts(classes: classes)
        ).part(.test)
        return nil
      } catch { return error.message }
    }
    #expect(problem(3, data.splits.test.labels) == nil)
    #expect(
      problem(3, nil)?.contains("conditioned on labels, and the test images have none") == true)
    #expect(problem(2, data.splits.test.labels)?.contains("have the label 2") == true)
  }

  /// The first error of a file, with the place it is shown at.
  private func refusal(_ model: String, dataset: String = "test_points") -> String {
    do {
      let file = try ExperimentFile(
        Document.parse(experiment(model, dataset: dataset), file: "e.yaml"), name: "e",
        catalog: TestRun.catalog)
      _ = try file.validated(DataEnvironment())
      return "accepted"
    } catch { return (error as? Diagnostics)?.rendered ?? "\(error)" }
  }

  @Test func `what does not go together is refused at its setting`() {
    let mixture = "prior: { type: gaussian_mixture }"
    #expect(refusal("type: vae, \(mixture)") == "accepted")
    let closed = refusal("type: vae, \(mixture), kl: closed_form")
    #expect(
      closed.contains("there is no formula for the KL")
        && closed.contains("| write auto or monte_carlo"))
    let bits = refusal("type: vae, posterior: full_gaussian, free_bits: 1")
    #expect(bits.contains("free bits need the KL of each dimension"))
    let labels = refusal(
      "type: vae, condition: labels",
      dataset: "npz, path: /nowhere/at/all.npz, fallback: unlabelled_points")
    #expect(
      labels.contains("conditioned on labels, and the data have none that number classes"),
      "\(labels)")
    let factor = refusal("type: vae, condition: { type: factors, names: [size] }")
    #expect(factor.contains("the data have no factor 'size'"), "\(factor)")
  }
}
