import ExptFiles
import ExptTestSupport
import Foundation
import Testing

/// Four real runs: two learning rates, two seeds each, in `runs/`.
private final class FourRuns: Sendable {
  let folder = TemporaryFolder()
  var runs: String { folder.file("runs") }

  init() throws {
    let file = try folder.write(
      """
      name: tiny
      dataset: { type: digits, train: 60, validation: 20, test: 10 }
      model: { type: vae, latent: 2, encoder: { type: mlp, hidden: [5] } }
      optimizer: { type: adam, learning_rate: 0.001 }
      training: { epochs: 2, batch_size: 16 }
      outputs: { images_every: 0 }
      """, to: "tiny.yaml")
    for rate in ["0.001", "0.01"] {
      for seed in ["1", "2"] {
        let result = try Program.run([
          file, "--runs", runs, "--seed", seed, "--set", "optimizer.learning_rate=\(rate)",
          "--quiet",
        ])
        try #require(result.status == 0, "\(result.messages)")
      }
    }
  }

  /// Every file with its checksum.
  func files() throws -> [String: String] {
    var found: [String: String] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    where !FilePath.isFolder(folder.file(name)) {
      found[name] = try SHA256.hex(ofFile: folder.file(name))
    }
    return found
  }

  func run(_ arguments: [String], columns: String = "80") throws -> Program.Result {
    try Program.run(arguments, environment: ["COLUMNS": columns])
  }
}

@Suite("Commands that read run folders")
struct RunReadingCommandTests {
  @Test func `a misspelt command is told from an experiment file`() throws {
    let result = try Program.run(["comapre", "runs"])
    #expect(result.status == 64)
    let other = try Program.run(["comapre"])
    #expect(other.status == 64 && other.messages.contains("did you mean 'expt compare'?"))
    let strange = try Program.run(["frobnicate"])
    #expect(strange.status == 64 && strange.messages.contains("'expt --help' lists the commands"))
    let file = try Program.run(["no_such_folder/compare.yaml"])
    #expect(file.status == 66)
  }

  @Test func `list, filter, sort, compare and tell apart runs, and change no file`() throws {
    let four = try FourRuns()
    let before = try four.files()

    let list = try four.run(["runs", four.runs])
    #expect(list.status == 0 && list.output.hasPrefix("4 runs in \(four.runs)/tiny\n"))
    #expect(list.output.contains("learning_rate"))
    let lines = list.output.split(separator: "\n" as Character).dropFirst()
    #expect(lines.allSatisfy { $0.count <= 80 })
    let narrow = try four.run(["runs", four.runs], columns: "40")
    #expect(narrow.messages.contains("No room for"))
    let piped = try four.run(["runs", four.runs], columns: "")
    #expect(piped.messages.isEmpty && piped.output.contains("best @epoch"))

    let paths = try four.run([
      "runs", four.runs, "--where", "optimizer.learning_rate > 0.001 and status == finished",
      "--sort", "-seed", "--paths",
    ])
    let fast = paths.output.split(separator: "\n").map(String.init)
    #expect(fast.count == 2 && fast.allSatisfy { FilePath.exists($0 + "/run.json") })

    let json = try four.run(["runs", four.runs, "--sort", "validation_loss", "--json"])
    let objects = try JSONValue.parse(Array(json.output.utf8), path: "stdout").array ?? []
    let losses = objects.compactMap { $0["last"]?["validation_loss"]?.double }
    #expect(losses.count == 4 && losses == losses.sorted())
    let csv = try four.run(["runs", four.runs, "--csv", "--limit", "3"])
    #expect(try CSVTable.parse(Array(csv.output.utf8), path: "stdout").rows.count == 3)

    let comparison = try four.run(["compare", four.runs])
    #expect(comparison.status == 0 && comparison.output.contains("Paired t-test over the same 2"))
    #expect(!comparison.output.contains("\u{1B}"))
    let data = try four.run(["compare", "--json"] + fast)
    let parsed = try JSONValue.parse(Array(data.output.utf8), path: "stdout")
    #expect(parsed["groups"]?.array?.first?["seeds"]?.array?.count == 2)

    let diff = try four.run(["diff"] + fast)
    #expect(diff.status == 0 && diff.output.contains("  seed  a  2  --seed"))
    #expect(try four.files() == before)
  }

  @Test func `a mistake is shown with a caret and exits with 64, nothing there with 66 or 65`()
    throws
  {
    let four = try FourRuns()
    let wrong = try four.run(["runs", four.runs, "--where", "optimizer.learning_rat > 1"])
    #expect(wrong.status == 64 && wrong.output.isEmpty)
    #expect(wrong.messages.contains("\n  ^~~~~~~~~~~~~~~~~~~~~~ did you mean"))
    #expect(try four.run(["runs", "--where", "seed = 1", four.runs]).status == 64)
    #expect(try four.run(["compare", four.runs, "--metric", "los"]).status == 64)
    #expect(try four.run(["diff", four.runs, four.runs]).status == 64)
    #expect(try four.run(["runs", four.folder.file("none")]).status == 66)
    #expect(try four.run(["compare", four.folder.file("tiny.yaml")]).status == 65)
    let none = try four.run(["runs", four.runs, "--where", "seed > 5"])
    #expect(none.status == 0 && none.output.isEmpty)
    #expect(none.messages.contains("No run matches seed > 5 (of 4)."))
  }

  @Test func `a run shows as running while it is, and as interrupted once it was killed`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(
      """
      dataset: { type: digits, train: 60, validation: 20, test: 10 }
      model: { type: vae, latent: 2, encoder: { type: mlp, hidden: [5] } }
      training: { epochs: 1000000, batch_size: 60 }
      outputs: { images_every: 0, checkpoint_every: 0 }
      """, to: "long.yaml")
    let run = folder.file("runs/long")
    let training = try Program.start([file, "--run-dir", run, "--threads", "1", "--quiet"])
    let limit = Date().addingTimeInterval(60)
    func rows() -> Int {
      let text = (try? String(contentsOfFile: run + "/metrics.csv", encoding: .utf8)) ?? ""
      return text.split(separator: "\n" as Character).count
    }
    while rows() < 3, training.process.isRunning, Date() < limit { usleep(20_000) }

    func status() throws -> String {
      let words = ["runs", folder.file("runs"), "--where", "epochs >= 1", "--json"]
      let json = try JSONValue.parse(Array(Program.run(words).output.utf8), path: "stdout")
      return json.array?.first?["status"]?.string ?? "none"
    }
    #expect(try status() == "running")
    #expect(try Program.run(["compare", run]).output.contains("validation_loss over epochs"))
    kill(training.process.processIdentifier, SIGKILL)
    _ = try training.wait()
    #expect(try status() == "interrupted")
  }

  @Test func `a dataset in another's place is told by each of them`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(
      """
      dataset:
        type: mnist
        validation: 10
        fallback: { type: digits, train: 60, test: 10 }
      model: { type: vae, latent: 2, encoder: { type: mlp, hidden: [5] } }
      training: { epochs: 1, batch_size: 16 }
      outputs: { images_every: 0 }
      """, to: "fallback.yaml")
    let run = folder.file("run")
    let nowhere = ["EXPT_DATA": folder.file("nowhere")]
    let trained = try Program.run([file, "--run-dir", run, "--quiet"], environment: nowhere)
    try #require(trained.status == 0, "\(trained.messages)")
    for arguments in [
      ["runs", run], ["runs", run, "--paths"], ["compare", run], ["diff", run, run],
    ] {
      let result = try Program.run(arguments)
      #expect(result.status == 0 && result.messages.contains("'digits' IN PLACE OF 'mnist'"))
    }
  }

  @Test(.needs(.shells), arguments: ["bash", "zsh", "fish"])
  func `completions know every command, and the shell accepts them`(_ shell: String) throws {
    let script = try Program.run(["--generate-completion-script", shell])
    #expect(script.status == 0)
    for word in ["run", "check", "runs", "compare", "diff", "where", "metric"] {
      #expect(script.output.contains(word))
    }
    let folder = TemporaryFolder()
    let file = try folder.write(script.output, to: "completions")
    let check = try Program.start(tool: [shell, "-n", file]).wait()
    #expect(check.status == 0, "\(check.messages)")
  }
}
