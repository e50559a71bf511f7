import ExptFiles
import ExptTestSupport
import Foundation
import Testing

/// Twenty-four runs so small that each takes a moment.
private let smallSweep = """
  name: small
  experiment:
    name: tiny
    dataset: { type: digits, train: 300, test: 20, validation: 60 }
    model: { type: vae, latent: 3, encoder: { type: mlp, hidden: [17], activation: relu } }
    optimizer: { type: adam, learning_rate: 1.0e-3 }
    training: { epochs: 4, batch_size: 32 }
    outputs: { images_every: 0 }
  grid:
    model.beta: [0.5, 1, 2, 4]
    optimizer.learning_rate: [1.0e-3, 3.0e-3]
  seeds: 3
  """

/// What each run of a sweep must have the same bytes of.
private func fingerprints(_ sweep: String) throws -> [String: [String]] {
  var found: [String: [String]] = [:]
  for name in try FileManager.default.contentsOfDirectory(atPath: sweep + "/runs") {
    found[name] = try [
      "metrics.csv", "checkpoints/last.safetensors", "checkpoints/last.state.safetensors",
      "checkpoints/best.safetensors",
    ].map { try SHA256.hex(ofFile: "\(sweep)/runs/\(name)/\($0)") }
  }
  return found
}

/// The events of a sweep's ledger of one kind.
private func events(_ kind: String, in sweep: String) throws -> [JSONValue] {
  let text = (try? String(contentsOfFile: sweep + "/ledger.jsonl", encoding: .utf8)) ?? ""
  return text.split(separator: "\n").compactMap { line in
    let event = try? JSONValue.parse(Array(line.utf8), path: "ledger.jsonl")
    return event?["event"]?.string == kind ? event : nil
  }
}

@Suite("A sweep") struct SweepTests {
  @Test func `killed again and again, parent and children, ends as if undisturbed`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(smallSweep, to: "small.yaml")
    func arguments(_ name: String) -> [String] {
      ["sweep", file, "--jobs", "2", "--threads", "1", "--sweep-dir", folder.file(name)]
    }
    let whole = try Program.run(arguments("whole"))
    try #require(whole.status == 0, "\(whole.messages)")
    let expected = try fingerprints(folder.file("whole"))
    #expect(expected.count == 24)

    let sweep = folder.file("killed")
    var wasCutShort = 0
    for attempt in 1...5 {
      let running = try Program.start(arguments("killed"))
      Thread.sleep(forTimeInterval: Double.random(in: 0.15...0.7))
      if attempt.isMultiple(of: 2) {
        let child = try events("started", in: sweep).last?["process"]?.string.flatMap { Int32($0) }
        if let child { kill(child, SIGKILL) }
        Thread.sleep(forTimeInterval: Double.random(in: 0...0.2))
      }
      kill(running.process.processIdentifier, SIGKILL)
      if try running.wait().status == -SIGKILL { wasCutShort += 1 }
    }
    #expect(wasCutShort > 0, "every kill came too late")
    // A child that is killed while its parent lives is left interrupted: one more start ends it.
    var last = try Program.run(arguments("killed"))
    if last.status == 70 { last = try Program.run(arguments("killed")) }
    try #require(last.status == 0, "\(last.messages)")
    #expect(try fingerprints(sweep) == expected)
    let finished = try events("finished", in: sweep).compactMap { $0["point"]?.string }
    #expect(finished.sorted() == expected.keys.sorted(), "each point finishes once")
    // Nothing is left to do, and nothing is done.
    let again = try Program.run(arguments("killed"))
    #expect(again.status == 0)
    #expect(try events("finished", in: sweep).count == 24)
    #expect(try fingerprints(sweep) == expected)
  }

  @Test func `stops at SIGINT, says how to go on, and goes on to the same bytes`() throws {
    let folder = TemporaryFolder()
    let text = smallSweep.replacingOccurrences(of: "epochs: 4", with: "epochs: 200")
      .replacingOccurrences(of: "seeds: 3", with: "limits: { max_runs: 2 }")
    let file = try folder.write(text, to: "long.yaml")
    let sweep = folder.file("sweep")
    let command = ["sweep", file, "--jobs", "2", "--threads", "1", "--sweep-dir", sweep]
    let running = try Program.start(command)
    while try events("started", in: sweep).count < 2, running.process.isRunning {
      Thread.sleep(forTimeInterval: 0.01)
    }
    Thread.sleep(forTimeInterval: 0.5)
    kill(running.process.processIdentifier, SIGINT)
    let result = try running.wait()
    #expect(result.status == 130)
    #expect(
      result.messages.contains(
        "To continue: expt sweep \(file) --jobs 2 --threads 1 --sweep-dir \(sweep)"))
    #expect(try events("interrupted", in: sweep).count == 2)
    try #require(try Program.run(command).status == 0)
    #expect(try events("resumed", in: sweep).count == 2)
    let undisturbed = folder.file("undisturbed")
    let other = ["sweep", file, "--jobs", "1", "--sweep-dir", undisturbed]
    try #require(try Program.run(other).status == 0)
    #expect(try fingerprints(sweep) == fingerprints(undisturbed))
  }

  @Test func `records a run that fails, goes on with the others, and repeats it if asked`() throws {
    let folder = TemporaryFolder()
    let text = smallSweep.replacingOccurrences(of: "[1.0e-3, 3.0e-3]", with: "[1.0e-5, 1.0e4]")
      .replacingOccurrences(of: "type: adam", with: "type: sgd")
      .replacingOccurrences(of: "[0.5, 1, 2, 4]", with: "[1]")
      .replacingOccurrences(of: "seeds: 3", with: "seeds: [7]")
    let file = try folder.write(text, to: "nan.yaml")
    let sweep = folder.file("sweep")
    let command = ["sweep", file, "--sweep-dir", sweep]
    let result = try Program.run(command + ["--json"])
    #expect(result.status == 70)
    #expect(result.messages.contains("1 failed. To retry them: expt sweep \(file)"))
    let json = try JSONValue.parse(Array(result.output.utf8), path: "stdout")
    let states = json["points"]?.array?.compactMap { $0["state"]?.string }
    #expect(states == ["finished", "failed"])
    // Without --retry it is left alone.
    _ = try Program.run(command)
    #expect(try events("started", in: sweep).count == 2)
    _ = try Program.run(command + ["--retry"])
    #expect(try events("started", in: sweep).count == 3)
    #expect(try FileManager.default.contentsOfDirectory(atPath: sweep + "/failed").count == 1)
  }

  @Test func `keeps a second sweep out of its folder`() throws {
    let folder = TemporaryFolder()
    let text = smallSweep.replacingOccurrences(of: "epochs: 4", with: "epochs: 500")
    let file = try folder.write(text, to: "small.yaml")
    let command = ["sweep", file, "--sweep-dir", folder.file("sweep")]
    let first = try Program.start(command)
    while try events("started", in: folder.file("sweep")).isEmpty, first.process.isRunning {
      Thread.sleep(forTimeInterval: 0.01)
    }
    let second = try Program.run(command)
    #expect(second.status == 74)
    #expect(second.messages.contains("another process is running this sweep"))
    kill(first.process.processIdentifier, SIGINT)
    #expect(try first.wait().status == 130)
  }

  @Test func `reports every mistake at its place before anything starts`() throws {
    let folder = TemporaryFolder()
    let text = """
      name: wrong
      experiment:
        dataset: { type: digits }
        model: { type: vae, latent: 3 }
      grid:
        model.betta: [1, 2]
        model.latent: [2, many]
      sedes: 3
      """
    let file = try folder.write(text, to: "wrong.yaml")
    let first = try Program.run(["sweep", file, "--sweep-dir", folder.file("sweep")])
    #expect(first.status == 65)
    #expect(first.messages.contains("wrong.yaml:8:1: error: a sweep has no setting 'sedes'"))
    #expect(first.messages.contains("did you mean 'seeds'?"))
    let fixed = try folder.write(
      text.replacingOccurrences(of: "sedes", with: "seeds"), to: "wrong.yaml")
    let second = try Program.run(["sweep", fixed, "--sweep-dir", folder.file("sweep")])
    #expect(second.status == 65)
    #expect(second.messages.contains("wrong.yaml:6:3: error: "), "\(second.messages)")
    #expect(second.messages.contains("did you mean 'beta'?"))
    #expect(second.messages.contains("wrong.yaml:7:21: error: "), "\(second.messages)")
    #expect(second.messages.contains("2 errors"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("sweep")))
  }

  @Test func `shows its points and an estimate of the time`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(smallSweep, to: "small.yaml")
    let result = try Program.run(["sweep", file, "--dry-run", "--csv"])
    #expect(result.status == 0)
    #expect(result.output.split(separator: "\n").count == 25)
    #expect(result.messages.contains("for 24 points with 1 job: estimated from the shortest of"))
  }

  @Test func `counts its hours over all starts`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(
      smallSweep.replacingOccurrences(of: "seeds: 3", with: "limits: { max_hours: 0.01 }"),
      to: "small.yaml")
    let sweep = folder.file("sweep")
    // A start before this one used up the 36 seconds and was killed.
    try FileManager.default.createDirectory(atPath: sweep, withIntermediateDirectories: true)
    _ = try folder.write("", to: "sweep/sweep.yaml")
    _ = try folder.write(
      "{\"seconds\":0,\"event\":\"sweep\"}\n{\"seconds\":36.5,\"event\":\"going\"}\n",
      to: "sweep/ledger.jsonl")
    let result = try Program.run(["sweep", file, "--sweep-dir", sweep])
    #expect(result.messages.contains("limits.max_hours, 0.01 over all starts, is used up"))
    #expect(result.messages.contains("raise it in \(file), then expt sweep \(file)"))
    #expect(try events("started", in: sweep).isEmpty)
    let more = try folder.write(
      smallSweep.replacingOccurrences(of: "seeds: 3", with: "limits: { max_hours: 1 }"),
      to: "small.yaml")
    #expect(try Program.run(["sweep", more, "--sweep-dir", sweep]).status == 0)
    #expect(try events("finished", in: sweep).count == 8)
  }

  @Test func `is shared out in shards that together run each point once`() throws {
    let folder = TemporaryFolder()
    let text = smallSweep.replacingOccurrences(of: "seeds: 3", with: "limits: { max_runs: 5 }")
    let file = try folder.write(text, to: "small.yaml")
    let sweep = folder.file("sweep")
    for shard in ["1/2", "2/2"] {
      let result = try Program.run(["sweep", file, "--shard", shard, "--sweep-dir", sweep, "--csv"])
      try #require(result.status == 0, "\(result.messages)")
      #expect(result.output.split(separator: "\n").count == (shard == "1/2" ? 4 : 3))
    }
    let whole = try Program.run(["sweep", file, "--sweep-dir", sweep, "--csv"])
    #expect(whole.output.split(separator: "\n").count == 6)
    #expect(try events("started", in: sweep).isEmpty, "all had been run")
    #expect(try fingerprints(sweep).count == 5)
  }

  @Test func `of the shipped examples can be run as they say`() throws {
    let folder = TemporaryFolder()
    let digits = try Program.run([
      "sweep", "experiments/sweeps/digits.yaml", "--jobs", "2", "--runs", folder.path,
    ])
    #expect(digits.status == 0, "\(digits.messages)")
    #expect(digits.output.contains("best validation_reconstruction"))
    #expect(digits.output.contains("that each setting explains"))
    let mnist = try Program.run(
      [
        "sweep", "experiments/sweeps/beta_latent_mnist.yaml", "--dry-run", "--json",
      ], environment: ["EXPT_DATA": folder.file("none")])
    #expect(mnist.status == 0, "\(mnist.messages)")
    let points = try JSONValue.parse(Array(mnist.output.utf8), path: "stdout")
    #expect(points.array?.count == 24)
  }

  @Test func `that halves lets the best run on, with the bytes of an unbroken run`() throws {
    let folder = TemporaryFolder()
    let base = smallSweep.components(separatedBy: "grid:")[0]
    let text =
      base.replacingOccurrences(of: "learning_rate: 1.0e-3", with: "schedule: cosine") + """
        random:
          count: 9
          settings: { optimizer.learning_rate: { log_uniform: [1.0e-5, 1.0e-2] } }
        search: { type: asha, first_epochs: 1, reduction: 2 }
        """
    let file = try folder.write(text, to: "halving.yaml")
    let sweep = folder.file("sweep")
    let result = try Program.run(["sweep", file, "--sweep-dir", sweep, "--json"])
    try #require(result.status == 0, "\(result.messages)")
    let json = try JSONValue.parse(Array(result.output.utf8), path: "stdout")
    let points = try #require(json["points"]?.array)
    let epochs = points.compactMap { $0["epochs"]?.int }
    #expect(epochs.count == 9 && epochs.allSatisfy { [1, 2, 4].contains($0) })
    #expect(epochs.contains(4) && epochs.contains(1))
    let best = try #require(points.first { $0["state"]?.string == "finished" })
    let name = try #require(best["name"]?.string)
    let whole = try Program.run([
      "run", "\(sweep)/points/\(name).yaml", "--run-dir", folder.file("whole"), "--quiet",
    ])
    try #require(whole.status == 0)
    for part in ["metrics.csv", "checkpoints/last.state.safetensors"] {
      #expect(
        try SHA256.hex(ofFile: "\(sweep)/runs/\(name)/\(part)")
          == SHA256.hex(ofFile: folder.file("whole/\(part)")))
    }
    // Started again, it has nothing to do.
    let again = try Program.run(["sweep", file, "--sweep-dir", sweep, "--json"])
    #expect(again.output == result.output)
  }

  @Test func `that searches goes on with the same trials after a stop`() throws {
    let folder = TemporaryFolder()
    let base = smallSweep.components(separatedBy: "grid:")[0]
    let text =
      base + """
        search:
          type: tpe
          trials: 6
          startup: 3
          settings:
            optimizer.learning_rate: { log_uniform: [1.0e-5, 1.0e-2] }
            model.latent: { integer: [1, 8] }
        """
    let file = try folder.write(text, to: "tpe.yaml")
    func arguments(_ name: String) -> [String] {
      ["sweep", file, "--sweep-dir", folder.file(name), "--csv"]
    }
    let whole = try Program.run(arguments("whole"))
    try #require(whole.status == 0, "\(whole.messages)")
    let expected = try fingerprints(folder.file("whole"))
    #expect(expected.count == 6)
    let running = try Program.start(arguments("killed"))
    while try events("finished", in: folder.file("killed")).count < 4, running.process.isRunning {
      Thread.sleep(forTimeInterval: 0.005)
    }
    kill(running.process.processIdentifier, SIGKILL)
    _ = try running.wait()
    let result = try Program.run(arguments("killed"))
    try #require(result.status == 0, "\(result.messages)")
    #expect(try fingerprints(folder.file("killed")) == expected)
  }

  @Test func `of seeds is also a line of shell`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(SmallExperiments.vae, to: "vae.yaml")
    let result = try Program.start(
      tool: ["sh", "scripts/sweep_seeds.sh", file, "2", "1", "2", "3"],
      environment: ["EXPT": try Program.path, "RUNS": folder.file("runs")]
    ).wait()
    try #require(result.status == 0, "\(result.messages)")
    let runs = result.output.split(separator: "\n")
    #expect(Set(runs).count == 3)
    let metrics = try Set(runs.map { try SHA256.hex(ofFile: "\($0)/metrics.csv") })
    #expect(metrics.count == 3, "each seed gives its own")
  }
}
