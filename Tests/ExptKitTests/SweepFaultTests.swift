import ExptFiles
import ExptTestSupport
import Foundation
import Testing

/// A tiny experiment to vary.
private let base = """
  name: tiny
  experiment:
    name: tiny
    dataset: { type: digits, train: 64, test: 8, validation: 16 }
    model: { type: vae, latent: 2, encoder: { type: mlp, hidden: [4] } }
    training: { epochs: 2, batch_size: 16 }
    outputs: { images_every: 0, summary: false }

  """

private func json(_ text: String) throws -> JSONValue {
  try JSONValue.parse(Array(text.utf8), path: "stdout")
}

@Suite("A sweep that meets trouble") struct SweepFaultTests {
  @Test func `stops at a run that cannot write, and goes on when it can`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(base + "grid: { model.latent: [1, 2, 3] }", to: "full.yaml")
    let sweep = folder.file("sweep")
    let plan = try Program.run(["sweep", file, "--dry-run", "--json"])
    let names = try #require(try json(plan.output).array?.compactMap { $0["name"]?.string })
    // A file where the second run's folder should be: it ends with 74, as on a full disk.
    try FileManager.default.createDirectory(
      atPath: sweep + "/runs", withIntermediateDirectories: true)
    let obstacle = try folder.write("", to: "sweep/runs/\(names[1])")
    let command = ["sweep", file, "--threads", "1", "--sweep-dir", sweep, "--json"]
    let first = try Program.run(command)
    #expect(first.status == 74, "\(first.messages)")
    #expect(first.messages.contains("no further runs were started"), "\(first.messages)")
    let states = try json(first.output)["points"]?.array?.compactMap { $0["state"]?.string }
    #expect(states == ["finished", "interrupted", "pending"])
    try FileManager.default.removeItem(atPath: obstacle)
    let second = try Program.run(command)
    #expect(second.status == 0, "\(second.messages)")
    let ended = try json(second.output)["points"]?.array?.compactMap { $0["state"]?.string }
    #expect(ended == ["finished", "finished", "finished"])
  }

  @Test func `that halves ends though nobody wrote down that runs were paused`() throws {
    let folder = TemporaryFolder()
    let text =
      base + "grid: { model.latent: [1, 2, 3, 4] }\n"
      + "search: { type: asha, first_epochs: 1, reduction: 2 }"
    let file = try folder.write(text, to: "halving.yaml")
    let sweep = folder.file("sweep")
    let command = ["sweep", file, "--threads", "1", "--sweep-dir", sweep, "--csv"]
    let whole = try Program.run(command)
    try #require(whole.status == 0, "\(whole.messages)")
    // As if each had been killed between its epoch and the line that says so.
    let ledger = sweep + "/ledger.jsonl"
    try String(contentsOfFile: ledger, encoding: .utf8).split(separator: "\n")
      .filter { !$0.contains("\"paused\"") }.map { $0 + "\n" }.joined()
      .write(toFile: ledger, atomically: true, encoding: .utf8)
    let again = try Program.run(command)
    #expect(again.status == 0, "\(again.messages)")
    #expect(again.output == whole.output)
  }

  @Test func `that searches skips what fits no model, and remembers it`() throws {
    let folder = TemporaryFolder()
    let text = """
      name: combo
      experiment:
        name: tiny
        dataset: { type: digits, train: 32, test: 8, size: 16 }
        model:
          { type: ae, latent: 2, encoder: { type: conv, channels: [4], kernel: 4, padding: 0, hidden: [] } }
        optimizer: { type: adam }
        training: { epochs: 1, batch_size: 16 }
        outputs: { images_every: 0, summary: false }
      search:
        type: tpe
        trials: 5
        startup: 4
        seed: 3
        settings:
          model.encoder.kernel: { choice: [3, 7] }
          model.encoder.channels: { choice: [[4], [4, 4, 4]] }
          optimizer.learning_rate: { log_uniform: [1.0e-4, 1.0e-2] }
      """
    let file = try folder.write(text, to: "combo.yaml")
    let command = ["sweep", file, "--threads", "1", "--sweep-dir", folder.file("sweep"), "--json"]
    let first = try Program.run(command)
    #expect(first.status == 0, "\(first.messages)")
    let result = try json(first.output)
    #expect(result["points"]?.array?.count { $0["state"]?.string == "finished" } == 5)
    let skipped = try #require(result["skipped"]?.array)
    #expect(!skipped.isEmpty)
    for point in skipped {
      #expect(point["settings"]?["model.encoder.kernel"]?.int == 7)
      #expect(point["settings"]?["model.encoder.channels"]?.array?.count == 3)
      #expect(point["reason"]?.string?.contains("does not fit an image") == true)
    }
    #expect(first.messages.contains("that make no valid model"))
    #expect(try Program.run(command).output == first.output, "nothing is left to do")
  }

  @Test func `ranks nothing that compare would not rank`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(base + "grid: { model.beta: [1, 4] }", to: "beta.yaml")
    let command = ["sweep", file, "--threads", "1", "--sweep-dir", folder.file("a"), "--json"]
    let result = try Program.run(command)
    #expect(result.status == 0)
    let reason =
      "the losses weight the KL differently (model.beta 1 and 4): rank by the sum of reconstruction "
      + "and KL, 'metric: validation_negative_elbo' in the sweep file"
    #expect(result.messages.contains("warning: the points will not be ranked: " + reason))
    #expect(result.messages.contains("warning: not ranked: " + reason))
    let summary = try json(result.output)
    #expect(summary["ranked"]?.bool == false)
    #expect(summary["importance"] == .object(JSONObject()))
    let compared = try Program.run(["compare", folder.file("a/runs")])
    #expect(compared.messages.contains("not ranked: the losses weight the KL differently"))

    let better = try folder.write(
      base + "grid: { model.beta: [1, 4] }\nmetric: validation_negative_elbo", to: "elbo.yaml")
    let ranked = try Program.run(
      ["sweep", better, "--threads", "1", "--sweep-dir", folder.file("b"), "--json"])
    #expect(!ranked.messages.contains("ranked"), "\(ranked.messages)")
    #expect(try json(ranked.output)["ranked"]?.bool == true)
  }

  @Test(arguments: [
    ("model.beta: { uniform: [0.5, 4] }", "the losses weight the KL differently"),
    ("model.free_bits: { uniform: [0.1, 0.5] }", "the losses are different bounds"),
    ("model.likelihood: { choice: [bernoulli, gaussian] }", "the runs have different likelihoods"),
    ("dataset.binarization: { choice: [none, threshold] }", "differently binarized images"),
    ("dataset.train: { integer: [60, 64] }", "different data (digits, with different settings)"),
    ("dataset.validation: { integer: [8, 16] }", "split the data differently"),
  ])
  func `says before a search that its metric does not compare`(
    _ setting: String, _ reason: String
  ) throws {
    let folder = TemporaryFolder()
    let text = base + "search: { type: tpe, trials: 3, settings: { \(setting) } }"
    let file = try folder.write(text, to: "search.yaml")
    let result = try Program.run(["sweep", file, "--dry-run"])
    #expect(result.status == 0, "\(result.messages)")
    #expect(
      result.messages.contains(
        "warning: this search ranks points whose metrics are not comparable"),
      "\(result.messages)")
    #expect(result.messages.contains(reason), "\(result.messages)")
  }

  @Test func `of whole numbers on a logarithmic scale says what to write`() throws {
    let folder = TemporaryFolder()
    func dryRun(_ distribution: String) throws -> Program.Result {
      let text =
        base + "random: { count: 4, settings: { training.batch_size: { \(distribution) } } }"
      return try Program.run(["sweep", folder.write(text, to: "log.yaml"), "--dry-run", "--csv"])
    }
    let refused = try dryRun("log_uniform: [4, 64]")
    #expect(refused.status == 65)
    #expect(refused.messages.contains("to draw whole numbers, write log_integer: [4, 64]"))
    #expect(try dryRun("uniform: [4, 64]").messages.contains("write integer: [4, 64]"))
    #expect(try dryRun("log_integer: [4, 64]").status == 0)
  }

  @Test func `has the same points whether seeds are counted or listed in a grid`() throws {
    let folder = TemporaryFolder()
    func identities(_ text: String) throws -> [String] {
      let file = try folder.write(base + text, to: "seeds.yaml")
      let result = try Program.run(["sweep", file, "--dry-run", "--json"])
      return try json(result.output).array?.compactMap { $0["identity"]?.string } ?? []
    }
    let listed = try identities("seeds: [3, 0, 18446744073709551615]")
    #expect(listed.count == 3)
    #expect(try identities("grid: { seed: [3, 0, 18446744073709551615] }") == listed)
  }

  @Test func `and an experiment given to each other's command say what to type`() throws {
    let folder = TemporaryFolder()
    let sweep = try folder.write(base + "seeds: 2", to: "sweep.yaml")
    for command in [["run", sweep], [sweep], ["check", sweep]] {
      let result = try Program.run(command)
      #expect(result.status == 65)
      #expect(result.messages.contains("sweep.yaml:2:1: error: this is a sweep file"))
      #expect(result.messages.contains("type: expt sweep \(sweep)"))
    }
    let experiment = try folder.write(SmallExperiments.vae, to: "vae.yaml")
    let result = try Program.run(["sweep", experiment])
    #expect(result.status == 65)
    #expect(result.messages.contains("vae.yaml:1:1: error: this is an experiment file"))
    #expect(result.messages.contains("type: expt run \(experiment)"))
  }
}

@Suite("A sweep on a cluster with small arrays") struct SlurmArrayTests {
  /// Commands that look like Slurm's and run each task at once.
  private func commands(in folder: TemporaryFolder, refusing: String = "") throws -> [String:
    String]
  {
    let bin = folder.file("bin")
    try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
    let scripts = [
      "sbatch": """
      count=$(cat "$FAKE/count" 2>/dev/null || echo 0)
      \(refusing)
      number=$((count + 101)); echo $((count + 1)) > "$FAKE/count"
      for word; do
        case $word in
          --array=*) array=${word#--array=}; range=${array%%%*}; last=${range##*-} ;;
          --dependency=*) dependency=$word ;;
        esac
        job=$place; place=$word
      done
      echo "$number $array $dependency" >> "$FAKE/arrays"
      for task in $(seq 0 "$last"); do SLURM_ARRAY_TASK_ID=$task sh "$job" "$place"; done
      echo "$number"
      """,
      "squeue": "exit 0", "scancel": "exit 0",
      "scontrol": "echo 'MaxArraySize            = 3'",
    ]
    for (name, text) in scripts {
      let path = try folder.write("#!/bin/bash\n" + text + "\n", to: "bin/" + name)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return ["PATH": bin + ":" + path, "FAKE": folder.path]
  }

  private func run(_ folder: TemporaryFolder, slurm: String, refusing: String = "") throws -> (
    result: Program.Result, arrays: [String]
  ) {
    let text = base + "grid: { model.latent: [1, 2, 3, 4, 5, 6, 7] }\n" + slurm
    let file = try folder.write(text, to: "arrays.yaml")
    let result = try Program.run(
      ["sweep", file, "--launcher", "slurm", "--sweep-dir", folder.file("sweep"), "--csv"],
      environment: commands(in: folder, refusing: refusing))
    let arrays = (try? String(contentsOfFile: folder.file("arrays"), encoding: .utf8)) ?? ""
    return (result, arrays.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
  }

  @Test func `submits several, each within the bound`() throws {
    let (result, arrays) = try run(TemporaryFolder(), slurm: "")
    #expect(result.status == 0, "\(result.messages)")
    #expect(arrays == ["101 0-2", "102 0-2", "103 0-0"])
    #expect(result.output.components(separatedBy: ",finished,").count == 8)
  }

  @Test func `bounds the tasks of all of them by the throttle of one`() throws {
    let (result, arrays) = try run(TemporaryFolder(), slurm: "slurm: { throttle: 2 }")
    #expect(result.status == 0, "\(result.messages)")
    #expect(
      arrays == [
        "101 0-2%2", "102 0-2%2 --dependency=afterany:101", "103 0-0%2 --dependency=afterany:102",
      ])
  }

  @Test func `keeps what was submitted when the cluster takes no more`() throws {
    let folder = TemporaryFolder()
    let refusing = """
      if [ "$count" = 1 ] && [ ! -e "$FAKE/refused" ]; then
        touch "$FAKE/refused"; echo 'sbatch: error: QOSMaxSubmitJobPerUserLimit' >&2; exit 1
      fi
      """
    let file = folder.file("arrays.yaml")
    let running = try Program.start(
      [
        "sweep",
        try folder.write(base + "grid: { model.latent: [1, 2, 3, 4, 5] }", to: "arrays.yaml"),
        "--launcher", "slurm", "--sweep-dir", folder.file("sweep"),
      ], environment: commands(in: folder, refusing: refusing))
    let ledger = folder.file("sweep/ledger.jsonl")
    while running.process.isRunning,
      ((try? String(contentsOfFile: ledger, encoding: .utf8)) ?? "")
        .components(separatedBy: "\"finished\"").count < 4
    { Thread.sleep(forTimeInterval: 0.05) }
    // Stopped while it waits for room: the rest is told as interrupted, not waited for.
    kill(running.process.processIdentifier, SIGINT)
    #expect(try running.wait().status == 130)
    let again = try Program.run(
      ["sweep", file, "--launcher", "slurm", "--sweep-dir", folder.file("sweep"), "--csv"],
      environment: commands(in: folder))
    #expect(again.status == 0, "\(again.messages)")
    #expect(again.output.components(separatedBy: ",finished,").count == 6)
  }
}
