import ExptFiles
import ExptTestSupport
import Foundation
import Testing

private let small = """
  name: small
  dataset: { type: digits, train: 60, validation: 20, test: 30 }
  model: { type: vae, latent: 3, encoder: { type: mlp, hidden: [5] } }
  training: { epochs: 1, batch_size: 16 }
  """

/// A run in a folder with room for what commands make of it.
private struct Made {
  let folder = TemporaryFolder()
  let path: String

  init(_ settings: [String] = []) throws {
    path = folder.file("run")
    let file = try folder.write(small, to: "small.yaml")
    let result = try Program.run(["run", file, "--run-dir", path, "-q"] + settings)
    try #require(result.status == 0, "\(result.messages)")
  }

  func run(_ words: String, _ output: String, _ more: [String] = []) throws -> Program.Result {
    var arguments = words.split(separator: " ").map(String.init)
    arguments.insert(path, at: 1)
    return try Program.run(arguments + ["-o", folder.file(output)] + more)
  }
}

@Suite("Files that commands write")
struct WrittenFileTests {
  @Test(arguments: [
    ("sample", "s.png"), ("sample", "folder"), ("reconstruct", "r.pgm"), ("reconstruct --npz", "r"),
    ("interpolate --pairs 1", "i.png"), ("traverse --steps 2", "t"), ("encode", "c.npz"),
    ("encode", "c.csv"), ("encode", "c"), ("evaluate -s1", "e.json"), ("report", "r.html"),
    ("compare", "c.html"), ("export --format npz", "w.npz"), ("export --format safetensors", "w"),
    ("export --format onnx", "o"), ("export --format tensorboard", "t"),
  ])
  func `are never written over without --force`(_ words: String, _ output: String) throws {
    let made = try Made()
    let first = try made.run(words, output)
    #expect(first.status == 0, "\(first.messages)")
    let path = made.folder.file(output)
    let written =
      FilePath.isFolder(path) ? try FilePath.names(in: path).map { "\(path)/\($0)" } : [path]
    #expect(!written.isEmpty)
    for file in written { try AtomicFile.write("mine", to: file) }

    let refused = try made.run(words, output)
    #expect(refused.status == 64 && refused.output.isEmpty, "\(refused)")
    #expect(refused.messages.contains("--force"), "\(refused.messages)")
    for file in written { #expect(try FileBytes.readText(file) == "mine") }

    let forced = try made.run(words, output, ["--force"])
    #expect(forced.status == 0, "\(forced.messages)")
    for file in written { #expect(try FileBytes.read(file) != Array("mine".utf8)) }
  }

  @Test func `one by its ending, or those of a folder`() throws {
    let made = try Made()
    #expect(try made.run("sample", "a.png").lastLine == made.folder.file("a.png"))
    #expect(!FilePath.exists(made.folder.file("a.pgm")))
    #expect(try made.run("encode", "deep/er/c.csv").output.split(separator: "\n").count == 1)
    #expect(try made.run("report", "").lastLine == made.folder.file("report.html"))
    for (words, output) in [
      ("sample", "s.jpg"), ("encode", "c.png"), ("export --format onnx", "m.onnx"),
      ("reconstruct --npz", "r.png"), ("sample", "s.ppm"),
    ] {
      let result = try made.run(words, output)
      #expect(result.status == 64 && result.messages.contains("name a"), "\(result.messages)")
      #expect(!FilePath.exists(made.folder.file(output)))
    }
    let page = try Program.run(["report", made.path, "-o", made.path + "/run.json", "-f"])
    #expect(page.status == 64 && page.messages.contains("holds what training wrote"))
  }

  @Test func `in RUN made may be made again, and are both PGM and PNG`() throws {
    let made = try Made()
    for _ in 0..<2 {
      let result = try Program.run(["sample", made.path, "-n", "4"])
      #expect(result.output.split(separator: "\n").map { $0.suffix(4) } == [".pgm", ".png"])
    }
    let only = try Made(["outputs.image_formats=[pgm]"])
    #expect(try Program.run(["sample", only.path]).output.split(separator: "\n").count == 1)
    #expect(try Program.run(["sample", only.path, "--png"]).lastLine.hasSuffix(".png"))
  }

  @Test func `samples are laid out as a square, traversals in the order asked for`() throws {
    let made = try Made()
    let samples = try Image8.read(made.run("sample -s400", "s.png").lastLine)
    #expect(samples.width == 20 * 29 - 1 && samples.height == 20 * 29 - 1)
    func rows(_ list: String) throws -> [[UInt8]] {
      let result = try made.run("traverse --steps 2 --dimensions \(list)", "t.pgm", ["-f"])
      let picture = try Image8.read(result.lastLine)
      return stride(from: 0, to: picture.height, by: 29).map { top in
        Array(picture.samples[top * picture.width..<(top + 28) * picture.width])
      }
    }
    let one = try (0..<3).map { try rows("\($0)")[0] }
    #expect(Set(one).count == 3)
    #expect(try rows("2,0,1") == [one[2], one[0], one[1]])
    #expect(try rows("1,2") == [one[1], one[2]])
    let all = try Program.run(["traverse", made.path, "--dimensions", "2,0"])
    let table = all.messages.split(separator: "\n").suffix(2)
    #expect(table.map { $0.split(separator: " ")[1] } == ["2", "0"])
  }
}

@Suite("Pictures in a run folder")
struct ImageFormatTests {
  @Test func `are PGM and PNG with the same pixels, and read by reports and TensorBoard`() throws {
    let both = try Made(["outputs.also=[traversals]"])
    let names = try FilePath.names(in: both.path + "/images")
    #expect(names.count == 6)
    for name in names where name.hasSuffix(".pgm") {
      let path = "\(both.path)/images/\(name.dropLast(4))"
      #expect(try Image8.read(path + ".pgm") == Image8.read(path + ".png"))
    }
    let png = try Made(["outputs.image_formats=[png]", "outputs.also=[traversals]"])
    #expect(try FilePath.names(in: png.path + "/images").allSatisfy { $0.hasSuffix(".png") })
    #expect(try png.run("report", "r.html").status == 0)
    #expect(try FileBytes.readText(png.folder.file("r.html")).contains("Reconstructions"))
    // Three pictures each, whatever they were written as.
    for run in [both, png] {
      let events = try FileBytes.read(run.run("export --format tensorboard", "events").lastLine)
      #expect(events.indices.count { events[$0...].starts(with: [0x89, 0x50, 0x4e, 0x47]) } == 3)
      let store = try run.run("export --format mlflow", "store").lastLine
      #expect(try FilePath.names(in: store + "/artifacts/images").count == 3)
    }
  }

  @Test func `need a format, each once`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(small, to: "small.yaml")
    for (value, sentence) in [
      ("[]", "pictures need a format"), ("[png, png]", "twice"), ("[gif]", "one of pgm, png"),
      ("[ppm]", "did you mean 'pgm'?"),
    ] {
      let result = try Program.run(["check", file, "outputs.image_formats=\(value)"])
      #expect(result.status == 65 && result.messages.contains(sentence), "\(result.messages)")
    }
  }

  @Test func `of two outputs of one kind are refused`() throws {
    let folder = TemporaryFolder()
    let file = try folder.write(small, to: "small.yaml")
    let result = try Program.run([
      "check", file, "outputs.also=[traversals, {type: traversals, range: 1}]",
    ])
    #expect(
      result.status == 65 && result.messages.contains("'traversals' is listed twice"),
      "\(result.messages)")
  }
}

@Suite("Runs remember where their data were")
struct RememberedDataTests {
  /// A file of NumPy images beside an experiment that names it by a relative path.
  private func experiment(in folder: TemporaryFolder) throws -> String {
    var seed: UInt64 = 1
    let pixels = (0..<100 * 64).map { _ -> Float in
      seed = seed &* 6_364_136_223_846_793_005 &+ 1
      return Float(seed >> 40) / Float(1 << 24)
    }
    try ExclusiveFolder.makeAll(folder.file("a/data"))
    try NPZ.write(
      [("images", NPYArray(shape: [100, 8, 8], floats: pixels))],
      to: folder.file("a/data/noise.npz"))
    return try folder.write(
      """
      dataset: { type: npz, path: data/noise.npz, test: 20, validation: 16 }
      model: { type: vae, latent: 2, encoder: { type: mlp, hidden: [4] } }
      training: { epochs: 1, batch_size: 16 }
      """, to: "a/e.yaml")
  }

  private func shell(
    _ line: String, in folder: String, _ environment: [String: String] = [:]
  ) throws -> Program.Result {
    try Program.start(
      tool: ["bash", "-c", "cd '\(folder)' && \"$EXPT\" \(line)"],
      environment: ["EXPT": try Program.path, "EXPT_DATA": ""].merging(environment) { $1 }
    ).wait()
  }

  @Test func `relative paths are counted from where the run was started`() throws {
    let folder = TemporaryFolder()
    _ = try experiment(in: folder)
    let run = try shell("e.yaml -q --run-dir run", in: folder.file("a"))
    try #require(run.status == 0, "\(run.messages)")
    try ExclusiveFolder.makeAll(folder.file("b"))
    let here = try shell("evaluate run -s2 --json", in: folder.file("a"))
    for command in ["evaluate ../a/run -s2 --json", "reconstruct ../a/run", "encode ../a/run"] {
      let result = try shell(command, in: folder.file("b"))
      #expect(result.status == 0 && !result.messages.contains("warning"), "\(result.messages)")
      if command.hasPrefix("evaluate") {
        #expect(result.output.replacing("../a/run", with: "run") == here.output)
      }
    }
    let more = try shell("--resume ../a/run training.epochs=2 -q", in: folder.file("b"))
    #expect(more.status == 0, "\(more.messages)")
  }

  @Test func `where they moved with the run, paths are counted from here`() throws {
    let folder = TemporaryFolder()
    _ = try experiment(in: folder)
    try #require(shell("e.yaml -q --run-dir run", in: folder.file("a")).status == 0)
    try FileManager.default.moveItem(atPath: folder.file("a"), toPath: folder.file("c"))
    #expect(try shell("evaluate run -s2", in: folder.file("c")).status == 0)
    let lost = try shell("evaluate c/run -s2", in: folder.path)
    #expect(lost.status == 66 && lost.messages.contains("data/"), "\(lost.messages)")
  }

  @Test func `EXPT_DATA is what it is now, else what it was then`() throws {
    let folder = TemporaryFolder()
    // A tiny MNIST: 4 files of IDX.
    func idx(_ shape: [Int], _ name: String) throws {
      let count = shape.reduce(1, *)
      var bytes: [UInt8] = [0, 0, 8, UInt8(shape.count)]
      for size in shape { bytes += [0, 0, UInt8(size >> 8), UInt8(size & 255)] }
      bytes += (0..<count).map { UInt8(shape.count == 1 ? $0 % 10 : $0 * 7 % 256) }
      try ExclusiveFolder.makeAll(folder.file("data/mnist"))
      try AtomicFile.write(bytes, to: folder.file("data/mnist/\(name)"))
    }
    for (part, count) in [("train", 60), ("t10k", 20)] {
      try idx([count, 28, 28], "\(part)-images-idx3-ubyte")
      try idx([count], "\(part)-labels-idx1-ubyte")
    }
    let file = try folder.write(
      """
      dataset: { type: mnist, validation: 10 }
      model: { type: vae, latent: 2, encoder: { type: mlp, hidden: [4] } }
      training: { epochs: 1, batch_size: 16 }
      """, to: "e.yaml")
    let relative = ["EXPT_DATA": "data"]
    let run = try shell("\(file) -q --run-dir run", in: folder.path, relative)
    try #require(run.status == 0, "\(run.messages)")
    let without = try shell("evaluate \(folder.file("run")) -s2", in: "/")
    #expect(without.status == 0, "\(without.messages)")
    let moved = ["EXPT_DATA": folder.file("moved")]
    let fallsBack = try shell("evaluate \(folder.file("run")) -s2", in: "/", moved)
    #expect(fallsBack.status == 0, "\(fallsBack.messages)")
    try FileManager.default.moveItem(
      atPath: folder.file("data"), toPath: folder.file("moved"))
    #expect(try shell("evaluate \(folder.file("run")) -s2", in: "/", moved).status == 0)
    #expect(try shell("evaluate \(folder.file("run")) -s2", in: "/").status == 66)
  }
}
