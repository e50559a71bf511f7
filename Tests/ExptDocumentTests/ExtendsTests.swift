import ExptDocument
import Testing

@Suite("A file that extends another")
struct ExtendsTests {
  let base = """
    seed: 1
    model:
      type: vae
      latent: 20
      encoder: { type: mlp, hidden: [400, 200], activation: relu }
      likelihood: bernoulli
    optimizer: { type: adam, learning_rate: 1 }
    """

  func load(_ files: [String: String], _ body: (Document, String) throws -> Void) throws {
    try withFiles(files) { folder in
      try body(try Document.load(path: folder + "/main.yaml"), folder)
    }
  }

  /// The report with the temporary folder's path taken out.
  func report(_ files: [String: String]) throws -> String {
    try withFiles(files) { folder in
      loadReport(folder + "/main.yaml")
        .split(separator: folder + "/", omittingEmptySubsequences: false).joined()
    }
  }

  @Test func `inherits and overrides, key by key`() throws {
    let main = """
      extends: sub/base.yaml
      seed: 2
      model:
        encoder: { hidden: [100] }
        likelihood: { scale: 3 }
      """
    try load(["main.yaml": main, "sub/base.yaml": base]) { document, folder in
      #expect(
        short(document.root) == """
          {seed: 2, model: {type: vae, latent: 20, \
          encoder: {type: mlp, hidden: [100], activation: relu}, \
          likelihood: {type: bernoulli, scale: 3}}, \
          optimizer: {type: adam, learning_rate: 1}}
          """)
      #expect(
        document.root["model"]?["latent"]?.origin.description == "\(folder)/sub/base.yaml:4:11")
      #expect(document.root["seed"]?.origin.description == "\(folder)/main.yaml:2:7")
      #expect(document.sources.map(\.path) == ["\(folder)/main.yaml", "\(folder)/sub/base.yaml"])
    }
  }

  @Test func `replaces a component of another type wholesale`() throws {
    let main = """
      extends: base.yaml
      model: { encoder: { type: conv, channels: [32] } }
      optimizer: sgd
      """
    try load(["main.yaml": main, "base.yaml": base]) { document, _ in
      #expect(short(document.root["model"]?["encoder"]) == "{type: conv, channels: [32]}")
      #expect(short(document.root["model"]?["latent"]) == "20")
      #expect(short(document.root["optimizer"]) == "sgd")
    }
  }

  @Test func `takes several bases, the later over the earlier`() throws {
    let files = [
      "main.yaml": "extends: [a.yaml, ./b.yaml]\nz: 0\n", "a.yaml": "x: 1\ny: 1\n",
      "b.yaml": "extends: c.yaml\ny: 2\n", "c.yaml": "y: 3\nw: 3\nz: 3\n",
    ]
    try load(files) { document, _ in
      #expect(short(document.root) == "{x: 1, y: 2, w: 3, z: 0}")
    }
  }

  @Test func `in a circle is told the circle`() throws {
    let message = try report([
      "main.yaml": "extends: a.yaml\n", "a.yaml": "extends: sub/../main.yaml\n", "sub/x": "",
    ])
    #expect(
      message == """
        a.yaml:1:10: error: 'extends' goes in a circle: main.yaml -> a.yaml -> sub/../main.yaml
          1 | extends: sub/../main.yaml
            |          ^~~~~~~~~~~~~~~~
        1 error
        """)
  }

  @Test func `collects the mistakes of all files`() throws {
    let message = try report([
      "main.yaml": "extends:\n  - no.yaml\n  - bad.yaml\n  - 3\n", "bad.yaml": "a: @\n",
    ])
    #expect(message.contains("main.yaml:2:5: error: there is no file"))
    #expect(message.contains("bad.yaml:1:4: error: a value cannot start with '@'"))
    #expect(
      message.contains(
        "main.yaml:4:5: error: 'extends' takes a file name or a list of them, not the number 3"))
    #expect(message.hasSuffix("3 errors"))
  }

  @Test func `over and over is stopped`() throws {
    var files = ["main.yaml": "extends: [1.yaml, 1.yaml]\n", "20.yaml": "a: 1\n"]
    for level in 1..<20 {
      files["\(level).yaml"] = "extends: [\(level + 1).yaml, \(level + 1).yaml]\n"
    }
    #expect(try report(files).contains("more than 64 files are read through 'extends'"))
  }
}
