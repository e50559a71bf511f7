import ExptFiles
import ExptTestSupport
import Foundation
import Testing

/// Runs whose files hold numbers that no training writes, read by every command that reads runs.
@Suite("Extreme numbers")
struct ExtremeFileTests {
  private static let numbers = [
    "9e18", "1e19", "-1e19", "1e308", "-1e308", "9223372036854775807", "-9223372036854775808",
    "18446744073709551615", "5e-324", "-1", "nan", "inf", "",
  ]

  private let folder = TemporaryFolder()

  /// A finished run.
  private func made(_ name: String = "run") throws -> String {
    let file = try folder.write(SmallExperiments.vae, to: "small.yaml")
    let run = folder.file(name)
    let words = [file, "--quiet", "--threads", "1", "--run-dir", run]
    try #require(try Program.run(words).status == 0)
    return run
  }

  /// A copy of a run with a file changed.
  private func copy(_ run: String, _ name: String, _ file: String, _ change: (String) -> String)
    throws -> String
  {
    let copy = folder.file("runs/" + name)
    try? FileManager.default.createDirectory(
      atPath: folder.file("runs"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: run, toPath: copy)
    let path = copy + "/" + file
    let text = change(try String(contentsOfFile: path, encoding: .utf8))
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return copy
  }

  /// A command that must end with a code that means something.
  private func check(_ words: [String], _ what: String) throws {
    let result = try Program.run(words)
    #expect([0, 64, 65, 66, 74].contains(result.status), "\(what): \(words) \(result.messages)")
  }

  private func readAll(_ runs: String, _ names: [String]) throws {
    let out = folder.file("out")
    for words in [
      ["runs", runs], ["runs", runs, "--json"], ["runs", runs, "--csv"], ["compare", runs],
      ["report", runs, "-o", out + ".html"],
    ] {
      try check(words, "all together")
    }
    for name in names {
      let run = runs + "/" + name
      try check(["export", run, "--format", "mlflow", "-o", out + "-" + name], name)
      try check(["export", run, "--format", "tensorboard", "-o", out + "-" + name], name)
      try check(["report", run, "-o", out + "-\(name).html"], name)
      try check(["compare", run], name)
    }
  }

  @Test(arguments: ["metrics.csv", "timing.csv"])
  func `in a table are shown or left out`(_ file: String) throws {
    let run = try made()
    var names: [String] = []
    for (index, number) in Self.numbers.enumerated() {
      names.append("\(index)")
      _ = try copy(run, "\(index)", file) { text in
        var lines = text.split(separator: "\n").map(String.init)
        let fields = lines[0].split(separator: ",").count
        lines[2] = Array(repeating: number, count: fields).joined(separator: ",")
        return lines.joined(separator: "\n") + "\n"
      }
    }
    try readAll(folder.file("runs"), names)
  }

  @Test func `in a manifest are shown or refused`() throws {
    let run = try made()
    let keys = [
      "parameters", "epoch", "step", "seed", "threads", "training", "validation", "cores", "memory",
      "seconds_trained", "train_loss", "id", "format",
    ]
    var names: [String] = []
    for (place, key) in keys.enumerated() {
      for number in ["9223372036854775807", "-9223372036854775808", "1e19", "-1e308"] {
        names.append("\(place)-\(number)")
        let field = try Regex("\"\(key)\": [^,}\\n]+")
        _ = try copy(run, "\(place)-\(number)", "run.json") {
          $0.replacing(field, with: "\"\(key)\": \(number)")
        }
      }
    }
    names.append("shape")
    _ = try copy(run, "shape", "run.json") {
      $0.replacing(
        "[1,28,28]", with: "[1,9223372036854775807,9223372036854775807]")
    }
    try readAll(folder.file("runs"), Array(names.suffix(5)))
  }

  @Test(arguments: ["-1", "9223372036854775807", "-9223372036854775808", "99999999999999999999"])
  func `in a checkpoint's position are refused`(_ number: String) throws {
    let run = try made()
    for key in ["batch", "step", "epoch"] {
      for name in ["last", "best", "epoch-0001", "epoch-0002", "epoch-0003"] {
        let path = "\(run)/checkpoints/\(name).state.safetensors"
        guard FileManager.default.fileExists(atPath: path) else { continue }
        var file = try Safetensors.read(path)
        file.metadata[key] = number
        // Without its digest, as somebody would leave it who changed it on purpose.
        file.metadata["expt.xxh64"] = nil
        try file.write(to: path)
      }
      let words = ["run", "--resume", run, "--set", "training.epochs=4", "--quiet"]
      let result = try Program.run(words)
      #expect([65, 70].contains(result.status), "\(key): \(number) \(result.messages)")
      #expect(result.messages.contains("checkpoint") || result.messages.contains("state"))
    }
  }

  @Test func `of layers are refused in a moment, and how many are allowed is said`() throws {
    let many = Array(repeating: "4", count: 20_000).joined(separator: ", ")
    let file = try folder.write(
      """
      dataset: { type: digits, train: 100 }
      model: { type: ae, latent: 2, encoder: { type: mlp, hidden: [\(many)] } }
      """, to: "deep.yaml")
    let began = ContinuousClock.now
    let result = try Program.run(["check", file])
    #expect(ContinuousClock.now - began < .seconds(20))
    #expect(result.status == 65)
    #expect(result.messages.contains("at most 4000"), "\(result.messages)")
  }

  #if os(Linux)
    @Test(arguments: [
      ("--set dataset.train=10000000 --set dataset.size=512", 65),
      ("--set model.encoder.hidden=[1000000,1000]", 70),
      ("--set training.batch_size=3000 --set model.samples=900", 70),
    ])
    func `of bytes are refused where there is no memory for them`(
      _ settings: String, _ status: Int32
    ) throws {
      let file = try folder.write(SmallExperiments.vae, to: "small.yaml")
      let line =
        "ulimit -v 3000000; exec \"$EXPT\" \(file) --quiet --runs \(folder.path) \(settings)"
      let result = try Program.start(
        tool: ["bash", "-c", line], environment: ["EXPT": try Program.path]
      ).wait()
      #expect(result.status == status, "\(result.messages)")
      #expect(result.messages.contains("memory"), "\(result.messages)")
    }
  #endif
}
