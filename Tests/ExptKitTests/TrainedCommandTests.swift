import ExptFiles
import ExptTestSupport
import Foundation
import Testing

private let vae = """
  dataset: { type: digits, train: 80, validation: 20, test: 30 }
  model: { type: vae, latent: 3, encoder: { type: mlp, hidden: [9] } }
  training: { epochs: 1, batch_size: 16 }
  """

private let ae = vae.replacingOccurrences(of: "type: vae", with: "type: ae")

/// A run that was trained a little.
private struct SmallRun {
  let folder = TemporaryFolder()
  let path: String

  init(_ experiment: String = vae) throws {
    path = folder.file("run")
    let file = try folder.write(experiment, to: "small.yaml")
    let result = try Program.run(["run", file, "--run-dir", path, "--quiet"])
    try #require(result.status == 0, "\(result.messages)")
  }

  /// Every file that training wrote, with its checksum.
  func trainingFiles() throws -> [String: String] {
    var found: [String: String] = [:]
    let names = try FileManager.default.subpathsOfDirectory(atPath: path)
    for name in names where !name.hasPrefix("made") && !FilePath.isFolder("\(path)/\(name)") {
      found[name] = try SHA256.hex(ofFile: "\(path)/\(name)")
    }
    return found
  }
}

@Suite("Commands on a trained run")
struct TrainedCommandTests {
  @Test func `each prints the files it made, in RUN/made, and leaves training's files alone`()
    throws
  {
    let run = try SmallRun()
    let before = try run.trainingFiles()
    func pictures(_ stem: String) -> [String] { [stem + ".pgm", stem + ".png"] }
    let expected = [
      "reconstruct": pictures("reconstructions-test-epoch-0001"),
      "sample --count 10 --seed 7": pictures("samples-seed-7-epoch-0001"),
      "sample --temperature 0.5": pictures("samples-seed-0-temperature-0.5-epoch-0001"),
      "interpolate --pairs 2 --steps 3": pictures("interpolations-test-epoch-0001"),
      "interpolate --spherical --split train": pictures(
        "interpolations-spherical-train-epoch-0001"),
      "traverse --image 4 --steps 5": pictures("traversals-test-4-epoch-0001"),
      "encode --split validation": [
        "codes-validation-epoch-0001.npz", "codes-validation-epoch-0001.csv",
      ],
    ]
    for (words, names) in expected {
      var arguments = words.split(separator: " ").map(String.init)
      arguments.insert(run.path, at: 1)
      let result = try Program.run(arguments)
      #expect(result.status == 0, "\(words): \(result.messages)")
      let lines = result.output.split(separator: "\n").map(String.init)
      #expect(lines == names.map { "\(run.path)/made/\($0)" }, "\(words)")
      for line in lines { #expect(FilePath.exists(line)) }
    }
    #expect(try run.trainingFiles() == before)
  }

  @Test func `pictures have the images they promise`() throws {
    let run = try SmallRun()
    func picture(_ arguments: [String]) throws -> Image8 {
      try Image8.read(Program.run(arguments).lastLine)
    }
    // Images of 28 pixels with one between; 16 columns of pairs, 3 of 9 samples.
    let pairs = try picture(["reconstruct", run.path, "--count", "20"])
    #expect(pairs.width == 16 * 29 - 1 && pairs.height == 4 * 29 - 1)
    let samples = try picture(["sample", run.path, "--count", "9"])
    #expect(samples.width == 3 * 29 - 1 && samples.height == 3 * 29 - 1)
    let ways = try picture(["interpolate", run.path, "--pairs", "3", "--steps", "4"])
    #expect(ways.width == 6 * 29 - 1 && ways.height == 3 * 29 - 1)
    let traversals = try picture(["traverse", run.path, "--steps", "5", "--dimensions", "0,2"])
    #expect(traversals.width == 5 * 29 - 1 && traversals.height == 2 * 29 - 1)
  }

  @Test func `the first pair's original is the first test image`() throws {
    let run = try SmallRun()
    let one = try Image8.read(Program.run(["reconstruct", run.path, "--count", "1"]).lastLine)
    let way = try Image8.read(Program.run(["interpolate", run.path, "--pairs", "1"]).lastLine)
    #expect(one.width == 28 && one.height == 57)
    for y in 0..<28 {
      let original = one.samples[y * 28..<y * 28 + 28]
      #expect(Array(way.samples[y * way.width..<y * way.width + 28]) == Array(original))
    }
  }

  @Test func `evaluate prints the same bytes again, on any number of threads`() throws {
    let run = try SmallRun()
    let arguments = ["evaluate", run.path, "--samples", "7", "--json"]
    let one = try Program.run(arguments + ["--threads", "1"])
    let file = run.folder.file("new/evaluation.json")
    let three = try Program.run(arguments + ["--threads", "3", "-o", file])
    #expect(one.status == 0, "\(one.messages)")
    #expect(one.output == three.output)
    let json = try JSONValue.read(file)
    #expect(json.pretty == one.output)
    #expect(json["samples"]?.int == 7 && json["images"]?.int == 30)
    #expect(json["kl_per_dimension"]?.array?.count == 3)
    let elbo = try #require(json["elbo"]?["mean"]?.double)
    let reconstruction = try #require(json["reconstruction"]?["mean"]?.double)
    let kl = try #require(json["kl"]?["mean"]?.double)
    #expect(abs(elbo + reconstruction + kl) < 1e-9)
    let table = try Program.run(["evaluate", run.path, "--samples", "7"])
    #expect(table.output.contains("importance-weighted NLL, k = 7"))
    #expect(table.output.contains("30 test images of digits, nats per image"))
  }

  @Test func `codes can be read as NPZ and as CSV, with their labels`() throws {
    let run = try SmallRun()
    let result = try Program.run(["encode", run.path, "--limit", "12", "-o", run.folder.file("c")])
    let paths = result.output.split(separator: "\n").map(String.init)
    try #require(paths.count == 2, "\(result.messages)")
    let arrays = try NPZ.read(paths[0])
    #expect(arrays.map(\.name).prefix(3) == ["mean", "log_variance", "labels"])
    #expect(arrays[0].array.shape == [12, 3] && arrays[1].array.shape == [12, 3])
    let table = try CSVTable.read(paths[1])
    #expect(table.rows.count == 12)
    #expect(table.numbers("label") == arrays[2].array.doubles)
    // The shortest text that reads back as the same Float.
    let means = try #require(table.numbers("mean_2")).map { Float($0) }
    #expect(means == stride(from: 2, to: 36, by: 3).map { arrays[0].array.floats[$0] })
  }

  @Test func `an autoencoder has a reconstruction and no samples`() throws {
    let run = try SmallRun(ae)
    let refused = try Program.run(["sample", run.path])
    #expect(refused.status == 65)
    #expect(refused.messages.contains("it has no prior to sample from"))
    #expect(!FilePath.exists(run.path + "/made"))
    let result = try Program.run(["evaluate", run.path, "--json"])
    #expect(result.output.contains("\"reconstruction\""))
    #expect(!result.output.contains("\"elbo\""))
    #expect(try Program.run(["traverse", run.path]).status == 0)
    let encoded = try Program.run(["encode", run.path])
    let path = try #require(encoded.output.split(separator: "\n").first.map(String.init))
    #expect(try NPZ.read(path).map(\.name).prefix(2) == ["mean", "labels"])
  }

  @Test func `what cannot be done ends with a sentence and its exit code`() throws {
    let run = try SmallRun()
    let before = try run.trainingFiles()
    let cases: [(arguments: [String], status: Int32, sentence: String)] = [
      (["evaluate", run.path + "-no"], 66, "there is no such run folder"),
      (["evaluate", run.folder.path], 65, "Did you mean \(run.path)?"),
      (["evaluate"], 64, "missing expected argument '<run>'"),
      (["evaluate", run.path, "--checkpoint", "4"], 66, "available: best, last, epoch-000"),
      (["evaluate", run.path, "--checkpoint", "newest"], 64, "write best, last, an epoch's"),
      (["evaluate", run.path, "--samples", "0"], 64, "--samples 0: it must be from 1"),
      (["evaluate", run.path, "--split", "all"], 64, "'test', 'validation' or 'train'"),
      (["evaluate", run.path, "--threads", "0"], 64, "--threads must be from 1 to 1024"),
      (["evaluate", run.path, "-o", run.path + "/run.json"], 64, "holds what training wrote"),
      (["sample", run.path, "-o", run.path + "/images"], 64, "holds what training wrote"),
      (["sample", run.path, "-o", run.path + "/images/../checkpoints/"], 64, "training wrote"),
      (["sample", run.path, "-o", run.path + "/run.json"], 74, "a folder is needed here"),
      (["sample", run.path, "--count", "0"], 64, "--count 0: it must be from 1"),
      (["sample", run.path, "--temperature", "nan"], 64, "--temperature nan"),
      (["interpolate", run.path, "--steps", "1"], 64, "--steps 1: it must be from 2"),
      (["traverse", run.path, "--image", "30"], 64, "there are 30 test images, counted from 0"),
      (["traverse", run.path, "--dimensions", "1,3"], 64, "the latents have 3 dimensions"),
      (["traverse", run.path, "--dimensions", "1,,2"], 64, "numbers from 0 with commas"),
    ]
    for (arguments, status, sentence) in cases {
      let result = try Program.run(arguments)
      #expect(result.status == status, "\(arguments): \(result.messages)")
      #expect(result.messages.contains(sentence), "\(arguments): \(result.messages)")
      #expect(result.output == "")
    }
    #expect(try run.trainingFiles() == before)
  }

  @Test func `a damaged checkpoint is said to be damaged`() throws {
    let run = try SmallRun()
    let file = run.path + "/checkpoints/last.safetensors"
    let bytes = try FileBytes.read(file)
    try AtomicFile.write(Array(bytes.dropLast(40)), to: file)
    let result = try Program.run(["sample", run.path, "--checkpoint", "last"])
    #expect(result.status == 65)
    #expect(result.messages.contains("last.safetensors"))
  }

  @Test func `samples need no data, and evaluation says what is missing`() throws {
    let run = try SmallRun()
    let resolved = run.path + "/resolved.yaml"
    let text = try String(contentsOfFile: resolved, encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    // The dataset becomes one that is nowhere.
    var kept: [Substring] = []
    var isDataset = false
    for line in lines {
      if line.hasPrefix("dataset:") {
        isDataset = true
        kept.append("dataset: { type: mnist, root: /nowhere }")
      } else if !line.hasPrefix(" ") {
        isDataset = false
      }
      if !isDataset { kept.append(line) }
    }
    try AtomicFile.write(kept.joined(separator: "\n"), to: resolved)
    #expect(try Program.run(["sample", run.path]).status == 0)
    let result = try Program.run(["evaluate", run.path])
    #expect(result.status == 66)
    #expect(result.messages.contains("/nowhere"))
  }

  @Test func `a folder of format 1, without origins.json, serves every command`() throws {
    let run = try SmallRun()
    try FilePath.remove(run.path + "/origins.json")
    let manifest = try FileBytes.readText(run.path + "/run.json")
    try #require(manifest.contains("\"format\": 2"))
    try AtomicFile.write(
      manifest.replacing("\"format\": 2", with: "\"format\": 1"), to: run.path + "/run.json")
    let page = run.folder.file("page.html")
    for arguments in [
      ["runs", run.path], ["compare", run.path], ["diff", run.path, run.path],
      ["report", run.path, "-o", page], ["sample", run.path], ["evaluate", run.path, "-s2"],
      ["run", "--resume", run.path], ["run", "--resume", run.path, "training.epochs=2"],
    ] {
      let result = try Program.run(arguments)
      #expect(result.status == 0, "\(arguments): \(result.messages)")
      #expect(!result.messages.contains("origins.json"), "\(arguments): \(result.messages)")
    }
    #expect(try FileBytes.readText(page).contains("not recorded"))
  }
}
