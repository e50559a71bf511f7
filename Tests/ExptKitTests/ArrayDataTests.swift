import ExptFiles
import ExptTestSupport
import Foundation
import Testing

/// Forty images of 4×4 in an archive, each of one brightness that its label says, mixed and divided.
private struct ArrayRun {
  let folder = TemporaryFolder()
  var path: String { folder.file("run") }

  private static let experiment = """
    dataset: { type: npz, path: PATH, test: 0.29, validation: 0.1 }
    model: { type: ae, latent: 2, likelihood: gaussian, encoder: { type: mlp, hidden: [5] } }
    training: { epochs: 2, batch_size: 16 }
    outputs: { images_every: 0 }
    """

  init(arguments: [String] = []) throws {
    let levels = (0..<40).map { UInt8(100 + $0) }
    let archive = folder.file("a.npz")
    try NPZ.write(
      [
        (
          "images",
          NPYArray(shape: [40, 4, 4], uint8s: levels.flatMap { [UInt8](repeating: $0, count: 16) })
        ),
        ("labels", NPYArray(shape: [40], int64s: levels.map { Int64($0) })),
      ], to: archive)
    let text = Self.experiment.replacingOccurrences(of: "PATH", with: archive)
    let file = try folder.write(text, to: "it.yaml")
    let result = try Program.run(["run", file, "--run-dir", path, "--quiet"] + arguments)
    try #require([0, 130].contains(result.status), "\(result.messages)")
  }

  func manifest() throws -> JSONValue { try JSONValue.read(path + "/run.json") }
}

@Suite("Arrays on the command line")
struct ArrayDataTests {
  @Test func `encode says where each image stands in the file, in the file's order`() throws {
    let run = try ArrayRun()
    var seen: [Double] = []
    for (split, count) in [("train", 25), ("validation", 3), ("test", 12)] {
      let result = try Program.run(["encode", run.path, "--split", split])
      let paths = result.output.split(separator: "\n").map(String.init)
      try #require(paths.count == 2, "\(result.messages)")
      let table = try CSVTable.read(paths[1])
      let index = try #require(table.numbers("index"))
      #expect(index.count == count && index == index.sorted())
      #expect(table.numbers("label") == index.map { 100 + $0 })
      let arrays = try NPZ.read(paths[0])
      #expect(arrays.first { $0.name == "index" }?.array.doubles == index)
      #expect(arrays.first { $0.name == "labels" }?.array.doubles == index.map { 100 + $0 })
      // Brighter images have codes further along a line, so rows and codes belong together.
      let codes = try #require(table.numbers("mean_0"))
      #expect(codes == codes.sorted() || codes == codes.sorted(by: >))
      seen += index
    }
    #expect(seen.sorted() == (0..<40).map(Double.init))
  }

  @Test func `run.json counts the test images, though training loads none`() throws {
    let data = try ArrayRun().manifest()["dataset"]
    #expect(data?["test"]?.int == 12)
    #expect(data?["training"]?.int == 25 && data?["validation"]?.int == 3)
  }

  @Test func `data with and without labels are the same data`() throws {
    let with = try ArrayRun()
    let without = try ArrayRun(arguments: ["--set", "dataset.labels=null"])
    let fingerprints = try [with, without].map { try $0.manifest()["dataset"]?["fingerprint"] }
    #expect(fingerprints[0] == fingerprints[1])
    let compared = try Program.run(["compare", with.path, without.path])
    #expect(!(compared.output + compared.messages).contains("different data"))
  }

  @Test func `a run of an older version goes on with the data as they were read then`() throws {
    let run = try ArrayRun(arguments: ["--pause-after", "1", "--set", "dataset.test=0.25"])
    var manifest = try #require(try run.manifest().object)
    var data = try #require(manifest["dataset"]?.object)
    data["fingerprint"] = data["fingerprint_with_labels"]
    data["fingerprint_with_labels"] = nil
    data["edition"] = nil
    manifest["dataset"] = .object(data)
    try AtomicFile.write(JSONValue.object(manifest).pretty, to: run.path + "/run.json")
    // Older versions wrote the default, to look for the usual names, as null.
    let resolved = try String(contentsOfFile: run.path + "/resolved.yaml", encoding: .utf8)
    try resolved.replacingOccurrences(of: " labels: auto", with: " labels: null")
      .write(toFile: run.path + "/resolved.yaml", atomically: true, encoding: .utf8)
    let resumed = try Program.run(["run", "--resume", run.path, "--quiet"])
    #expect(resumed.status == 0, "\(resumed.messages)")
    let evaluated = try Program.run(["evaluate", run.path])
    #expect(evaluated.status == 0)
    #expect(!evaluated.messages.contains("NOT THOSE"))
  }

  @Test func `what is said about the data is in the log, too`() throws {
    let folder = TemporaryFolder()
    let bits = (0..<160).map { UInt8($0 / 3 % 2) }
    try NPYArray(shape: [10, 4, 4], uint8s: bits).write(to: folder.file("x.npy"))
    let file = try folder.write(
      """
      dataset: { type: npy, images: \(folder.file("x.npy")) }
      model: { type: ae, latent: 2, encoder: { type: mlp, hidden: [5] } }
      training: { epochs: 1, batch_size: 5 }
      """, to: "it.yaml")
    let result = try Program.run(["run", file, "--run-dir", folder.file("run"), "--quiet"])
    let sentence = "its whole numbers are only 0 and 1, and are read as black and white"
    #expect(result.messages.contains(sentence))
    let log = try String(contentsOfFile: folder.file("run/log.txt"), encoding: .utf8)
    #expect(log.contains(sentence))
  }

  @Test func `check refuses a division that leaves nothing, at its line`() throws {
    let folder = TemporaryFolder()
    try NPYArray(shape: [10, 4, 4], uint8s: [UInt8](repeating: 200, count: 160))
      .write(to: folder.file("x.npy"))
    let file = try folder.write(
      """
      dataset: { type: npy, images: \(folder.file("x.npy")), test: 0.5, validation: 5 }
      model: { type: ae, latent: 2, encoder: { type: mlp, hidden: [5] } }
      """, to: "it.yaml")
    let result = try Program.run(["check", file])
    #expect(result.status == 65)
    #expect(result.messages.contains("it.yaml:1:"))
    #expect(result.messages.contains("'validation: 5' leaves no image to train on: there are 5"))
    #expect(try Program.run(["check", file, "--set", "dataset.validation=4"]).status == 0)
  }
}
