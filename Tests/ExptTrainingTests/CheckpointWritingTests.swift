import ExptFiles
import ExptRunFolder
import ExptTestSupport
import Foundation
import Testing

@testable import ExptTraining

@Suite("A checkpoint that is written beside training")
struct CheckpointWritingTests {
  /// Only the first epoch is the best, for nothing is learned, and saves.
  @Test func `and cannot be written stops it at the end of the next epoch`() throws {
    let (run, session) = try TestRun.starting(
      """
      name: stuck
      dataset: { type: test_points, validation: 8 }
      model: { type: vae, latent: 2, encoder: { type: mlp, hidden: [4] } }
      optimizer: { type: sgd, learning_rate: 1.0e-30 }
      training: { epochs: 50, batch_size: 8 }
      outputs: { checkpoint_every: 0, images_every: 0 }
      """)
    let folder = try RunFolder.open(run.path)
    var isBroken = false
    let error = #expect(throws: FileProblem.self) {
      _ = try session.train {
        guard !isBroken else { return false }
        try? session.checkpoints.waitForDisk()
        try? FileManager.default.removeItem(atPath: folder.checkpoints.folder)
        try? Data().write(to: URL(fileURLWithPath: folder.checkpoints.folder))
        isBroken = true
        return false
      }
    }
    #expect("\(try #require(error))".contains("checkpoints"))
    #expect(try MetricsTable.read(folder.metricsFile).rows.count == 2)
    #expect(try folder.readManifest().status == .failed)
  }
}
