import ExptFiles
import ExptTensor
import ExptTestSupport
import Foundation
import Testing

/// What a run must have the same bytes of, wherever and however it ran.
func fingerprint(of run: String) throws -> [String: String] {
  var found: [String: String] = [:]
  for name in [
    "metrics.csv", "checkpoints/last.safetensors", "checkpoints/last.state.safetensors",
    "checkpoints/best.safetensors",
  ] {
    found[name] = try SHA256.hex(ofFile: run + "/" + name)
  }
  return found
}

/// Runs one of the small experiments to its end.
private func train(
  _ name: String, in folder: TemporaryFolder, as label: String, threads: Int = 2,
  isa: InstructionSet? = nil, extra: [String] = [], program: String? = nil
) throws -> [String: String] {
  let file = try folder.write(#require(SmallExperiments.all[name]), to: "\(name).yaml")
  let run = folder.file(label)
  let result = try Program.start(
    tool: [program ?? Program.path, "run", file, "--run-dir", run, "--quiet"]
      + ["--threads", "\(threads)"] + extra,
    environment: isa.map { ["EXPT_ISA": $0.rawValue] } ?? [:]
  ).wait()
  try #require(result.status == 0, "\(result.messages)")
  #expect(result.lastLine == run)
  return try fingerprint(of: run)
}

@Suite("The same experiment gives the same bytes")
struct SameBytesTests {
  @Test(arguments: SmallExperiments.all.keys.sorted())
  func `for any number of threads and on every instruction set`(_ name: String) throws {
    let folder = TemporaryFolder()
    let expected = try train(name, in: folder, as: "reference", threads: 2)
    for threads in [1, 5, 64] {
      let seen = try train(name, in: folder, as: "threads-\(threads)", threads: threads)
      #expect(seen == expected, "\(threads) threads")
    }
    let recomputed = try train(
      name, in: folder, as: "recomputed", extra: ["training.recompute=true"])
    #expect(recomputed == expected, "activations computed again")
    for isa in InstructionSet.available {
      let seen = try train(name, in: folder, as: isa.rawValue, threads: 2, isa: isa)
      #expect(seen == expected, "\(isa)")
    }
  }

  @Test(
    .needs(.otherBuild),
    arguments: SmallExperiments.all.keys.sorted())
  func `built in debug and in release`(_ name: String) throws {
    let folder = TemporaryFolder()
    let other = try #require(Program.otherBuild)
    let isSame = try FileManager.default.contentsEqual(atPath: other, andPath: Program.path)
    try #require(!isSame, "EXPT_OTHER_BUILD is the build under test")
    let expected = try train(name, in: folder, as: "this")
    #expect(try train(name, in: folder, as: "other", program: other) == expected)
  }

  @Test func `with the optimizer's step taken along with the gradients or after them`() throws {
    let folder = TemporaryFolder()
    let along = try train("iwae", in: folder, as: "along")
    // Clipping, even by a norm that nothing reaches, needs all gradients before the step.
    let after = try train(
      "iwae", in: folder, as: "after", extra: ["--set", "optimizer.clip_norm=1.0e30"])
    #expect(along == after)
  }

  @Test func `another seed gives other bytes`() throws {
    let folder = TemporaryFolder()
    let one = try train("vae", in: folder, as: "one")
    let two = try train("vae", in: folder, as: "two", extra: ["--seed", "2"])
    #expect(one["metrics.csv"] != two["metrics.csv"])
  }

  @Test func `the resolved file repeats the run`() throws {
    let folder = TemporaryFolder()
    let expected = try train("iwae", in: folder, as: "one")
    let result = try Program.run(
      ["run", folder.file("one/resolved.yaml"), "--run-dir", folder.file("two"), "--quiet"])
    try #require(result.status == 0, "\(result.messages)")
    #expect(try fingerprint(of: folder.file("two")) == expected)
  }
}

@Suite("training.precision: bf16")
struct PrecisionTests {
  private let bf16 = ["--set", "training.precision=bf16"]

  @Test(
    .needs(.bf16),
    arguments: SmallExperiments.all.keys.sorted())
  func `gives the same bytes for any number of threads, others than float32's`(
    _ name: String
  ) throws {
    let folder = TemporaryFolder()
    let expected = try train(name, in: folder, as: "two", extra: bf16)
    for threads in [1, 5] {
      let seen = try train(name, in: folder, as: "\(threads)", threads: threads, extra: bf16)
      #expect(seen == expected, "\(threads) threads")
    }
    #expect(try train(name, in: folder, as: "float32") != expected)
    #expect(try JSONValue.read(folder.file("two/run.json"))["precision"]?.string == "bf16")
    func loss(_ run: String) throws -> Double {
      let table = try CSVTable.read(folder.file("\(run)/metrics.csv"))
      let column = try #require(table.header.firstIndex(of: "train_loss"))
      return try #require(table.rows.last.flatMap { Double($0[column]) })
    }
    let (seen, wanted) = (try loss("two"), try loss("float32"))
    #expect(abs(seen - wanted) < 0.01 * abs(wanted), "\(seen), in float32 \(wanted)")
  }

  @Test(.needs(.bf16))
  func `goes on to the same bytes`() throws {
    let folder = TemporaryFolder()
    let expected = try train(
      "iwae", in: folder, as: "whole", extra: bf16 + ["--set", "training.epochs=4"])
    _ = try train("iwae", in: folder, as: "parts", extra: bf16 + ["--set", "training.epochs=2"])
    let run = folder.file("parts")
    let more = try Program.run(
      ["run", "--resume", run, "--set", "training.epochs=4", "--quiet", "--threads", "1"])
    try #require(more.status == 0, "\(more.messages)")
    #expect(try fingerprint(of: run) == expected)
  }

  @Test func `is refused, at the setting, where the processor or EXPT_ISA cannot`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(
      #require(SmallExperiments.all["vae"]) + "\nextends: more.yaml\n", to: "vae.yaml")
    _ = try folder.write("training: { precision: bf16 }\n", to: "more.yaml")
    for command in ["run", "check"] {
      let result = try Program.start(
        tool: [Program.path, command, file], environment: ["EXPT_ISA": "portable"]
      ).wait()
      #expect(result.status == 65)
      #expect(result.messages.contains("more.yaml:1:"), "\(result.messages)")
      #expect(result.messages.contains("AVX-512 BF16"), "\(result.messages)")
    }
  }
}

@Suite("A run that was stopped goes on to the same bytes")
struct ResumeTests {
  @Test(arguments: SmallExperiments.all.keys.sorted())
  func `killed at ten random moments`(_ name: String) throws {
    let folder = TemporaryFolder()
    let long = ["--set", "training.epochs=30"]
    let expected = try train(name, in: folder, as: "reference", extra: long)
    let run = folder.file("killed")
    var arguments = ["run", folder.file("\(name).yaml"), "--run-dir", run, "--quiet"] + long
    for attempt in 1...10 {
      let running = try Program.start(arguments)
      Thread.sleep(forTimeInterval: Double.random(in: 0...0.12))
      kill(running.process.processIdentifier, SIGKILL)
      let killed = try running.wait()
      #expect(killed.status == -SIGKILL, "kill \(attempt) came too late: \(killed.messages)")
      // A kill before run.json was written leaves no run: it is started again.
      if FileManager.default.fileExists(atPath: run + "/run.json") {
        arguments = ["run", "--resume", run, "--quiet"]
      }
    }
    let result = try Program.run(arguments)
    try #require(result.status == 0, "\(result.messages)")
    #expect(try fingerprint(of: run) == expected)
  }

  @Test func `interrupted in the middle of an epoch, and told how to go on`() throws {
    let folder = TemporaryFolder()
    let expected = try train(
      "vae", in: folder, as: "reference", extra: ["--set", "training.epochs=40"])
    let run = folder.file("interrupted")
    let running = try Program.start([
      "run", folder.file("vae.yaml"), "--run-dir", run, "--set", "training.epochs=40",
    ])
    while !running.messagesSoFar.contains("epoch 3/40"), running.process.isRunning {
      Thread.sleep(forTimeInterval: 0.002)
    }
    kill(running.process.processIdentifier, SIGINT)
    let result = try running.wait()
    #expect(result.status == 130)
    #expect(result.messages.contains("expt run --resume \(run)"))
    let resumed = try Program.run(["run", "--resume", run, "--quiet"])
    try #require(resumed.status == 0, "\(resumed.messages)")
    #expect(try fingerprint(of: run) == expected)
  }

  @Test func `with more epochs than it was started for`() throws {
    let folder = TemporaryFolder()
    let constant = ["--set", "optimizer.schedule=constant", "--set", "model.beta=1"]
    let expected = try train(
      "vae", in: folder, as: "reference", extra: constant + ["--set", "training.epochs=5"])
    _ = try train("vae", in: folder, as: "short", extra: constant)
    let settings = folder.file("short/resolved.yaml")
    let before = try FileBytes.readText(settings).split(separator: "\n")
    let result = try Program.run([
      "run", "--resume", folder.file("short"), "--set", "training.epochs=5", "--quiet",
    ])
    try #require(result.status == 0, "\(result.messages)")
    #expect(try fingerprint(of: folder.file("short")) == expected)
    // All other settings come from where they came from before.
    let after = try FileBytes.readText(settings).split(separator: "\n")
    let changed = after.filter { !before.contains($0) }
    #expect(changed.count == 1 && changed.first?.hasSuffix("# --set training.epochs=5") == true)
  }

  @Test func `but with no other setting, and it says when there is nothing left to do`() throws {
    let folder = TemporaryFolder()
    _ = try train("vae", in: folder, as: "run")
    let before = try fingerprint(of: folder.file("run"))
    let refused = try Program.run([
      "run", "--resume", folder.file("run"), "--set", "training.epochs=9",
      "--set", "model.latent=7", "--set", "optimizer.learning_rate=0.5",
    ])
    #expect(refused.status == 65)
    #expect(refused.messages.contains("'model.latent' cannot change when a run is resumed"))
    #expect(refused.messages.contains("'optimizer.learning_rate' cannot change"))
    let done = try Program.run(["run", "--resume", folder.file("run")])
    #expect(done.status == 0)
    #expect(done.messages.contains("--set training.epochs="), "\(done.messages)")
    #expect(try fingerprint(of: folder.file("run")) == before)
  }
}
