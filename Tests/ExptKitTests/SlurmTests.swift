import ExptFiles
import ExptTestSupport
import Foundation
import Testing

/// A Slurm cluster of this one machine, stopped with the object.
private final class Cluster {
  let folder = TemporaryFolder()
  let environment: [String: String]

  init() throws {
    let started = try Self.script("start", folder)
    try #require(started.status == 0, "\(started.messages)")
    environment = ["SLURM_CONF": folder.file("slurm.conf")]
  }

  deinit {
    _ = try? Self.script("stop", folder)
  }

  private static func script(_ verb: String, _ folder: TemporaryFolder) throws -> Program.Result {
    try Program.start(tool: ["scripts/slurm_cluster.sh", verb, folder.path]).wait()
  }

  /// The tasks of arrays that Slurm knows, also those that are over: `1_0|RUNNING`.
  func tasks() throws -> [String] {
    try Program.start(
      tool: ["squeue", "-h", "--array", "--states=all", "--format=%F_%K|%T"],
      environment: environment
    ).wait().output.split(separator: "\n").map(String.init).filter { !$0.contains("N/A") }
  }

  /// Kills the node's daemon and all that it started, as if somebody pulled the plug.
  func loseNode() throws {
    let daemon = try String(contentsOfFile: folder.file("slurmd.pid"), encoding: .utf8)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    kill(try #require(Int32(daemon)), SIGKILL)
    let steps = try Program.start(tool: ["ps", "-eo", "pid=,ppid=,args="]).wait().output
      .split(separator: "\n").map { $0.split(separator: " ", maxSplits: 2).map(String.init) }
    let parents = steps.filter { $0.count == 3 && $0[2].hasPrefix("slurmstepd:") }.map { $0[0] }
    // The runs, and the slurmstepd above each.
    for step in steps where step.count == 3 && step[2].contains(folder.path) {
      guard parents.contains(step[1]) else { continue }
      for process in [step[1], step[0]].compactMap({ Int32($0) }) { kill(process, SIGKILL) }
    }
    // What the controller would find out by itself, in minutes.
    let name = try Program.start(tool: ["hostname", "-s"]).wait().lastLine
    let told = try Program.start(
      tool: ["scontrol", "update", "NodeName=\(name)", "State=DOWN", "Reason=lost"],
      environment: environment
    ).wait()
    try #require(told.status == 0, "\(told.messages)")
  }

  /// The last that the daemons and the tasks of a sweep said, for the message of a failure.
  func lastWords(_ sweep: String) -> String {
    let daemons = ["slurmctld.log", "slurmd.log"].map { folder.file($0) }
    let places = (try? FileManager.default.subpathsOfDirectory(atPath: sweep)) ?? []
    let tasks = places.filter { $0.hasSuffix(".txt") || $0.hasSuffix(".log") }
      .map { sweep + "/" + $0 }
    return (daemons + tasks).map { file in
      let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? "cannot be read"
      return "\n--- \(file)\n" + text.split(separator: "\n").suffix(40).joined(separator: "\n")
    }.joined()
  }

  func restartNode() throws {
    let restarted = try Self.script("restart-node", folder)
    try #require(restarted.status == 0, "\(restarted.messages)")
  }
}

private func events(_ kind: String, in sweep: String) -> [JSONValue] {
  let text = (try? String(contentsOfFile: sweep + "/ledger.jsonl", encoding: .utf8)) ?? ""
  return text.split(separator: "\n").compactMap { line in
    let event = try? JSONValue.parse(Array(line.utf8), path: "ledger.jsonl")
    return event?["event"]?.string == kind ? event : nil
  }
}

@Suite("A sweep on a Slurm cluster", .needs(.slurm), .needs(.slurmJobs), .timeLimit(.minutes(10)))
struct SlurmTests {
  @Test func `goes on with a task that was killed, to the bytes of an undisturbed sweep`() throws {
    let cluster = try Cluster()
    let text = """
      name: clustered
      experiment:
        name: tiny
        dataset: { type: digits, train: 300, test: 20, validation: 60 }
        model: { type: vae, latent: 3, encoder: { type: mlp, hidden: [17], activation: relu } }
        training: { epochs: 150, batch_size: 32 }
        outputs: { images_every: 0 }
      grid: { model.beta: [0.5, 1, 2, 4] }
      slurm: { partition: main, time: 10, memory: 100M, throttle: 2 }
      """
    let file = try cluster.folder.write(text, to: "clustered.yaml")
    let sweep = cluster.folder.file("sweep")
    let running = try Program.start(
      ["sweep", file, "--launcher", "slurm", "--sweep-dir", sweep],
      environment: cluster.environment)
    // The first run, once it has a checkpoint, is killed.
    var victim: Int?
    while victim == nil, running.process.isRunning {
      Thread.sleep(forTimeInterval: 0.05)
      for name in (try? FileManager.default.contentsOfDirectory(atPath: sweep + "/runs")) ?? []
      where name.hasPrefix("0001-") {
        let run = "\(sweep)/runs/\(name)"
        guard FileManager.default.fileExists(atPath: run + "/checkpoints/last.safetensors") else {
          continue
        }
        victim = try JSONValue.read(run + "/run.json")["process"]?["id"]?.int
      }
    }
    kill(Int32(try #require(victim, "\(cluster.lastWords(sweep))")), SIGKILL)
    let result = try running.wait()
    try #require(result.status == 0, "\(result.messages)\(cluster.lastWords(sweep))")
    let ledger = try String(contentsOfFile: sweep + "/ledger.jsonl", encoding: .utf8)
    #expect(ledger.contains("\"event\":\"interrupted\""))
    #expect(ledger.contains("\"event\":\"resumed\""))
    try expectUndisturbed(file, sweep, cluster)
  }

  @Test func `finds tasks that nobody wrote down, and goes on after its node was lost`() throws {
    let cluster = try Cluster()
    let text = """
      name: lost
      experiment:
        name: tiny
        dataset: { type: digits, train: 300, test: 20, validation: 60 }
        model: { type: vae, latent: 3, encoder: { type: mlp, hidden: [17], activation: relu } }
        training: { epochs: 200, batch_size: 32 }
        outputs: { images_every: 0 }
      grid: { model.beta: [0.5, 1] }
      slurm: { partition: main, time: 10, memory: 100M, throttle: 1 }
      """
    let file = try cluster.folder.write(text, to: "lost.yaml")
    let sweep = cluster.folder.file("sweep")
    let command = ["sweep", file, "--launcher", "slurm", "--sweep-dir", sweep]
    let first = try Program.start(command, environment: cluster.environment)
    while try cluster.tasks().isEmpty, first.process.isRunning {}
    kill(first.process.processIdentifier, SIGKILL)
    _ = try first.wait()
    // As if it had been killed before it wrote the array's number down.
    let ledger = sweep + "/ledger.jsonl"
    try String(contentsOfFile: ledger, encoding: .utf8).split(separator: "\n")
      .filter { !$0.contains("\"submitted\"") }.map { $0 + "\n" }.joined()
      .write(toFile: ledger, atomically: true, encoding: .utf8)

    let second = try Program.start(command, environment: cluster.environment)
    while events("adopted", in: sweep).count < 2, second.process.isRunning {
      Thread.sleep(forTimeInterval: 0.05)
    }
    #expect(
      try cluster.tasks().count == 2, "nothing is submitted twice\(cluster.lastWords(sweep))")
    while second.process.isRunning {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: sweep + "/runs")) ?? []
      if names.contains(where: {
        FileManager.default.fileExists(atPath: "\(sweep)/runs/\($0)/checkpoints/last.safetensors")
      }) {
        break
      }
      Thread.sleep(forTimeInterval: 0.05)
    }
    try cluster.loseNode()
    while events("interrupted", in: sweep).isEmpty, second.process.isRunning {
      Thread.sleep(forTimeInterval: 0.1)
    }
    #expect(try cluster.tasks().contains { $0.hasSuffix("NODE_FAIL") })
    try cluster.restartNode()
    let result = try second.wait()
    try #require(result.status == 0, "\(result.messages)\(cluster.lastWords(sweep))")
    #expect(result.messages.contains("interrupted: its node was lost (NODE_FAIL)"))
    #expect(events("started", in: sweep).count == 2, "no point was begun twice")
    try expectUndisturbed(file, sweep, cluster)
  }

  @Test func `goes on after a time-out, and gives up a point that gets no further`() throws {
    let cluster = try Cluster()
    let text = """
      name: timed
      experiment:
        name: tiny
        dataset: { type: digits, train: 300, test: 20, validation: 60 }
        model: { type: vae, latent: 3, encoder: { type: mlp, hidden: [17], activation: relu } }
        training: { epochs: 150, batch_size: 32 }
        outputs: { images_every: 0 }
      grid: { model.beta: [0.5] }
      slurm: { partition: main, time: 1, memory: 100M }
      """
    let file = try cluster.folder.write(text, to: "timed.yaml")
    let sweep = cluster.folder.file("sweep")
    let command = ["sweep", file, "--launcher", "slurm", "--sweep-dir", sweep]
    // Every task is cancelled before it can do anything: three times, and that is it.
    let hopeless = try Program.start(command, environment: cluster.environment)
    while hopeless.process.isRunning {
      let waiting = try cluster.tasks().first { task in
        ["PENDING", "RUNNING"].contains { task.hasSuffix($0) }
      }
      if let task = waiting?.split(separator: "|").first {
        _ = try Program.start(
          tool: ["scancel", "--signal=KILL", "--full", String(task)],
          environment: cluster.environment
        ).wait()
        _ = try Program.start(
          tool: ["scancel", String(task)], environment: cluster.environment
        ).wait()
      }
    }
    let given = try hopeless.wait()
    #expect(given.status == 70)
    #expect(
      given.messages.contains("given up: 3 starts in a row made no progress"), "\(given.messages)")
    #expect(given.messages.contains("1 not finished. To continue: expt sweep \(file)"))
    #expect(events("submitted", in: sweep).count == 3)

    // A run that is held up until Slurm asks it to stop, its minute being nearly over: it saves.
    let running = try Program.start(command, environment: cluster.environment)
    var stopped: Int?
    while stopped == nil, running.process.isRunning {
      Thread.sleep(forTimeInterval: 0.02)
      for name in (try? FileManager.default.contentsOfDirectory(atPath: sweep + "/runs")) ?? [] {
        let run = "\(sweep)/runs/\(name)"
        if FileManager.default.fileExists(atPath: run + "/checkpoints/last.safetensors") {
          stopped = try JSONValue.read(run + "/run.json")["process"]?["id"]?.int
        }
      }
    }
    kill(Int32(try #require(stopped, "\(cluster.lastWords(sweep))")), SIGSTOP)
    let result = try running.wait()
    try #require(result.status == 0, "\(result.messages)\(cluster.lastWords(sweep))")
    #expect(
      result.messages.contains("interrupted: it was asked to stop, by hand or before"),
      "\(result.messages)")
    try expectUndisturbed(file, sweep, cluster)
  }

  /// Each run has the bytes that it has on this machine, without a cluster.
  private func expectUndisturbed(_ file: String, _ sweep: String, _ cluster: Cluster) throws {
    let here = cluster.folder.file("here")
    let local = try Program.run(["sweep", file, "--jobs", "2", "--sweep-dir", here])
    try #require(local.status == 0, "\(local.messages)")
    let names = try FileManager.default.contentsOfDirectory(atPath: here + "/runs").sorted()
    #expect(try FileManager.default.contentsOfDirectory(atPath: sweep + "/runs").sorted() == names)
    for name in names {
      for part in ["metrics.csv", "checkpoints/last.state.safetensors"] {
        #expect(
          try SHA256.hex(ofFile: "\(sweep)/runs/\(name)/\(part)")
            == SHA256.hex(ofFile: "\(here)/runs/\(name)/\(part)"))
      }
    }
  }
}
