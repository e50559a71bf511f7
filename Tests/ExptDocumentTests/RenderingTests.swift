import ExptDocument
import Testing

@Suite("A rendered diagnostic")
struct RenderingTests {
  func span(_ line: String, _ columns: Range<Int>, number: Int = 14) -> SourceSpan {
    SourceSpan(
      file: "experiments/digits.yaml",
      start: SourceLocation(line: number, column: columns.lowerBound),
      end: SourceLocation(line: number, column: columns.upperBound), sourceLine: line)
  }

  @Test func `shows the line, a caret and the help`() {
    let diagnostic = Diagnostic.error(
      .unknownKey, "beta_vae has no setting 'bta'", at: span("  bta: 4", 3..<6),
      help: "did you mean 'beta'?")
    #expect(
      diagnostic.rendered == """
        experiments/digits.yaml:14:3: error: beta_vae has no setting 'bta'
          14 |   bta: 4
             |   ^~~ did you mean 'beta'?
        """)
  }

  @Test func `puts a long help below the caret`() {
    let help = String(repeating: "words ", count: 16)
    let diagnostic = Diagnostic.warning(.outOfRange, "odd", at: span("beta: 4", 7..<8), help: help)
    #expect(
      diagnostic.rendered == """
        experiments/digits.yaml:14:7: warning: odd
          14 | beta: 4
             |       ^
             | \(help)
        """)
  }

  @Test func `lines the caret up behind tabs, wide and combining characters`() {
    let diagnostic = Diagnostic.error(.wrongType, "no", at: span("\tn: 漢字e\u{301} # x", 10..<11))
    #expect(
      diagnostic.rendered == """
        experiments/digits.yaml:14:10: error: no
          14 |     n: 漢字e\u{301} # x
             |              ^
        """)
    let wide = Diagnostic.error(.wrongType, "no", at: span("n: 漢字", 4..<6))
    #expect(wide.rendered.hasSuffix("\n     |    ^~~~"))
  }

  @Test func `ends the underline with the line when the span goes on`() {
    var span = span("model: { a: 1,", 8..<9)
    span.end = SourceLocation(line: 16, column: 3)
    #expect(Diagnostic.error(.wrongType, "no", at: span).rendered.hasSuffix("|        ^~~~~~~"))
  }

  @Test func `lets no control character reach the terminal`() {
    let diagnostic = Diagnostic.error(
      .wrongType, "no \u{1B}[2J", at: span("a\u{1B}[31m\u{202E}b", 1..<2), help: "\u{7}")
    #expect(
      diagnostic.rendered == """
        experiments/digits.yaml:14:1: error: no \\u{1B}[2J
          14 | a\u{FFFD}[31m\u{FFFD}b
             | ^ \\u{7}
        """)
    #expect(Diagnostic.quote("a\nb\u{0}") == "'a\\nb\\u{0}'")
    #expect(Diagnostic.quote(String(repeating: "x", count: 99)).count == 63)
  }

  @Test func `shows the part of a huge line around the place`() throws {
    let line = "a: [" + (0..<5000).map { "v\($0)" }.joined(separator: ", ") + ", *lost]"
    let message = report(line)
    #expect(
      message == """
        f.yaml:1:33895: error: the alias '*lost' has no anchor '&lost' before it
          1 | …992, v4993, v4994, v4995, v4996, v4997, v4998, v4999, *lost]
            |                                                        ^~~~~
        1 error
        """)
  }

  @Test func `without a place is a sentence`() {
    let diagnostic = Diagnostic.error(.fileNotFound, "there is no file 'x'", help: "check it")
    #expect(diagnostic.rendered == "error: there is no file 'x'\n  check it")
  }

  @Test func `comes in file order, once, with a count`() {
    let late = Diagnostic.error(.wrongType, "late", at: span("a", 1..<2, number: 9))
    let early = Diagnostic.warning(.wrongType, "early", at: span("a", 1..<2, number: 2))
    var elsewhere = late
    elsewhere.span?.file = "base.yaml"
    let diagnostics = Diagnostics([late, elsewhere, early, late, .error(.override, "nowhere")])
    #expect(diagnostics.sorted.map(\.message) == ["early", "late", "late", "nowhere"])
    #expect(diagnostics.rendered.hasSuffix("\n3 errors, 1 warning"))
    #expect(Diagnostics().rendered == "")
    #expect(!Diagnostics(early).hasErrors)
  }

  @Test func `is cut after a hundred`() {
    let many = (1...150).map { Diagnostic.error(.wrongType, "no \($0)") }
    #expect(Diagnostics(many).rendered.hasSuffix("error: no 100\n… and 50 more\n150 errors"))
  }
}
