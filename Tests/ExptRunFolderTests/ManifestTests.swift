import ExptFiles
import ExptTestSupport
import Testing

@testable import ExptRunFolder

@Suite("Manifests")
struct ManifestTests {
  static let sample: Manifest = {
    var manifest = Manifest(
      name: "vae_mnist", seed: .max, versions: .init(expt: "0.1.0", swift: "6.3"),
      git: GitState(commit: "1234abcd", isDirty: true),
      machine: Machine(
        host: "box", processor: "CPU", cores: 2, memory: 1 << 34, system: "Debian"),
      threads: 2, instructionSet: "avx512",
      dataset: .init(
        name: "digits", fingerprint: "00ff", training: 6, validation: 1, test: 2,
        shape: [1, 28, 28], substitutedFor: "mnist", substitutionReason: "no network"),
      model: "vae", likelihood: "bernoulli", parameterCount: 652_824,
      created: Timestamp(seconds: 1_769_903_948),
      process: ProcessRecord(id: 77, host: "box", boot: "b"))
    manifest.started = Timestamp(seconds: 1_769_903_949)
    manifest.secondsTrained = 1.5
    manifest.lastMetrics = .init(
      epoch: 2, step: 940, values: [.init("train_loss", 105.25), .init("kl", .nan)])
    manifest.diagnosis = ["All is well."]
    manifest.resumptions = [
      .init(
        time: Timestamp(seconds: 1_769_903_999), epoch: 1, step: 470, after: .interrupted,
        host: "box")
    ]
    return manifest
  }()

  static let text = """
    {
      "status": "running",
      "name": "vae_mnist",
      "seed": 18446744073709551615,
      "versions": {
        "format": 2,
        "expt": "0.1.0",
        "swift": "6.3"
      },
      "git": {
        "commit": "1234abcd",
        "dirty": true
      },
      "machine": {
        "host": "box",
        "processor": "CPU",
        "cores": 2,
        "memory": 17179869184,
        "system": "Debian"
      },
      "threads": 2,
      "instruction_set": "avx512",
      "precision": "float32",
      "dataset": {
        "name": "digits",
        "fingerprint": "00ff",
        "fingerprint_with_labels": null,
        "edition": 1,
        "training": 6,
        "validation": 1,
        "test": 2,
        "shape": [1,28,28],
        "substituted_for": "mnist",
        "substitution_reason": "no network"
      },
      "model": "vae",
      "likelihood": "bernoulli",
      "parameters": 652824,
      "created": "2026-01-31T23:59:08Z",
      "started": "2026-01-31T23:59:09Z",
      "finished": null,
      "seconds_trained": 1.5,
      "last": {
        "epoch": 2,
        "step": 940,
        "metrics": {
          "train_loss": 105.25,
          "kl": "NaN"
        }
      },
      "best": null,
      "process": {
        "id": 77,
        "host": "box",
        "boot": "b"
      },
      "failure": null,
      "diagnosis": ["All is well."],
      "resumptions": [
        {
          "time": "2026-01-31T23:59:59Z",
          "epoch": 1,
          "step": 470,
          "after": "interrupted",
          "host": "box"
        }
      ]
    }

    """

  private func parse(_ text: String) throws -> Manifest {
    let json = try JSONValue.parse(Array(text.utf8), path: "run.json")
    return try Manifest(json, path: "run.json")
  }

  @Test func `keep where the data were, and read older runs that do not say`() throws {
    var manifest = Self.sample
    #expect(manifest.dataset.workingFolder == nil && manifest.dataset.dataFolder == nil)
    manifest.dataset.workingFolder = "/home/ada"
    manifest.dataset.dataFolder = "/data"
    let read = try Manifest(manifest.json, path: "run.json")
    #expect(read.dataset == manifest.dataset)
    #expect(read.json["dataset"]?["working_folder"]?.string == "/home/ada")
  }

  @Test func `are written in this form and read back the same`() throws {
    let folder = TemporaryFolder()
    let run = try RunFolder.exact(folder.file("a"))
    try run.write(Self.sample)
    #expect(try FileBytes.readText(run.manifestFile) == Self.text)
    let read = try run.readManifest()
    #expect(read.json.pretty == Self.text)
    #expect(read.seed == .max)
    #expect(read.lastMetrics?["train_loss"] == 105.25)
    #expect(read.lastMetrics?["kl"]?.isNaN == true)
    #expect(read.dataset == Self.sample.dataset && read.machine == Self.sample.machine)
    #expect(read.git == Self.sample.git && read.process == Self.sample.process)
    #expect(read.resumptions == Self.sample.resumptions)
  }

  @Test func `keep what newer versions put in them`() throws {
    let newer = Self.text.replacing("\"format\": 2,", with: "\"format\": 9, \"engine\": 2,")
      .replacing("\"threads\": 2,", with: "\"threads\": 2, \"colour\": [1.50],")
    var manifest = try parse(newer)
    #expect(manifest.versions.format == 9)
    manifest.status = .finished
    manifest.failure = "x"
    let json = manifest.json
    #expect(json["versions"]?["engine"]?.int == 2)
    #expect(json["colour"]?.compact == "[1.50]")
    #expect(json["status"]?.string == "finished")
    #expect(json["failure"]?.string == "x")
  }

  @Test func `that lack what is not essential can be read`() throws {
    let manifest = try parse(
      #"{"status": "failed", "name": "a", "versions": {"format": 1}, "threads": "many"}"#)
    #expect(manifest.status == .failed)
    #expect(manifest.threads == 0 && manifest.lastMetrics == nil && manifest.diagnosis.isEmpty)
  }

  @Test(arguments: [
    ("[]", "it is not a JSON object"), ("{}", "it has no 'name'"),
    (#"{"name": "a"}"#, "it has no 'versions.format'"),
    (#"{"name": "a", "versions": {"format": 1}}"#, "it has no 'status'"),
    (
      #"{"name": "a", "versions": {"format": 1}, "status": "asleep"}"#,
      "its status 'asleep' is not one of running, finished, interrupted, failed"
    ),
  ])
  func `that are none are refused`(text: String, what: String) {
    let problem = #expect(throws: FileProblem.self) { try parse(text) }
    #expect(problem?.message == "this is not a run's manifest: \(what).")
  }

  @Test func `damaged anywhere are read or refused`() throws {
    let bytes = Array(Self.text.utf8)
    for place in bytes.indices {
      for replacement: UInt8 in [0x30, 0x22, 0x5b, 0x7d, 0xff] {
        var damaged = bytes
        damaged[place] = replacement
        guard let json = try? JSONValue.parse(damaged, path: "a") else { continue }
        _ = (try? Manifest(json, path: "a"))?.json.pretty
      }
    }
  }
}
