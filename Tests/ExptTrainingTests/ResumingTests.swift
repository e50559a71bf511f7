import ExptComponents
import ExptDocument
import ExptFiles
import ExptRunFolder
import ExptTestSupport
import ExptTraining
import Foundation
import Testing

@Suite("A run that goes on")
struct ResumingTests {
  static let experiment = """
    name: resumed
    dataset: { type: test_points, validation: 8 }
    model: { type: vae, latent: 2, encoder: { type: mlp, hidden: [4] } }
    training: { epochs: 2, batch_size: 16 }
    outputs: { images_every: 1, tensorboard: true }
    """

  private func resume(
    _ run: TestRun, epochs: Int? = nil, warn: @escaping (String) -> Void = { _ in }
  ) throws {
    let file = try ExperimentFile.load(
      path: run.path + "/resolved.yaml",
      overrides: epochs.map { [try Override(parsing: "training.epochs=\($0)")] } ?? [],
      catalog: TestRun.catalog)
    let session = try RunSession.resuming(
      run.path, file,
      RunSession.Options(
        threads: 1, environment: DataEnvironment(),
        versions: Manifest.Versions(expt: "test", swift: "test"), warn: warn))
    _ = try session.train()
  }

  /// A run whose training a plan may end.
  private func killed(_ plan: FaultPlan) throws -> TestRun {
    let (run, session) = try TestRun.starting(Self.experiment)
    FaultPlan.$current.withValue(plan) { _ = try? session.train() }
    return run
  }

  private func contents(_ path: String) -> [String: Data] {
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
    return names.reduce(into: [:]) {
      $0[$1] = FileManager.default.contents(atPath: path + "/" + $1)
    }
  }

  @Test func `though it is finished stays as it is, to the byte`() throws {
    let run = try TestRun(Self.experiment)
    let before = contents(run.path)
    #expect(try !RunFolder.open(run.path).readManifest().diagnosis.isEmpty)
    try resume(run)
    #expect(contents(run.path) == before)
  }

  @Test func `tells what is on disk, whatever run.json said`() throws {
    let run = try TestRun(Self.experiment)
    let folder = try RunFolder.open(run.path)
    let whole = try folder.readManifest()
    var stale = whole
    stale.status = .running
    stale.lastMetrics = .init(epoch: 1, step: 2, values: [.init("validation_loss", 1e9)])
    stale.bestMetrics = stale.lastMetrics
    stale.diagnosis = []
    // Also one that says it is finished, as older versions left it.
    for status in [Manifest.Status.running, .finished] {
      stale.status = status
      try folder.write(stale)
      try resume(run)
      let again = try folder.readManifest()
      #expect(again.status == .finished)
      #expect(again.lastMetrics == whole.lastMetrics && again.bestMetrics == whole.bestMetrics)
      #expect(again.diagnosis == whole.diagnosis)
    }
  }

  @Test func `says the same of itself whichever step on the disk it died at`() throws {
    let plan = FaultPlan(survivingSteps: .max)
    let whole = try killed(plan)
    let expected = try RunFolder.open(whole.path).readManifest()
    let files = contents(whole.path)
    // Every step near the records of an epoch, the end among them.
    for survived in stride(from: 0, to: plan.steps.count, by: 3) {
      let run = try killed(FaultPlan(survivingSteps: survived))
      try FaultPlan.$current.withValue(FaultPlan(survivingSteps: .max)) { try resume(run) }
      let manifest = try RunFolder.open(run.path).readManifest()
      let place: Comment = "killed before \(plan.steps[survived])"
      #expect(manifest.status == .finished, place)
      #expect(manifest.lastMetrics == expected.lastMetrics, place)
      #expect(manifest.bestMetrics == expected.bestMetrics, place)
      #expect(manifest.diagnosis == expected.diagnosis, place)
      let now = contents(run.path)
      for (name, bytes) in files
      where name.hasPrefix("checkpoints/") || name.hasPrefix("images/") || name == "metrics.csv" {
        #expect(now[name] == bytes, "\(name), \(place)")
      }
    }
  }

  @Test(arguments: ["missing", "empty", "gap", "altered"])
  func `is refused where metrics.csv is not what was written`(_ damage: String) throws {
    let run = try TestRun(Self.experiment)
    let path = run.path + "/metrics.csv"
    let text = try FileBytes.readText(path)
    var lines = text.split(separator: "\n").map(String.init)
    switch damage {
    case "missing": try FilePath.remove(path)
    case "empty": try AtomicFile.write("", to: path)
    case "gap":
      lines.remove(at: 1)
      try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: path)
    default:
      lines[1] += "1"
      try AtomicFile.write(lines.joined(separator: "\n") + "\n", to: path)
    }
    let problem = #expect(throws: FileProblem.self) { try resume(run, epochs: 3) }
    #expect(problem?.path == path && problem?.isDamage == true)
  }

  @Test func `says that it takes another checkpoint for a damaged one`() throws {
    let run = try TestRun(Self.experiment)
    let path = run.path + "/checkpoints/last.state.safetensors"
    var bytes = try FileBytes.read(path)
    bytes[bytes.count - 3] ^= 8
    try AtomicFile.write(bytes, to: path)
    var warnings: [String] = []
    try resume(run, epochs: 3) { warnings.append($0) }
    #expect(warnings.contains { $0.contains("going on from the checkpoint epoch-0002") })
    #expect(warnings.contains { $0.hasPrefix(path) && $0.contains("digest") })
  }

  @Test func `of another model names the checkpoint`() throws {
    let run = try TestRun(Self.experiment)
    try run.replace("hidden: [4]", with: "hidden: [5]", in: "resolved.yaml")
    let problem = #expect(throws: FileProblem.self) { try resume(run) }
    #expect(problem?.path.hasSuffix("last.state.safetensors") == true)
    #expect(problem?.code == .malformed)
  }
}
