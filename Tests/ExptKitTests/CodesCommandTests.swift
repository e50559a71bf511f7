import ExptFiles
import ExptTestSupport
import Foundation
import Testing

/// Models of codes and of dictionaries, as a user runs them.
@Suite("Codes and dictionaries")
struct CodesCommandTests {
  private let folder = TemporaryFolder()

  private static let data = "dataset: { type: digits, train: 3000, validation: 300, test: 100 }"
  private static let training = "training: { epochs: 8, batch_size: 64 }"
  private static let experiments = [
    "vq": """
    \(data)
    model: { type: vq_vae, latent: 8, codebook: 32, levels: 2, restart_below: 2,
      encoder: { type: conv, channels: [8, 16], hidden: [] } }
    \(training)
    """,
    "fsq": """
    \(data)
    model: { type: fsq_ae, latent: 6, levels: [5, 4, 3], encoder: { type: mlp, hidden: [64] } }
    \(training)
    """,
    "sparse": """
    dataset: { type: patches, of: { type: digits, train: 300, test: 100 }, train: 3000,
      validation: 300, test: 100 }
    model: { type: sparse_ae, latent: 40, activation: { type: batch_top_k, k: 4 }, dead_after: 500 }
    \(training)
    """,
  ]

  private func train(_ name: String, _ label: String, _ more: [String] = []) throws
    -> Program.Running
  {
    let file = try folder.write(Self.experiments[name] ?? "", to: "\(name).yaml")
    return try Program.start(["run", file, "--run-dir", folder.file(label)] + more)
  }

  private func whole(_ name: String, epochs: Int) throws -> String {
    let result = try train(name, "whole", ["--set", "training.epochs=\(epochs)", "--quiet"]).wait()
    try #require(result.status == 0, "\(result.messages)")
    return folder.file("whole")
  }

  /// Codebooks, counts, thresholds, first values and what is tallied over an epoch.
  @Test(arguments: ["vq", "fsq", "sparse"])
  func `train to the same bytes when they are killed or interrupted`(_ name: String) throws {
    let whole = try train(name, "whole", ["--threads", "1"]).wait()
    try #require(whole.status == 0, "\(whole.messages)")
    let expected = try fingerprint(of: folder.file("whole"))
    for (label, signal) in [("killed", SIGKILL), ("interrupted", SIGINT)] {
      let running = try train(name, label)
      while !running.messagesSoFar.contains("epoch 3/8"), running.process.isRunning {
        Thread.sleep(forTimeInterval: 0.002)
      }
      kill(running.process.processIdentifier, signal)
      #expect(try running.wait().status == (signal == SIGKILL ? -SIGKILL : 130))
      let resumed = try Program.run(["run", "--resume", folder.file(label), "--quiet"])
      try #require(resumed.status == 0, "\(resumed.messages)")
      #expect(try fingerprint(of: folder.file(label)) == expected, "\(label)")
    }
  }

  @Test func `are encoded as numbers, counted over the epoch, and shown in the report`() throws {
    let run = try whole("vq", epochs: 5)
    let metrics = try String(contentsOfFile: run + "/metrics.csv", encoding: .utf8)
    #expect(
      metrics.contains("train_commitment,train_perplexity_1,train_usage_1,train_perplexity_2"))
    let encoded = try Program.run(["encode", run, "--split", "test"])
    try #require(encoded.status == 0, "\(encoded.messages)")
    let paths = encoded.output.split(separator: "\n").map(String.init)
    let codes = try #require(try NPZ.read(paths[0]).first { $0.name == "codes" }?.array)
    #expect(codes.shape == [100, 2, 7, 7])
    let numbers = try #require(codes.integers)
    #expect(numbers.allSatisfy { (0..<32).contains($0) } && Set(numbers).count > 4)
    let table = try String(contentsOfFile: paths[1], encoding: .utf8)
    #expect(table.hasPrefix("index,label,code_0,code_1,"))
    let usage = try NPZ.read(run + "/summary/usage.npz")
    #expect(usage.map(\.name) == ["codes_1", "codes_2"])
    for level in usage { #expect(level.array.doubles.reduce(0, +) == 300 * 49) }
    let diagnosis = try String(contentsOfFile: run + "/run.json", encoding: .utf8)
    #expect(diagnosis.contains("of 32 codes of level 2 were chosen in the last epoch"))
    let page = folder.file("report.html")
    let report = try Program.run(["report", run, "-o", page])
    try #require(report.status == 0, "\(report.messages)")
    let html = try String(contentsOfFile: page, encoding: .utf8)
    for part in [
      "<h2>Codes</h2>", "How often each code of level 2 is chosen", "Codes of held-out images",
      "What the codes stand for", "Perplexity",
    ] { #expect(html.contains(part), "no '\(part)'") }
    #expect(!html.contains("Latent space"))
    let sample = try Program.run(["sample", run, "-n", "4"])
    #expect(sample.status == 0, "\(sample.messages)")
    for (path, kind) in [("codes.ppm", 3), ("codebook.pgm", 1)] {
      #expect(try Image8.read(run + "/summary/" + path).channels == kind)
    }
  }

  @Test func `of a dictionary are patterns`() throws {
    let run = try whole("sparse", epochs: 1)
    let picture = try Image8.read(run + "/summary/dictionary.pgm")
    #expect((picture.width + 1) % 9 == 0 && (picture.height + 1) % 9 == 0)
    let metrics = try String(contentsOfFile: run + "/metrics.csv", encoding: .utf8)
    #expect(metrics.contains("train_l0,train_aux,train_dead,train_explained_variance"))
    let page = folder.file("report.html")
    let report = try Program.run(["report", run, "-o", page])
    try #require(report.status == 0, "\(report.messages)")
    let html = try String(contentsOfFile: page, encoding: .utf8)
    #expect(html.contains("<h2>Dictionary</h2>") && html.contains("<h2>Latent space</h2>"))
  }
}
