import ExptFiles
import ExptTestSupport
import Foundation
import Testing

/// Files that `expt init` writes, each for data of another kind, checked and some of them trained.
@Suite("expt init")
struct InitCommandTests {
  private let folder = TemporaryFolder()

  /// What came of `expt init NAME --data PATH`, and the file's text.
  private func start(_ data: String, name: String = "it") throws -> String {
    let file = folder.file(name + ".yaml")
    let result = try Program.run(["init", file, "--data", data])
    try #require(result.status == 0, "\(result.messages)")
    #expect(result.output == file + "\n")
    let check = try Program.run(["check", file])
    #expect(check.status == 0, "\(check.messages)")
    #expect(check.messages.isEmpty, "\(check.messages)")
    return try FileBytes.readText(file)
  }

  /// Noise that repeats itself for a seed.
  private func noise(_ count: Int, seed: UInt32 = 1) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
  }

  private func picture(_ name: String, _ height: Int, _ width: Int, _ channels: Int = 1) throws {
    let seed = UInt32(truncatingIfNeeded: name.utf8.reduce(height) { $0 &* 31 &+ Int($1) })
    let samples = noise(height * width * channels, seed: seed)
    try FileManager.default.createDirectory(
      atPath: FilePath.folder(of: folder.file(name)), withIntermediateDirectories: true)
    try Image8(width: width, height: height, channels: channels, samples: samples)
      .writePNG(to: folder.file(name))
  }

  private func array(_ name: String, _ array: NPYArray) throws -> String {
    try array.write(to: folder.file(name))
    return folder.file(name)
  }

  @Test func `a folder of pictures of many sizes and both colours trains`() throws {
    for number in 0..<60 {
      try picture("photos/\(number).png", 60 + number, 130 - number, number % 3 == 0 ? 1 : 3)
    }
    let text = try start(folder.file("photos"))
    #expect(text.contains("\n  size: 64"))
    #expect(text.contains("60 sizes"))
    #expect(text.contains("channels: rgb"))
    #expect(text.contains("20 of the pictures are grey"))
    #expect(text.contains("type: conv"))
    #expect(text.contains("{ type: gaussian, scale: optimal }"))
    let run = try Program.run([
      folder.file("it.yaml"), "training.epochs=1", "--run-dir", folder.file("run"), "--quiet",
    ])
    #expect(run.status == 0, "\(run.messages)")
    #expect(run.messages.isEmpty, "\(run.messages)")
  }

  @Test func `sub-folders are classes, or parts`() throws {
    for number in 0..<12 {
      try picture("animals/\(number % 2 == 0 ? "cats" : "dogs")/\(number).png", 20, 24, 3)
      try picture(
        "parts/\(number < 8 ? "train" : number < 10 ? "val" : "test")/\(number).png", 8, 8)
    }
    let classes = try start(folder.file("animals"))
    #expect(classes.contains("2 sub-folders are classes") && classes.contains("validation: 0.1"))
    #expect(classes.contains("type: mlp") && !classes.contains("\n  size:"))
    let parts = try start(folder.file("parts"), name: "parts")
    #expect(!parts.contains("validation:") && !parts.contains("test:"))
  }

  @Test func `one picture, tiny pictures and large ones are enough`() throws {
    try picture("one/a.png", 30, 30)
    try picture("large/a.png", 300, 500, 3)
    for number in 0..<20 { try picture("tiny/\(number).png", 2, 3) }
    #expect(try !start(folder.file("one")).contains("validation"))
    #expect(try start(folder.file("large"), name: "large").contains("\n  size: 64"))
    #expect(try start(folder.file("tiny"), name: "tiny").contains("validation: 0.1"))
    let run = try Program.run([
      folder.file("it.yaml"), "--run-dir", folder.file("run"), "training.epochs=1", "--quiet",
    ])
    #expect(run.status == 0, "\(run.messages)")
  }

  @Test func `pictures in three channels that show only grey are read as grey`() throws {
    for number in 0..<12 {
      let grey = noise(64, seed: UInt32(number))
      try FileManager.default.createDirectory(
        atPath: folder.file("grey"), withIntermediateDirectories: true)
      try Image8(width: 8, height: 8, channels: 3, samples: grey.flatMap { [$0, $0, $0] })
        .writePNG(to: folder.file("grey/\(number).png"))
    }
    #expect(try start(folder.file("grey")).contains("channels: grey"))
  }

  @Test func `arrays are read as what their values are`() throws {
    let binary = noise(120 * 28 * 28).map { $0 > 200 ? UInt8(255) : 0 }
    let bernoulli = try start(array("b.npy", NPYArray(shape: [120, 28, 28], uint8s: binary)))
    #expect(bernoulli.contains("likelihood: bernoulli") && bernoulli.contains("test: 0.1"))
    #expect(bernoulli.contains("hidden: [400]"))
    let unit = noise(40 * 3 * 32 * 32).map { Float($0) / 255 }
    let colour = try start(
      array("c.npy", NPYArray(shape: [40, 3, 32, 32], floats: unit)), name: "colour")
    #expect(colour.contains("type: conv") && colour.contains("gaussian"))
    #expect(!colour.contains("divisor") && !colour.contains("range"))
    let signed = try start(
      array(
        "s.npy", NPYArray(shape: [40, 16, 16], floats: unit.prefix(40 * 256).map { $0 * 2 - 1 })),
      name: "signed")
    #expect(signed.contains("range: [-1, 1]"))
    let wide = try start(
      array(
        "w.npy",
        NPYArray(shape: [40, 16, 16], doubles: noise(40 * 256).map { Double($0) + 0.5 })),
      name: "wide")
    #expect(wide.contains("divisor: 255.5") || wide.contains("divisor: 1023"))
    let levels = try start(
      array("l.npy", NPYArray(shape: [30, 8, 8], uint8s: noise(30 * 64).map { $0 % 17 })),
      name: "levels")
    #expect(levels.contains("divisor: 16"))
  }

  @Test func `tables are standardized, and counts are counts`() throws {
    let table = noise(200 * 6).enumerated().map { Float($1) * Float($0 % 6 + 1) - 100 }
    let rows = try start(array("t.npy", NPYArray(shape: [200, 6], floats: table)))
    #expect(rows.contains("standardize: true") && rows.contains("type: mlp"))
    #expect(rows.contains("images_every: 0"))
    let counts = noise(200 * 6).map { Float($0 > 128 ? 0 : $0 % 9) }
    let whole = try start(
      array("n.npy", NPYArray(shape: [200, 6], floats: counts)), name: "counts")
    #expect(whole.contains("negative_binomial"))
  }

  @Test func `files beside an array are found by their names and lengths`() throws {
    let images = NPYArray(shape: [60, 8, 8], uint8s: noise(60 * 64))
    let labels = NPYArray(shape: [60], int64s: (0..<60).map { Int64($0 % 3) })
    let data = try array("x_train.npy", images)
    _ = try array("y_train.npy", labels)
    _ = try array("x_test.npy", NPYArray(shape: [9, 8, 8], uint8s: noise(9 * 64, seed: 3)))
    // As long as no images: not theirs.
    _ = try array("y_test.npy", labels)
    let text = try start(data)
    #expect(text.contains("labels: \(folder.file("y_train.npy"))"))
    #expect(text.contains("test_images: \(folder.file("x_test.npy"))"))
    #expect(!text.contains("test_labels") && !text.contains("test: 0.1"))
    try NPZ.write(
      [("x_train", images), ("y_train", labels), ("x_test", images)], to: folder.file("a.npz"))
    let archive = try start(folder.file("a.npz"), name: "archive")
    #expect(archive.contains("type: npz") && !archive.contains("test: 0.1"))
    let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 60, 0, 0, 0, 8, 0, 0, 0, 8]
    try folder.write(header + noise(60 * 64), to: "idx/train-images-idx3-ubyte")
    try folder.write([0, 0, 8, 1, 0, 0, 0, 60] + noise(60), to: "idx/train-labels-idx1-ubyte")
    let idx = try start(folder.file("idx"), name: "idx")
    #expect(idx.contains("labels: \(folder.file("idx/train-labels-idx1-ubyte"))"))
  }

  @Test(arguments: [
    "a b", "it's", "\"quoted\"", "日本 ü", "-dash", "colon: no", "#hash", "$HOME", "~home",
    "{ a: b }",
    "new\nline", "tab\t", "null", "%25", "a, b]",
  ])
  func `a folder of any name is read`(_ name: String) throws {
    try picture("\(name)/a.png", 8, 8)
    try picture("\(name)/b.png", 8, 8)
    #expect(try start(folder.file(name)).contains("2 pictures of 8×8"))
    // As one types it, from the folder above.
    let expt = try Program.path
    let script = "cd '\(folder.path)' && '\(expt)' init --data \"$NAME\" && '\(expt)' check *.yaml"
    try FileManager.default.removeItem(atPath: folder.file("it.yaml"))
    let typed = name.hasPrefix("-") ? "./" + name : name
    let result = try Program.start(tool: ["bash", "-c", script], environment: ["NAME": typed])
      .wait()
    #expect(result.status == 0, "\(result.messages)")
  }

  @Test func `what cannot be read is said, and nothing is written`() throws {
    try picture("mixed/a.png", 8, 8)
    try folder.write("no picture", to: "mixed/b.png")
    // A picture of 4 billion pixels, and an array of more numbers than there are.
    let header: [UInt8] =
      [0, 0, 0, 13] + Array("IHDR".utf8) + [0, 1, 0, 0, 0, 1, 0, 0, 8, 0, 0, 0, 0]
    try folder.write([137, 80, 78, 71, 13, 10, 26, 10] + header + [0, 0, 0, 0], to: "huge/a.png")
    var claim = NPYArray(shape: [1, 28, 28], uint8s: noise(784)).fileBytes
    let shape = Array("(1, 28, 28)".utf8)
    let place = try #require(claim.firstRange(of: shape))
    claim.replaceSubrange(place, with: Array("(9999999999,28,28)".utf8))
    try folder.write(claim, to: "claim.npy")
    try folder.write("", to: "empty.npy")
    try folder.write("text", to: "notes.txt")
    try FileManager.default.createDirectory(
      atPath: folder.file("nothing"), withIntermediateDirectories: true)
    let cases = [
      ("huge", 65, "a.png"), ("claim.npy", 65, "claim.npy"),
      ("empty.npy", 65, "empty.npy"), ("notes.txt", 65, "expt cannot read this"),
      ("nothing", 65, "it is empty"), ("absent", 66, "no such file or folder"),
    ]
    for (name, status, sentence) in cases {
      let result = try Program.run(["init", folder.file("x.yaml"), "--data", folder.file(name)])
      #expect(result.status == Int32(status), "\(name): \(result.status) \(result.messages)")
      #expect(result.messages.contains(sentence), "\(name): \(result.messages)")
      #expect(result.output.isEmpty && !FilePath.exists(folder.file("x.yaml")))
    }
    // Where others can be read, those that cannot are skipped, which the file says.
    let mixed = try Program.run(["init", folder.file("y.yaml"), "--data", folder.file("mixed")])
    #expect(mixed.status == 0, "\(mixed.messages)")
    #expect(try FileBytes.readText(folder.file("y.yaml")).contains("on_error: skip"))
  }

  @Test func `columns of names in a table are left out`() throws {
    let rows = (0..<40).map { "N\($0),\($0 % 2 == 0 ? "a" : "b"),\(Double($0 * 7 % 11) / 4)" }
    try folder.write("id,kind,size\n" + rows.joined(separator: "\n") + "\n", to: "t.csv")
    let path = folder.file("t.yaml")
    let result = try Program.run(["init", path, "--data", folder.file("t.csv")])
    #expect(result.status == 0, "\(result.messages)")
    let text = try FileBytes.readText(path)
    #expect(text.contains("  ignore: [id]\n") && text.contains("likelihood: mixed"), "\(text)")
    let run = try Program.run([
      "run", path, "training.epochs=1", "--run-dir", folder.file("table-run"), "--quiet",
    ])
    #expect(run.status == 0, "\(run.messages)")
  }

  @Test func `nothing is written over, and names are names`() throws {
    try picture("p/a.png", 8, 8)
    let arguments = ["init", folder.file("mine"), "--data", folder.file("p")]
    try folder.write("mine", to: "mine.yaml")
    let taken = try Program.run(arguments)
    #expect(taken.status == 64 && taken.messages.contains("already exists"))
    #expect(try FileBytes.readText(folder.file("mine.yaml")) == "mine")
    #expect(try Program.run(arguments + ["--force"]).status == 0)
    #expect(try FileBytes.readText(folder.file("mine.yaml")).contains("name: mine"))
    for name in ["", "a/", folder.file("new\nline"), folder.file("~x"), folder.file("a:b")] {
      #expect(try Program.run(["init", name, "--data", folder.file("p")]).status == 64, "\(name)")
    }
    let printed = try Program.run(["init", "-", "--data", folder.file("p")])
    #expect(printed.output.contains("type: images") && printed.output.contains("name: p"))
  }

  @Test func `without data it lists examples, and copies them under any name`() throws {
    let list = try Program.run(["init"])
    #expect(list.status == 0 && list.output.contains("vae_mnist "))
    let copy = try Program.run([
      "init", folder.file("sub/my vae.yaml"), "--example", "beta_vae_mnist",
    ])
    #expect(copy.status == 0 && copy.output == folder.file("sub/my vae.yaml") + "\n")
    #expect(try FileBytes.readText(folder.file("sub/my vae.yaml")).contains("name: my vae"))
    #expect(try folder.names(in: "sub") == ["my vae.yaml", "vae_mnist.yaml"])
    let check = try Program.run(["check", folder.file("sub/my vae.yaml")])
    #expect(check.status == 0, "\(check.messages)")
    let wrong = try Program.run(["init", "--example", "vae_mnits"])
    #expect(wrong.status == 64 && wrong.messages.contains("did you mean 'vae_mnist'?"))
    let template = try Program.run(["init", folder.file("mine")])
    #expect(template.status == 0)
    #expect(try Program.run(["check", folder.file("mine.yaml")]).messages.isEmpty)
  }

  /// `scripts/examples.sh` writes them.
  @Test func `the included examples are the experiments as they are`() throws {
    let listed = try Program.run(["init"]).output
    for path in try FileManager.default.contentsOfDirectory(atPath: packageFolder + "/experiments")
    where path.hasSuffix(".yaml") {
      let name = String(path.dropLast(5))
      let text = try FileBytes.readText("\(packageFolder)/experiments/\(path)")
      let needsFile = text.contains("experiments/data")
      #expect(listed.contains("\n\(name) ") != needsFile, "\(name): run scripts/examples.sh")
      if needsFile { continue }
      let copy = folder.file("copies/\(path)")
      #expect(try Program.run(["init", copy, "--example", name, "--force"]).status == 0)
      #expect(try FileBytes.readText(copy) == text, "\(name): run scripts/examples.sh")
    }
  }
}
