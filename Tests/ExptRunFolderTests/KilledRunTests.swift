import ExptFiles
import ExptTestSupport
import Testing

@testable import ExptRunFolder

/// A run without a model: an epoch's row, then its checkpoint, as a trainer writes them.
private struct PretendRun {
  let folder: RunFolder
  let columns = ["epoch", "loss"]

  func train(epochs: Int) throws {
    let found = try folder.recover(keeping: 2)
    let done = found?.checkpoint.position.epoch ?? 0
    let metrics = try MetricsWriter(
      resuming: folder.metricsFile, columns: columns, keepingThrough: done)
    try folder.write(manifest(.running, epoch: done))
    for epoch in (done + 1)..<(epochs + 1) {
      try metrics.append([.integer(epoch), .double(1 / Double(epoch))])
      try folder.checkpoints.save(
        CheckpointTests.checkpoint(epoch: epoch), asEpoch: true, isBest: epoch != 2, keeping: 2)
      try folder.write(manifest(.running, epoch: epoch))
    }
    try folder.write(manifest(.finished, epoch: epochs))
  }

  private func manifest(_ status: Manifest.Status, epoch: Int) -> Manifest {
    var manifest = ManifestTests.sample
    manifest.status = status
    manifest.lastMetrics = .init(epoch: epoch, step: 0, values: [])
    return manifest
  }
}

@Suite("A killed run")
struct KilledRunTests {
  private let epochs = 3

  /// What an uninterrupted run leaves, and how many steps on the disk it takes.
  private func uninterrupted() throws -> (files: [String: [UInt8]], steps: Int) {
    let folder = TemporaryFolder()
    let run = PretendRun(folder: try RunFolder.exact(folder.file("run")))
    let plan = FaultPlan(survivingSteps: .max)
    try FaultPlan.$current.withValue(plan) { try run.train(epochs: epochs) }
    return (try contents(of: run.folder.path), plan.steps.count)
  }

  @Test func `resumes to the same bytes, whichever step on the disk it died at`() throws {
    let (expected, steps) = try uninterrupted()
    #expect(expected.keys.contains("checkpoints/best.state.safetensors"))
    for survived in 0..<steps {
      let folder = TemporaryFolder()
      let run = PretendRun(folder: try RunFolder.exact(folder.file("run")))
      let plan = FaultPlan(survivingSteps: survived)
      FaultPlan.$current.withValue(plan) { try? run.train(epochs: epochs) }
      #expect(plan.struck)
      try checkReadable(run.folder, plan)
      try FaultPlan.$current.withValue(FaultPlan(survivingSteps: .max)) {
        try run.train(epochs: epochs)
      }
      let files = try contents(of: run.folder.path)
      #expect(
        differences(files, expected) == [],
        "killed at \(plan.steps.last { $0.hasPrefix("✗") } ?? "")")
    }
  }

  @Test func `may be killed again while it resumes`() throws {
    let (expected, steps) = try uninterrupted()
    for first in stride(from: 5, to: steps, by: 17) {
      for second in stride(from: 0, to: 40, by: 7) {
        let folder = TemporaryFolder()
        let run = PretendRun(folder: try RunFolder.exact(folder.file("run")))
        for survived in [first, second] {
          FaultPlan.$current.withValue(FaultPlan(survivingSteps: survived)) {
            try? run.train(epochs: epochs)
          }
        }
        try FaultPlan.$current.withValue(FaultPlan(survivingSteps: .max)) {
          try run.train(epochs: epochs)
        }
        let files = try contents(of: run.folder.path)
        #expect(differences(files, expected) == [], "killed after \(first), then \(second) steps")
      }
    }
  }

  /// What a reader finds before anybody resumes: every file whole, weights to evaluate.
  private func checkReadable(_ folder: RunFolder, _ plan: FaultPlan) throws {
    if FilePath.exists(folder.manifestFile) {
      #expect(try folder.readManifest().name == "vae_mnist")
    }
    var rows = 0
    if FilePath.exists(folder.metricsFile) {
      rows = try MetricsTable.read(folder.metricsFile).rows.count
    }
    let store = folder.checkpoints
    if FilePath.exists(store.stateFile(.last)) {
      #expect(try store.load(.last).position.epoch <= rows)
      #expect(try store.loadWeights(.last).weights.count == 2)
    }
  }
}
