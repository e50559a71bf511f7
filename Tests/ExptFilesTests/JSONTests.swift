import ExptTestSupport
import Foundation
import Testing

@testable import ExptFiles

@Suite("JSON")
struct JSONTests {
  static let value: JSONValue = [
    "name": "vae", "zeta": [1, 2.5, nil, true],
    "alpha": ["empty": [:], "none": [], "t": "é\n\u{1}\\"],
    "pairs": [[1], ["a": "😀"]],
  ]

  private func parse(_ text: String) throws -> JSONValue {
    try JSONValue.parse(Array(text.utf8), path: "a.json")
  }

  @Test func `has the same bytes every time`() {
    #expect(
      Self.value.compact == #"{"name":"vae","zeta":[1,2.5,null,true],"alpha":{"empty":{},"#
        + #""none":[],"t":"é\n\u0001\\"},"pairs":[[1],{"a":"😀"}]}"#)
    #expect(
      Self.value.pretty == """
        {
          "name": "vae",
          "zeta": [1,2.5,null,true],
          "alpha": {
            "empty": {},
            "none": [],
            "t": "é\\n\\u0001\\\\"
          },
          "pairs": [
            [1],
            {
              "a": "😀"
            }
          ]
        }

        """)
  }

  @Test func `reads back as it was written`() throws {
    #expect(try parse(Self.value.compact) == Self.value)
    #expect(try parse(Self.value.pretty) == Self.value)
  }

  @Test func `is read the same by Foundation`() throws {
    let object = try JSONSerialization.jsonObject(with: Data(Self.value.pretty.utf8))
    let again = try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
    let ours = try JSONValue.parse(Array(again), path: "a")
    #expect(ours["name"]?.string == "vae")
    #expect(ours["alpha"]?["t"]?.string == "é\n\u{1}\\")
    #expect(ours["pairs"]?.array?[1]["a"]?.string == "😀")
  }

  @Test func `numbers read back exactly, and those that JSON lacks are text`() throws {
    var generator = SeededGenerator(7)
    for _ in 0..<2000 {
      let double = Double(bitPattern: generator.next())
      let read = try parse(JSONValue(double).compact).double
      #expect(read == double || double.isNaN && read?.isNaN == true)
    }
    #expect(try parse(JSONValue(UInt64.max).compact).uint64 == .max)
    #expect(try parse(JSONValue(Int.min).compact).int == .min)
    #expect(JSONValue(Double.nan).compact == "\"NaN\"")
    #expect(try parse("[0.30]").compact == "[0.30]")
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":1,}", "01", "1.", "-", "+1", "nul", "\"", "\"\\x\"", "\"\\ud800\"",
    "\"\\udc00\\ud800\"", "\"a\nb\"", "[1] 2", "{\"a\":1,\"a\":2}", "{a:1}", "[1 2]", "NaN",
    String(repeating: "[", count: 100_000),
  ])
  func `what is not JSON is refused`(text: String) {
    #expect(throws: FileProblem.self) { try parse(text) }
  }

  @Test func `invalid UTF-8 is refused`() {
    #expect(throws: FileProblem.self) {
      try JSONValue.parse([0x22, 0xc3, 0x28, 0x22], path: "a")
    }
  }

  @Test func `escapes are understood`() throws {
    #expect(try parse(#""\u00e9\ud83d\ude00\/\b\f""#).string == "é😀/\u{8}\u{c}")
  }

  @Test func `cut short or damaged it is read or refused`() throws {
    let bytes = Array(Self.value.compact.utf8)
    try expectTruncationRefused(bytes) { try JSONValue.parse($0, path: "a") }
    try survivesMutations(bytes) { try JSONValue.parse($0, path: "a") }
  }

  @Test func `objects merge key by key, keeping places`() {
    let old: JSONValue = ["a": 1, "b": ["x": 1, "y": 2], "c": [1]]
    let new: JSONValue = ["b": ["y": 3], "c": [2], "d": 4]
    let merged = old.object.flatMap { old in new.object.map { old.merging($0) } }
    #expect(
      merged.map { JSONValue.object($0).compact }
        == #"{"a":1,"b":{"x":1,"y":3},"c":[2],"d":4}"#)
  }
}
