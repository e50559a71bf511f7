import ExptComponents
import ExptInference
import ExptTraining
import Foundation
import Testing

@Suite("Reconstructions weighed by importance")
struct WeightedReconstructionTests {
  private func experiment(_ model: String) -> String {
    """
    name: weighed
    dataset: { type: test_points, count: 200, test: 40 }
    model: \(model)
    training: { epochs: 1, batch_size: 32 }
    outputs: { images_every: 0 }
    """
  }

  /// With the exact posterior all weights are alike, and the mean of many decoded samples is what the mean
  /// decodes to, for a linear decoder.
  @Test func `come to the posterior's mean where that is exact and the decoder linear`() throws {
    let run = try TestRun(experiment("{ type: ppca, latent: 2 }")).open()
    let part = try run.data(DataEnvironment(), warn: { _ in }).part(.test)
    let expected = run.access.decode(run.encode(part).mean)
    let found = try #require(
      run.access.reconstruct(part.images, part.range, samples: 3000, seed: 5))
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 0.03, "\(a) \(b)") }
    let again = run.access.reconstruct(part.images, part.range, samples: 3000, seed: 5)
    #expect(again == found)
  }

  @Test func `leave observed pixels as they are, and fill the others in`() throws {
    let model = "{ type: iwae, latent: 2, samples: 3, missing: { share: 0.4, tell: true } }"
    let run = try TestRun(experiment(model)).open()
    let part = try run.data(DataEnvironment(), warn: { _ in }).part(.test)
    let images = run.presented(part)
    let filled = try #require(
      run.access.reconstruct(part.images, part.range, samples: 7, seed: 5))
    let same = zip(images, filled).count { $0 == $1 }
    // 160 pixels, of which 96 are observed, give or take 4 standard deviations of 6.2.
    #expect((71...121).contains(same), "\(same) of \(images.count) are as they were")
    // Which ones are missing does not depend on the seed of the draws, nor on the samples.
    let others = try #require(
      run.access.reconstruct(part.images, part.range, samples: 2, seed: 6))
    for index in images.indices {
      #expect((images[index] == filled[index]) == (images[index] == others[index]))
    }
  }

  @Test func `need densities`() throws {
    let run = try TestRun(experiment("{ type: ae, latent: 2 }")).open()
    let part = try run.data(DataEnvironment(), warn: { _ in }).part(.test)
    #expect(run.access.reconstruct(part.images, part.range, samples: 2, seed: 1) == nil)
  }
}
