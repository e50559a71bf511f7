import ExptDocument
import Testing

@Suite("A tree of nodes")
struct NodeTests {
  @Test func `knows where keys and values stand`() throws {
    let root = try read("name: é\nmodel:\n  hidden: [漢, 'b']   # c\n")
    let entry = try #require(root["model"]?.entries?.first)
    #expect(entry.keySpan?.description == "f.yaml:3:3")
    let second = try #require(entry.value.elements?.last?.span)
    #expect(second.start == SourceLocation(line: 3, column: 15))
    #expect(second.end == SourceLocation(line: 3, column: 18))
    #expect(second.sourceLine == "  hidden: [漢, 'b']   # c")
  }

  @Test func `is reached by paths`() throws {
    let root = try read("model: {encoder: {hidden: [400, 200]}}")
    let path = NodePath().appending("model").appending("encoder").appending("hidden").appending(1)
    #expect(path.description == "model.encoder.hidden[1]")
    #expect(root[path]?.scalar?.int == 200)
    #expect(root[path.appending("x")] == nil)
    #expect(root[NodePath([.index(0)])] == nil)
  }

  @Test func `is edited by keys`() throws {
    var root = try read("seed: 1\nname: x")
    root["seed"] = Node(.scalar(Scalar("3")), origin: .option("--seed 3"))
    root["name"] = nil
    root["new"] = Node(.scalar(Scalar("true")), origin: .defaultValue)
    #expect(short(root) == "{seed: 3, new: true}")
    #expect(
      Diagnostic.error(.outOfRange, "no", at: root["seed"]?.span).rendered == """
        --seed:1:1: error: no
          1 | 3
            | ^
        """)
    #expect(root["new"]?.span == nil)
  }

  @Test func `describes itself for messages`() throws {
    let root = try read("a: x\nb: 1.5\nc: [1]\nd: {}\ne: ~\nf: true\ng: []")
    #expect(
      root.entries?.map(\.value.summary) == [
        "the text 'x'", "the number 1.5", "a list of 1", "a mapping", "null", "true",
        "an empty list",
      ])
  }

  @Test func `keeps the file byte for byte`() throws {
    let bytes = Array("\u{FEFF}a: 1\r\n# é\r\n".utf8)
    let document = try Document.parse(bytes: bytes, file: "x.yaml")
    #expect(document.text == bytes)
    #expect(document.sources == [Document.SourceFile(path: "x.yaml", bytes: bytes)])
  }
}

@Suite("The closest match")
struct ClosestMatchTests {
  @Test(arguments: [
    ("bta", "beta"), ("laerning_rate", "learning_rate"), ("learning-rate", "learning_rate"),
    ("Beta", "beta"), ("hiden", "hidden"), ("momentmu", "momentum"),
  ])
  func `is found`(_ name: String, _ match: String) {
    let all = ["type", "beta", "learning_rate", "hidden", "momentum", "latent"]
    #expect(closestMatch(to: name, among: all) == match)
  }

  @Test(arguments: ["xyz", "", "lr", "encoder", String(repeating: "beta", count: 1000)])
  func `is not forced`(_ name: String) {
    #expect(closestMatch(to: name, among: ["type", "beta", "learning_rate", "hidden"]) == nil)
  }

  @Test func `the nearest wins, then the first`() {
    #expect(closestMatch(to: "betas", among: ["betaxx", "beta", "bets"]) == "beta")
  }
}
