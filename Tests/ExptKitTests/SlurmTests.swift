import ExptFiles
import Foundation
import Testing

/// A Slurm cluster of this one machine, stopped with the object.
private final class Cluster {
  let folder = TemporaryFolder()
  let environment: [String: String]

  /// Whether the daemons are here, and may be started.
  static let isPossible: Bool = {
    let paths = ["/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/sbin/munged", "/usr/bin/sbatch"]
    return geteuid() == 0 && paths.allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  init() throws {
    // Not waited for: the daemons keep open what Foundation waits on.
    let running = try Program.start(tool: ["sh", "scripts/slurm_cluster.sh", "start", folder.path])
    for _ in 0..<600 where !FileManager.default.fileExists(atPath: folder.file("ready")) {
      Thread.sleep(forTimeInterval: 0.1)
    }
    try #require(
      FileManager.default.fileExists(atPath: folder.file("ready")), "\(running.messagesSoFar)")
    environment = ["SLURM_CONF": folder.file("slurm.conf")]
  }

  deinit {
    _ = try? Program.start(tool: ["sh", "scripts/slurm_cluster.sh", "stop", folder.path]).wait()
  }
}

@Suite("A sweep on a Slurm cluster") struct SlurmTests {
  @Test(
    .enabled(
      if: Cluster.isPossible,
      "install slurmctld, slurmd and munge, and be root, to test with the real Slurm"),
    .timeLimit(.minutes(4)))
  func `goes on with a task that was killed, to the bytes of an undisturbed sweep`() throws {
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
    kill(Int32(try #require(victim)), SIGKILL)
    let result = try running.wait()
    try #require(result.status == 0, "\(result.messages)")
    let ledger = try String(contentsOfFile: sweep + "/ledger.jsonl", encoding: .utf8)
    #expect(ledger.contains("\"event\":\"interrupted\""))
    #expect(ledger.contains("\"event\":\"resumed\""))
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
