import ExptFiles
import ExptTestSupport
import Foundation
import Testing

/// Run and sweep folders in which something stands that expt did not write so.
@Suite("Files from elsewhere")
struct ForeignFileTests {
  private let folder = TemporaryFolder()

  private func trained(_ name: String = "run") throws -> String {
    let file = try folder.write(
      """
      dataset: { type: digits, train: 96, test: 16, size: 12 }
      model: { type: vae, latent: 2, encoder: { type: mlp, hidden: [8] } }
      training: { epochs: 2, batch_size: 32 }
      outputs: { images_every: 0, summary: false }
      """, to: "\(name).yaml")
    let run = folder.file(name)
    let result = try Program.run([file, "-q", "-t1", "--run-dir", run])
    try #require(result.status == 0, "\(result.messages)")
    return run
  }

  /// What `evaluate` says of a run whose weights were changed.
  private func evaluated(
    _ run: String, _ change: (Safetensors) -> Safetensors
  ) throws -> Program.Result {
    for name in ["last", "best"] {
      let path = "\(run)/checkpoints/\(name).safetensors"
      try change(Safetensors.read(path)).write(to: path)
    }
    return try Program.run(["evaluate", run, "-s2", "--json"])
  }

  private func elbo(_ result: Program.Result) throws -> JSONValue {
    let report = try JSONValue.parse(Array(result.output.utf8), path: "out")
    return try #require(report["elbo"])
  }

  @Test func `weights that another program saved again are taken as they are`() throws {
    let run = try trained()
    let before = try Program.run(["evaluate", run, "-s2", "--json"])
    let after = try evaluated(run) { file in
      var other = Safetensors()
      for tensor in file.tensors.reversed() { other.add(tensor) }
      return other
    }
    #expect(after.status == 0, "\(after.messages)")
    #expect(!after.messages.contains("untrained"), "\(after.messages)")
    #expect(try elbo(before) == elbo(after))
  }

  @Test func `tensors that are not the model's, and numbers that are not finite, are said`() throws
  {
    let surplus = try evaluated(trained("surplus")) { file in
      var more = file
      more.metadata = [:]
      more.add("surplus.weight", shape: [3], floats: [0, 0, 0])
      return more
    }
    #expect(surplus.status == 0 && surplus.messages.contains("surplus.weight"))
    let broken = try evaluated(trained("broken")) { file in
      var other = Safetensors()
      for tensor in file.tensors {
        let values = tensor.floats ?? []
        other.add(tensor.name, shape: tensor.shape, floats: values.map { $0 * .nan })
      }
      return other
    }
    #expect(broken.messages.lowercased().contains("finite"), "\(broken.messages)")
  }

  @Test func `a name in a file that would leave an export's folder is refused`() throws {
    let run = try trained()
    let table = try FileBytes.readText(run + "/metrics.csv")
    try AtomicFile.write(
      table.replacingOccurrences(of: "train_kl", with: "../../../escaped"),
      to: run + "/metrics.csv")
    let store = folder.file("deep/er/store")
    let result = try Program.run(["export", run, "--format", "mlflow", "-o", store])
    #expect(result.status == 65, "\(result.messages)")
    #expect(result.messages.contains("escaped"), "\(result.messages)")
    let everything = FileManager.default.enumerator(atPath: folder.path)?.allObjects ?? []
    let outside = everything.compactMap { $0 as? String }.filter {
      $0.contains("escaped") && !$0.hasPrefix("deep/er/store")
    }
    #expect(outside.isEmpty, "\(outside)")
  }

  @Test(arguments: ["log.txt", "run.json", "metrics.csv", "timing.csv", "checkpoints"])
  func `nothing is written through a link in a run's folder`(_ name: String) throws {
    let run = try trained()
    // A decoy that looks like what the link took the place of.
    let decoy = folder.file("decoy")
    try FileManager.default.moveItem(atPath: "\(run)/\(name)", toPath: decoy)
    try FileManager.default.createSymbolicLink(
      atPath: "\(run)/\(name)", withDestinationPath: decoy)
    let before = try contents(decoy)
    let result = try Program.run(["run", "--resume", run, "training.epochs=3", "-q", "-t1"])
    #expect([0, 65, 74].contains(result.status), "\(result.messages)")
    #expect(try contents(decoy) == before)
  }

  @Test(arguments: ["runs", "points", "ledger.jsonl", "logs"])
  func `nor in a sweep's`(_ name: String) throws {
    let file = try folder.write(
      """
      name: linked
      experiment:
        dataset: { type: digits, train: 32, test: 8 }
        model: { type: ae, latent: 2, encoder: { type: mlp, hidden: [4] } }
        training: { epochs: 1 }
        outputs: { images_every: 0, summary: false }
      grid: { optimizer.learning_rate: [1.0e-3, 2.0e-3] }
      """, to: "sweep.yaml")
    let sweep = ["sweep", file, "--runs", folder.file("all"), "-q", "-t1"]
    try #require(try Program.run(sweep).status == 0)
    let place = folder.file("all/linked/\(name)")
    try #require(FileManager.default.fileExists(atPath: place))
    let decoy = folder.file("decoy")
    try FileManager.default.moveItem(atPath: place, toPath: decoy)
    try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: decoy)
    let more = try FileBytes.readText(file).replacingOccurrences(
      of: "[1.0e-3, 2.0e-3]", with: "[1.0e-3, 2.0e-3, 3.0e-3]")
    try AtomicFile.write(more, to: file)
    let before = try contents(decoy)
    _ = try Program.run(sweep)
    #expect(try contents(decoy) == before)
  }

  /// Every file of a folder with its bytes, or those of a file.
  private func contents(_ path: String) throws -> [String: [UInt8]] {
    guard FilePath.isFolder(path) else { return ["": try FileBytes.read(path)] }
    var found: [String: [UInt8]] = [:]
    for name in FileManager.default.enumerator(atPath: path)?.allObjects ?? [] {
      guard let name = name as? String, !FilePath.isFolder("\(path)/\(name)") else { continue }
      found[name] = try FileBytes.read("\(path)/\(name)")
    }
    return found
  }
}
