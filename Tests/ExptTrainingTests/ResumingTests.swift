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

  @Test func `is not asked for fewer epochs than it has`() throws {
    let run = try TestRun(Self.experiment)
    let before = contents(run.path)
    let problem = #expect(throws: Diagnostics.self) { try resume(run, epochs: 1) }
    #expect(
      problem?.rendered.contains("2 epochs are trained already, and training.epochs is 1") == true)
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
    #expect(warnings.contains { $0.contains("continuing from the checkpoint epoch-0002") })
    #expect(warnings.contains { $0.hasPrefix(path) && $0.contains("digest") })
  }

  @Test func `of another model names the checkpoint`() throws {
    let run = try TestRun(Self.experiment)
    try run.replace("hidden: [4]", with: "hidden: [5]", in: "resolved.yaml")
    let problem = #expect(throws: FileProblem.self) { try resume(run) }
    #expect(problem?.path.hasSuffix("last.state.safetensors") == true)
    #expect(problem?.code == .malformed)
  }

  /// Where a run's settings came from, by path.
  private func origins(_ run: TestRun) throws -> [String: String] {
    let recorded = try JSONValue.read(run.path + "/origins.json")["origins"]?.object
    return (recorded?.members ?? []).reduce(into: [:]) { $0[$1.key] = $1.value.string }
  }

  @Test func `keeps the origins of its settings, and has a new one for what was changed`() throws {
    let run = try TestRun(Self.experiment)
    var expected = try origins(run)
    let file = run.folder.file("experiment.yaml")
    #expect(expected["model.encoder.type"] == file + ":3")
    #expect(expected["training.epochs"] == file + ":4")
    #expect(expected["optimizer.type"] == "default")
    try resume(run, epochs: 3)
    expected["training.epochs"] = "--set training.epochs=3"
    #expect(try origins(run) == expected)
    let resolved = try FileBytes.readText(run.path + "/resolved.yaml")
    let lines = resolved.split(separator: "\n").map { $0.drop { $0 == " " } }
    #expect(lines.contains { $0.hasPrefix("encoder: ") && $0.hasSuffix("# \(file):3") })
    #expect(
      lines.contains { $0.hasPrefix("epochs: 3 ") && $0.hasSuffix("# --set training.epochs=3") })
  }

  @Test func `does not know the origin of what was edited in resolved.yaml`() throws {
    let run = try TestRun(Self.experiment)
    try run.replace("keep_checkpoints: 3", with: "keep_checkpoints: 2", in: "resolved.yaml")
    var expected = try origins(run)
    try resume(run, epochs: 3)
    expected["outputs.keep_checkpoints"] = nil
    expected["training.epochs"] = "--set training.epochs=3"
    #expect(try origins(run) == expected)
  }

  @Test(arguments: [nil, "{", "[1]", "{\"sha256\": 0, \"origins\": 0, \"values\": 0}"])
  func `goes on without origins that are missing or damaged, and says so`(_ text: String?) throws {
    let run = try TestRun(Self.experiment)
    let path = run.path + "/origins.json"
    if let text { try AtomicFile.write(text, to: path) } else { try FilePath.remove(path) }
    var warnings: [String] = []
    try resume(run, epochs: 3) { warnings.append($0) }
    #expect(warnings.filter { $0.hasPrefix(path) }.count == 1, "\(warnings)")
    #expect(try origins(run) == ["training.epochs": "--set training.epochs=3"])
    #expect(try RunFolder.open(run.path).readManifest().lastMetrics?.epoch == 3)
  }

  @Test func `in a folder of format 1 goes on, and leaves one of format 2 if its settings change`()
    throws
  {
    let run = try TestRun(Self.experiment)
    let folder = try RunFolder.open(run.path)
    try FilePath.remove(run.path + "/origins.json")
    var manifest = try folder.readManifest()
    manifest.versions.format = 1
    try folder.write(manifest)
    let before = contents(run.path)
    var warnings: [String] = []
    try resume(run) { warnings.append($0) }
    #expect(contents(run.path) == before)
    try resume(run, epochs: 3) { warnings.append($0) }
    #expect(warnings.allSatisfy { !$0.contains("origins.json") }, "\(warnings)")
    #expect(try folder.readManifest().versions.format == 2)
    #expect(try origins(run) == ["training.epochs": "--set training.epochs=3"])
  }
}
