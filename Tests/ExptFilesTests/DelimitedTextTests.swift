import ExptTestSupport
import Testing

@testable import ExptFiles

@Suite("Delimited text")
struct DelimitedTextTests {
  private func read(
    _ text: String, _ separator: DelimitedText.Separator? = nil
  ) throws -> DelimitedText {
    try DelimitedText(Array(text.utf8), path: "t.csv", separator: separator)
  }

  private func cells(_ text: DelimitedText) -> [[String]] {
    (0..<text.rowCount).map { row in
      (0..<text.columnCount).map { text.text(row: row, column: $0) ?? "not UTF-8" }
    }
  }

  private func problem(_ text: String) -> String {
    let problem = #expect(throws: FileProblem.self) { _ = try read(text) }
    return problem?.description ?? ""
  }

  @Test(arguments: [
    "a,b\n1,2\n3,4\n", "a,b\n1,2\n3,4", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4",
    "\u{feff}a,b\n1,2\n\n3,4\n\n", "a;b\n1;2\n3;4\n", "a\tb\n1\t2\n3\t4\n", "a|b\n1|2\n3|4\n",
    "a, b\n 1 ,2\n3,\t4\n", "\"a\",\"b\"\n\"1\",2\n3,\"4\"\n",
  ])
  func `is the same table however it is written`(_ text: String) throws {
    #expect(cells(try read(text)) == [["a", "b"], ["1", "2"], ["3", "4"]])
  }

  @Test func `quoted cells may hold separators, line breaks and quotation marks`() throws {
    let text = try read("name,note\n\"Smith, J.\",\"says \"\"no\"\"\nand goes\"\nx,\"\"\n")
    #expect(
      cells(text) == [["name", "note"], ["Smith, J.", "says \"no\"\nand goes"], ["x", ""]])
    #expect((0..<3).map(text.line) == [1, 2, 4])
  }

  @Test func `the separator is the one that all lines have as many of`() throws {
    #expect(try read("a;b;c\n1,5;2,5;3\n4,5;5,25;6\n").separator == .semicolon)
    #expect(try read("a,b\n\"x;y;z\",1\n\"u;v;w\",2\n").separator == .comma)
    #expect(try read("a\n1\n2\n").columnCount == 1)
    #expect(try read("a;b,c\n1;2,3\n", .semicolon).columnCount == 2)
  }

  @Test func `rows of other widths are named with their lines, the first few`() {
    let rows = (0..<9).map { $0 % 2 == 0 ? "1,2" : "1,2,3" }.joined(separator: "\n")
    #expect(
      problem("a,b\n" + rows)
        == "t.csv:3: has 3 cells, and the first row has 2 (line 5 has 3, line 7 has 3, line 9 has 3); a cell that "
        + "holds the separator must stand in quotation marks.")
  }

  @Test func `what is no table is refused with its line`() {
    #expect(problem("a,b\n1,\"2\n3,4\n").hasPrefix("t.csv:2: a cell begins with a quotation mark"))
    #expect(problem("a,b\n\"1\" x,2\n").hasPrefix("t.csv:2: there is text behind"))
    #expect(problem("a,b\0").contains("is no text"))
    let utf16 = #expect(throws: FileProblem.self) {
      _ = try DelimitedText([0xff, 0xfe, 0x61, 0], path: "t.csv")
    }
    #expect(utf16?.message.contains("UTF-16") == true)
  }

  @Test func `a file whose name ends in gz is unpacked`() throws {
    let folder = TemporaryFolder()
    try folder.write(Gzip.deflate(Array("a,b\n1,2\n".utf8)), to: "t.csv.gz")
    #expect(try DelimitedText.read(folder.file("t.csv.gz")).number(row: 1, column: 1)?.value == 2)
  }

  /// Against Swift's own reader of numbers.
  @Test func `numbers are the nearest ones`() throws {
    var generator = SeededGenerator(7)
    for _ in 0..<20_000 {
      let digits = (0..<Int.random(in: 1...21, using: &generator)).map { _ in
        "\(Int.random(in: 0...9, using: &generator))"
      }
      var text = digits.joined()
      if Bool.random(using: &generator) {
        let place = text.index(
          text.startIndex, offsetBy: Int.random(in: 0...text.count, using: &generator))
        text.insert(".", at: place)
      }
      if Int.random(in: 0..<3, using: &generator) == 0 {
        text += "e\(Int.random(in: -30...30, using: &generator))"
      }
      if Bool.random(using: &generator) { text = "-" + text }
      #expect(DecimalNumber(text)?.value.bitPattern == Double(text)?.bitPattern, "\(text)")
    }
    #expect(DecimalNumber("39.10").map { [$0.decimals, Int($0.value * 10)] } == [2, 391])
    #expect(DecimalNumber("12,5", point: 0x2c)?.value == 12.5)
  }

  @Test(arguments: [
    "", "-", ".", "e3", "1e", "1e+", "0x10", "inf", "nan", "1 2", "1_000", "1,000", "1e999", "٣",
  ])
  func `what else looks like a number is none`(_ text: String) {
    #expect(DecimalNumber(text) == nil)
  }

  @Test func `damaged files are read or refused`() throws {
    let text =
      "id,name,\"mass; g\",note\r\n1,\"Smith, J.\",-3.5e2,\"two\nlines\"\n2,,NA,\"says \"\"no\"\"\"\n\n3,ü,.5,x"
    let refused = try survivesMutations(Array(text.utf8), rounds: 6000) { bytes in
      let table = try DelimitedText(bytes, path: "t.csv")
      for row in 0..<table.rowCount {
        _ = table.line(ofRow: row)
        for column in 0..<table.columnCount {
          _ = table.text(row: row, column: column)
          _ = table.number(row: row, column: column)
        }
      }
    }
    #expect(refused > 600)
  }
}
