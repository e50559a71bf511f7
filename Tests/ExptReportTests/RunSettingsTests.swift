import ExptDocument
import ExptFiles
import Testing

@testable import ExptReport

/// What the trainer writes, with everything that a resolved experiment can hold.
private let resolved = """
  # Every setting of this run, and where it came from. Running this file repeats the run.
  name: "2 \\"quoted\\" #1"    # default
  seed: 18446744073709551615  # --seed 18446744073709551615
  dataset:                    # a.yaml:3
    type: mnist
    root: /data/my mnist      # a.yaml:4
    limit: null               # default
  model:
    type: vae
    encoder:                  # a.yaml:9:5
      type: layers
      layers:                 # a.yaml:9:9
        - type: linear
          out: 400            # a.yaml:10
        - type: conv
          kernel: [3, 5]      # a.yaml:11
          also: []
        - relu
      end: true
    beta:                     # --set model.beta=4
      type: constant
      value: 4.0              # --set model.beta=4
    epsilon: 1.0e-08          # default
    hidden: [400, "a, b", 2.5]
    decoder: {}               # default

  """

@Suite("Settings of a run")
struct RunSettingsTests {
  @Test func `are flat, in the file's order, with where they came from`() throws {
    let text = resolved.split(separator: "\n").filter { $0 != "      - relu" }
      .joined(separator: "\n")
    let settings = RunSettings(try #require(ResolvedReader.settings(Array((text + "\n").utf8))))
    let expected: [(String, String, String?)] = [
      ("name", "2 \"quoted\" #1", "default"),
      ("seed", "18446744073709551615", "--seed 18446744073709551615"),
      ("dataset.type", "mnist", "a.yaml:3"), ("dataset.root", "/data/my mnist", "a.yaml:4"),
      ("dataset.limit", "null", "default"), ("model.type", "vae", nil),
      ("model.encoder.type", "layers", "a.yaml:9:5"),
      ("model.encoder.layers[0].type", "linear", "a.yaml:9:9"),
      ("model.encoder.layers[0].out", "400", "a.yaml:10"),
      ("model.encoder.layers[1].type", "conv", "a.yaml:9:9"),
      ("model.encoder.layers[1].kernel", "[3, 5]", "a.yaml:11"),
      ("model.encoder.layers[1].also", "[]", nil), ("model.encoder.end", "true", nil),
      ("model.beta", "4", "--set model.beta=4"), ("model.epsilon", "1e-08", "default"),
      ("model.hidden", "[400, a, b, 2.5]", nil), ("model.decoder", "{}", "default"),
    ]
    #expect(settings.all.map(\.key) == expected.map(\.0))
    #expect(settings.all.map(\.value.description) == expected.map(\.1))
    #expect(settings.all.map(\.origin) == expected.map(\.2))
  }

  @Test func `are those that libyaml reads`() throws {
    let text = resolved.split(separator: "\n").filter { !$0.hasSuffix("- relu") }
      .joined(separator: "\n")
    let quick = try #require(ResolvedReader.settings(Array((text + "\n").utf8)))
    let slow = try RunSettings.parse(Array((text + "\n").utf8), path: "r.yaml")
    #expect(RunSettings(quick).all.map(\.key) == slow.all.map(\.key))
    #expect(RunSettings(quick).all.map(\.value) == slow.all.map(\.value))
  }

  @Test(arguments: [
    "a: {b: 1}\n", "a: 'x'\n", "a: |\n  x\n", "- a\n", "a: &x 1\n", "a:1\n", "\ta: 1\n",
    "a: [1\n", "a: \"x\n", "a: 1 # no\n b: 2\n", "a:\n  - - 1\n", "a: 1: 2\n", "? a\n: 1\n",
    "a: \"\\u00e9\"\n", "a:\n- b: 1\n", "a: 1\n  b: 2\n",
  ])
  func `are left to libyaml where the text is not as it is written`(_ text: String) {
    #expect(ResolvedReader.settings(Array(text.utf8)) == nil)
  }

  /// Whatever is done to the text, the quick reader gives what libyaml gives or declines.
  @Test(arguments: 0..<4 as Range<UInt64>) func `are never misread`(_ seed: UInt64) throws {
    let original = Array(
      (resolved.split(separator: "\n").filter { !$0.hasSuffix("- relu") }.joined(separator: "\n")
        + "\n").utf8)
    let alphabet = Array("ab1.:-#'\"[]{},& *!|>%@`~?=+\t\n\n  \\/_0eE".utf8)
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func random(_ below: Int) -> Int {  // xorshift64
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(below))
    }
    var accepted = 0
    for round in 0..<400 {
      var text = original
      for _ in 0...random(2) {
        let place = random(text.count)
        switch random(3) {
        case 0: text.remove(at: place)
        case 1: text.insert(alphabet[random(alphabet.count)], at: place)
        default: text[place] = alphabet[random(alphabet.count)]
        }
      }
      guard let quick = ResolvedReader.settings(text) else { continue }
      accepted += 1
      let shown = "seed \(seed), round \(round):\n\(String(decoding: text, as: UTF8.self))"
      guard let slow = try? RunSettings.parse(text, path: "r.yaml") else {
        Issue.record("libyaml refuses \(shown)")
        continue
      }
      #expect(RunSettings(quick).all.map(\.key) == slow.all.map(\.key), "\(shown)")
      #expect(RunSettings(quick).all.map(\.value) == slow.all.map(\.value), "\(shown)")
    }
    #expect(accepted > 50)
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
