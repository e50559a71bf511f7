import ExptComponents
import ExptDocument
import ExptFiles
import Foundation
import Testing

@testable import ExptSweep

/// A value as a sweep file would give it.
func value(_ yaml: String) throws -> Node { try Override(parsing: "x=" + yaml).value }

@Suite("A setting's value") struct ValueTests {
  /// From the ledger's line back to the point.
  private func written(_ node: Node) throws -> Node? {
    let line = [Assignment(key: "a.b", value: node)].ledgerValue.compact
    let read = try JSONValue.parse(Array(line.utf8), path: "ledger.jsonl")
    return [Assignment](read, spans: ["a.b": nil]).first?.value
  }

  @Test(arguments: [
    "x #1.npy", "a: b", "[1", "{", "it's", "say \"so\"", "two\nlines", "tab\there", "größe", "日本",
    "", " ", "null", "~", "true", "True", "5", "5.0", "1e-3", "0x10", ".inf", ".nan", "-", "- a",
    "? a", "!tag", "&anchor", "*alias", "a,b", "%", "@", "`", "|", ">", "\u{0}", "\u{1B}[31m",
    "\u{85}", "\u{2028}", "e\u{301}", "a = b", "yes", "y", "2024-01-01", "\u{FEFF}x", "👍🏽",
  ])
  func `of text survives the ledger`(_ text: String) throws {
    let node = Node(.scalar(Scalar(text, isQuoted: true)), origin: .defaultValue)
    let read = try #require(try written(node)?.scalar)
    #expect(read.kind == .text)
    #expect(Array(read.text.utf8) == Array(text.utf8))
  }

  @Test(arguments: [
    "0", "-1", "9007199254740993", "9223372036854775807", "-9223372036854775808",
    "18446744073709551615", "0.30000000000000004", "1.7976931348623157e308", "5e-324", "-0.0",
    "1.0e-05", ".inf", "-.inf", "0x7fffffffffffffff", "true", "null",
  ])
  func `of any other kind survives it as it was written`(_ text: String) throws {
    let read = try #require(try written(try value(text))?.scalar)
    #expect(read.text == text && !read.isQuoted)
  }

  @Test func `survives the ledger however lists, mappings, texts and numbers are put together`()
    throws
  {
    var random = SplitMix64(12)
    func pick<Element>(_ list: [Element]) -> Element {
      list[Int(random.next() % UInt64(list.count))]
    }
    func text() -> String {
      let scalars: [Unicode.Scalar] = Array(
        "ab01 #:,[]{}'\"\\-?!&*|>%@`~.\n\t\u{7F}é\u{301}日👍".unicodeScalars)
      return (0..<Int(random.next() % 9)).map { _ in String(pick(scalars)) }.joined()
    }
    func node(_ depth: Int) -> Node {
      let value: Node.Value
      switch random.next() % (depth > 2 ? 4 : 6) {
      case 0: value = .scalar(Scalar(String(random.next())))
      case 1:
        let double = Double(bitPattern: random.next())
        value = .scalar(Scalar(double.isFinite ? "\(double)" : ".nan"))
      case 2: value = .scalar(Scalar(pick(["true", "null", "~", "-7", "0.1"])))
      case 3: value = .scalar(Scalar(text(), isQuoted: true))
      case 4: value = .sequence((0..<Int(random.next() % 4)).map { _ in node(depth + 1) })
      default:
        let count = Int(random.next() % 3)
        value = .mapping((0..<count).map { .init(key: "\($0)" + text(), value: node(depth + 1)) })
      }
      return Node(value, origin: .defaultValue)
    }
    for _ in 0..<2000 {
      let made = node(0)
      let read = try #require(try written(made), "\(made.flowText)")
      #expect(CoreValue(read) == CoreValue(made), "\(made.flowText)")
      #expect(try CoreValue(value(made.shortFlowText)) == CoreValue(made), "\(made.shortFlowText)")
    }
  }

  @Test(arguments: [
    ("True", "true"), ("~", "null"), ("NULL", "null"), ("5.0", "5"), ("0x5", "5"), ("5e0", "5"),
    ("[1, 2.0]", "[1.0, 2]"), ("{a: 1, b: 2}", "{b: 2, a: 1.0}"), ("{type: gaussian}", "gaussian"),
    ("1e-3", "0.001"), ("'a'", "a"), ("-0.0", "0"), (".NaN", ".nan"),
    ("1.8446744073709551615e19", "1.8446744073709551616e19"),
  ])
  func `is equal however it is spelt`(_ a: String, _ b: String) throws {
    #expect(try CoreValue(value(a)) == CoreValue(value(b)))
  }

  @Test(arguments: [
    ("'true'", "true"), ("'5'", "5"), ("'~'", "~"), ("9007199254740993", "9007199254740992"),
    ("18446744073709551615", "1.8446744073709551616e19"), ("[1, 2]", "[2, 1]"), ("[1]", "1"),
    ("{a: 1}", "{a: 1, b: 2}"), ("é", "e\u{301}"), ("yes", "true"),
  ])
  func `is another where it means another thing`(_ a: String, _ b: String) throws {
    #expect(try CoreValue(value(a)) != CoreValue(value(b)))
  }
}

@Suite("A condition") struct ConditionTests {
  private func count(_ grid: String, _ condition: String) throws -> Int {
    try sweep(
      "experiment: b.yaml\ngrid: { a: \(grid) }\nwhen: { if: { a: \(condition) }, grid: { b: [1, 2, 3] } }"
    ).space.points().count
  }

  @Test(arguments: [
    ("[true, false]", "True"), ("[~, 1]", "null"), ("[null, 1]", "~"), ("[5, 6]", "5.0"),
    ("[5.0, 6]", "5"), ("[1e-3, 1]", "0.001"), ("[[4], [8, 4]]", "[4]"), ("[[4], [8, 4]]", "[4.0]"),
    ("[{ type: gaussian, scale: 0.10 }, bernoulli]", "{ scale: 0.1, type: gaussian }"),
    ("[gaussian, bernoulli]", "{ type: gaussian }"),
    ("[18446744073709551615, 1]", "0xffffffffffffffff"),
    ("[x, y]", "[x, x]"),
  ])
  func `holds by what a value means`(_ grid: String, _ condition: String) throws {
    #expect(try count(grid, condition) == 4)
  }

  @Test(arguments: [
    ("[vae, ae]", "vaee", "'a' is never vaee above this: this part would be left out"),
    ("[vae, ae]", "vaee", "did you mean vae?"), ("[1, 2]", "'1'", "'a' is never \"1\" above this"),
    ("[[4], [8]]", "[16]", "'a' is never [16] above this"), ("[true]", "yes", "it is true"),
  ])
  func `that no point can satisfy is a mistake`(
    _ grid: String, _ condition: String, _ message: String
  ) throws {
    let error = #expect(throws: Diagnostics.self) { try count(grid, condition) }
    #expect(error?.rendered.contains(message) == true, "\(error?.rendered ?? "")")
  }

  @Test func `on a draw is a mistake outside its range`() throws {
    let text = "experiment: b.yaml\nrandom: { count: 3, settings: { a: { integer: [1, 4] } } }\n"
    #expect(throws: Diagnostics.self) {
      try sweep(text + "when: { if: { a: 5 }, grid: { b: [1] } }")
    }
    _ = try sweep(text + "when: { if: { a: 4.0 }, grid: { b: [1] } }")
  }

  @Test func `of which one value is never met is warned of`() throws {
    let file = try sweep(
      "experiment: b.yaml\ngrid: { a: [x, y] }\nwhen: { if: { a: [x, z] }, grid: { b: [1] } }")
    #expect(file.warnings.map(\.message) == ["'a' is never z above this"])
  }
}
