import ExptTestSupport
import Testing

@testable import ExptFiles

@Suite("CSV")
struct CSVTests {
  private func parse(_ text: String) throws -> CSVTable {
    try CSVTable.parse(Array(text.utf8), path: "a.csv")
  }

  @Test func `quotes only what needs it`() {
    #expect(
      CSV.line(["a", "b,c", "say \"hi\"", "", "two\nlines"])
        == "a,\"b,c\",\"say \"\"hi\"\"\",,\"two\nlines\"\n")
  }

  @Test func `any fields read back as they were written`() throws {
    var generator = SeededGenerator(5)
    let letters = ["a", ",", "\"", "\n", "\r", " ", "é", "1", ""]
    for round in 0..<300 {
      let columns = Int.random(in: 1...4, using: &generator)
      let lines = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
        (0..<columns).map { _ in
          (0..<Int.random(in: 0...4, using: &generator))
            .map { _ in letters.randomElement(using: &generator) ?? "" }.joined()
        }
      }
      let table = try parse(lines.map(CSV.line).joined())
      #expect([table.header] + table.rows == lines, "round \(round)")
      #expect(table.unfinished == nil)
    }
  }

  @Test func `numbers read back exactly`() throws {
    var generator = SeededGenerator(6)
    for _ in 0..<2000 {
      let double = Double(bitPattern: generator.next())
      let float = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
      #expect(Double(CSV.field(double)) == double || double.isNaN)
      #expect(Float(CSV.field(float)) == float || float.isNaN)
    }
    let plain: [Double] = [0.1, 1e-7, 100, -0.0]
    #expect(plain.map { CSV.field($0) } == ["0.1", "1e-07", "100.0", "-0.0"])
    let special: [Double] = [.nan, -.nan, .infinity, -.infinity]
    #expect(special.map { CSV.field($0) } == ["nan", "nan", "inf", "-inf"])
    #expect(CSV.field(Float(0.1)) == "0.1")
  }

  @Test func `an unfinished last line is left out and reported`() throws {
    let table = try parse("a,b\n1,2\n3,4")
    #expect(table.rows == [["1", "2"]])
    #expect(table.unfinished == "3,4")
    #expect(table.wholeSize == 8)
    #expect(try parse("a,b").header == [])
    #expect(try parse("a\n\"open\n").unfinished == "\"open\n")
  }

  @Test func `columns read as numbers, with NaN for what is none`() throws {
    let table = try parse("\u{feff}x,y\r\n1,a\r\n,2.5\r\n")
    #expect(table.header == ["x", "y"])
    let x = try #require(table.numbers("x"))
    #expect(x[0] == 1 && x[1].isNaN)
    #expect(table.numbers("y")?[1] == 2.5)
    #expect(table.numbers("z") == nil)
  }

  @Test func `mistakes are named by line`() {
    for (text, sentence) in [
      ("a,b\n1,2\n3\n", "line 3 has 1 fields, and the header has 2."),
      ("a\n\"x\ny\"\n\"z\"w\n", "line 4 has a quotation mark out of place."),
      ("a\nx\"y\n", "line 2 has a quotation mark out of place."),
    ] {
      let problem = #expect(throws: FileProblem.self) { try parse(text) }
      #expect(problem?.message == sentence)
    }
  }

  @Test func `damaged anywhere it is read or refused`() throws {
    let bytes = Array("a,b\n1,\"x\"\"y\"\n\"2\n\",é\n".utf8)
    try survivesMutations(bytes) { try CSVTable.parse($0, path: "a") }
  }
}
