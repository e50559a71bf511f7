import ExptDocument
import ExptFiles
import ExptRunFolder
import ExptTestSupport
import Testing

@testable import ExptReport

/// What the trainer writes, with everything that a resolved experiment can hold.
private let resolved = """
  # Every setting of this run, and where it came from. Running this file repeats the run.
  name: "2 \\"quoted\\" #1"    # default
  seed: 18446744073709551615  # --seed 18446744073709551615
  dataset:                    # a.yaml:3
    type: mnist
    limit: null               # default
  model:
    encoder:                  # a.yaml:9
      type: layers
      layers:                 # a.yaml:9
        - type: linear
          out: 400            # a.yaml:10
        - type: conv
          kernel: [3, 5]      # a.yaml:11
          also: []
      end: true
    beta:                     # --set model.beta=4
      type: constant
      value: 4.0              # --set model.beta=4
    epsilon: 1.0e-08          # default
    hidden: [400, "a, b", 2.5]
    decoder: {}               # default

  """

private let recorded: [RecordedSettings.Setting] = [
  .init("name", "2 \"quoted\" #1", origin: "default"),
  .init("seed", JSONValue(UInt64.max), origin: "--seed 18446744073709551615"),
  .init("dataset.type", "mnist", origin: "a.yaml:3"),
  .init("dataset.limit", .null, origin: "default"),
  .init("model.encoder.type", "layers", origin: "a.yaml:9"),
  .init("model.encoder.layers[0].type", "linear", origin: "a.yaml:9"),
  .init("model.encoder.layers[0].out", 400, origin: "a.yaml:10"),
  .init("model.encoder.layers[1].type", "conv", origin: "a.yaml:9"),
  .init("model.encoder.layers[1].kernel", [3, 5], origin: "a.yaml:11"),
  .init("model.encoder.layers[1].also", [], origin: nil),
  .init("model.encoder.end", true, origin: nil),
  .init("model.beta.type", "constant", origin: "--set model.beta=4"),
  .init("model.beta.value", JSONValue(Float(4)), origin: "--set model.beta=4"),
  .init("model.epsilon", JSONValue(Float(1e-8)), origin: "default"),
  .init("model.hidden", [400, "a, b", 2.5], origin: nil),
  .init("model.decoder", [:], origin: "default"),
]

@Suite("Settings of a run")
struct RunSettingsTests {
  private let folder = TemporaryFolder()

  /// A run with these settings.
  private func run() throws -> RunFolder {
    let run = RunFolder(path: try RunMaker().make(folder.file("run")))
    try run.write(resolved: resolved, recorded)
    return run
  }

  @Test func `are flat, in the file's order, with where they came from`() throws {
    let record = RunRecord(try run())
    #expect(record.problem == nil)
    let expected: [(String, String, String?)] = [
      ("name", "2 \"quoted\" #1", "default"),
      ("seed", "18446744073709551615", "--seed 18446744073709551615"),
      ("dataset.type", "mnist", "a.yaml:3"), ("dataset.limit", "null", "default"),
      ("model.encoder.type", "layers", "a.yaml:9"),
      ("model.encoder.layers[0].type", "linear", "a.yaml:9"),
      ("model.encoder.layers[0].out", "400", "a.yaml:10"),
      ("model.encoder.layers[1].type", "conv", "a.yaml:9"),
      ("model.encoder.layers[1].kernel", "[3, 5]", "a.yaml:11"),
      ("model.encoder.layers[1].also", "[]", nil), ("model.encoder.end", "true", nil),
      ("model.beta", "4", "--set model.beta=4"), ("model.epsilon", "1e-08", "default"),
      ("model.hidden", "[400, a, b, 2.5]", nil), ("model.decoder", "{}", "default"),
    ]
    let settings = record.settings.all
    #expect(settings.map(\.key) == expected.map(\.0))
    #expect(settings.map(\.value.description) == expected.map(\.1))
    #expect(settings.map(\.origin) == expected.map(\.2))
  }

  @Test func `are the same through YAML, with the origins of what was not edited`() throws {
    let run = try run()
    let before = RunRecord(run).settings.all
    // One byte more, and origins.json is of another text.
    try AtomicFile.write(resolved + "\n", to: run.resolvedFile)
    #expect(RunRecord(run).settings.all == before)
    let edited = resolved.replacingOccurrences(of: "kernel: [3, 5]", with: "kernel: [3, 7]")
    try AtomicFile.write(edited, to: run.resolvedFile)
    let after = RunRecord(run).settings
    let kernel = try #require(after["model.encoder.layers[1].kernel"])
    #expect(kernel.value.description == "[3, 7]" && kernel.origin == nil)
    #expect(after.all.filter { $0 != kernel } == before.filter { $0.key != kernel.key })
  }

  @Test func `of a folder of format 1 are those of its YAML, without origins`() throws {
    let run = try run()
    let before = RunRecord(run).settings.all
    try run.makeFormat1()
    let record = RunRecord(run)
    #expect(record.problem == nil && record.state == .finished)
    #expect(record.settings.all.map(\.value) == before.map(\.value))
    #expect(record.settings.all.allSatisfy { $0.origin == nil })
  }

  @Test func `are there though origins.json is damaged or gone, which is said`() throws {
    let run = try run()
    let before = RunRecord(run).settings.all
    try AtomicFile.write("{\"sha256\": \"a\", ", to: run.originsFile)
    let damaged = RunRecord(run)
    #expect(damaged.settings.all.map(\.value) == before.map(\.value))
    #expect(damaged.state == .finished)
    #expect(damaged.problem?.hasPrefix("origins.json: this is not valid JSON") == true)
    try FilePath.remove(run.originsFile)
    #expect(RunRecord(run).problem == "there is no origins.json")
  }

  @Test func `edited by hand are read all the same`() throws {
    let text = "model: {type: vae, beta: {type: constant, value: 2}, hidden: [1, 2]}\nseed: 0x10\n"
    let settings = try RunSettings.parse(Array(text.utf8), path: "r.yaml")
    #expect(settings.all.map(\.key) == ["model.type", "model.beta", "model.hidden", "seed"])
    #expect(settings.all.map(\.value.description) == ["vae", "2", "[1, 2]", "16"])
  }

  @Test func `are found by what people call them`() throws {
    let settings = RunSettings([
      .init("model.type", .text("vae")), .init("model.beta.type", .text("constant")),
      .init("model.beta.value", .number(4)), .init("optimizer.schedule.type", .text("cosine")),
    ])
    #expect(settings.value(of: "model") == .text("vae"))
    #expect(settings.value(of: "model.type") == .text("vae"))
    #expect(settings.value(of: "model.beta") == .number(4))
    #expect(settings.value(of: "model.beta.value") == .number(4))
    #expect(settings.value(of: "model.beta.type") == .text("constant"))
    #expect(settings.value(of: "optimizer.schedule") == .text("cosine"))
    #expect(settings.value(of: "optimizer") == nil)
  }

  @Test(arguments: [("1", "1.0"), ("0.001", "1.0e-3"), ("100", "1e2"), ("-0.5", "-.5")])
  func `are equal numbers however they are written`(_ one: String, _ other: String) {
    #expect(RunValue.number(one) == RunValue.number(other))
    #expect(RunValue.number(one) != nil)
  }

  @Test func `keep seeds apart that a Double cannot`() {
    #expect(RunValue.number("18446744073709551615") != RunValue.number("18446744073709551614"))
    #expect(RunValue.number("9007199254740993") != RunValue.number("9007199254740992"))
  }
}
