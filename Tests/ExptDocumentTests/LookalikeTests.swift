import Testing

@testable import ExptDocument

@Suite("Characters that look like YAML's own")
struct LookalikeTests {
  @Test(arguments: [
    // As the first line, in the middle, at the end, alone.
    ("seed：3\nname: x\n", "f.yaml:1:5: ", "'：' is U+FF1A (fullwidth colon): write ':'"),
    ("name: x\nseed：3\nmodel: ae\n", "f.yaml:2:5: ", "'：' is U+FF1A (fullwidth colon)"),
    ("name: x\nseed：3\n", "f.yaml:2:5: ", "'：' is U+FF1A (fullwidth colon)"),
    ("seed：3", "f.yaml:1:1: ", "in column 5 '：' is U+FF1A (fullwidth colon): write ':'"),
    ("a: ｛b: 1｝\n", "f.yaml:1:4: ", "'｛' is U+FF5B (fullwidth left curly bracket): write '{'"),
    ("a: { b: x， c: 3 }\n", "f.yaml:1:10: ", "'，' is U+FF0C (fullwidth comma): write ','"),
    ("a: { b: 3 ｝\n", "f.yaml:1:11: ", "'｝' is U+FF5D (fullwidth right curly bracket)"),
    ("a: 1\nb:\u{A0}3\n", "f.yaml:2:3: ", "this is U+00A0 (no-break space): write a space"),
    ("b: \u{A0}3\n", "f.yaml:1:4: ", "this is U+00A0 (no-break space): write a space"),
    ("b: 3\u{3000}\n", "f.yaml:1:5: ", "this is U+3000 (ideographic space): write a space"),
    ("\u{A0}\u{A0}b: 3\n", "f.yaml:1:1: ", "this is U+00A0 (no-break space): write a space"),
    ("b: x\u{200B}\n", "f.yaml:1:5: ", "this is U+200B (zero width space): remove it"),
    ("b\u{200B}: x\n", "f.yaml:1:2: ", "this is U+200B (zero width space): remove it"),
    ("b: “x”\n", "f.yaml:1:4: ", "'“' is U+201C (left double quotation mark): write '\"'"),
    ("‘b’: x\n", "f.yaml:1:1: ", "'‘' is U+2018 (left single quotation mark): write \"'\""),
    ("a:\n\tb: 1\n", "f.yaml:2:1: ", "use spaces"),
  ])
  func `are named, with their place and what to write`(
    _ text: String, _ place: String, _ sentence: String
  ) {
    let message = report(text)
    #expect(message.hasPrefix(place), "\(message)")
    #expect(message.contains(sentence), "\(message)")
  }

  @Test(arguments: [
    ("seed：3", "--set:1:5: ", "'：' is U+FF1A (fullwidth colon): write '='"),
    ("seed＝3", "--set:1:5: ", "'＝' is U+FF1D (fullwidth equals sign): write '='"),
    ("a=“x”", "--set:1:3: ", "'“' is U+201C (left double quotation mark)"),
    ("a={b： 1", "--set:1:5: ", "'：' is U+FF1A (fullwidth colon)"),
  ])
  func `are named in overrides`(_ argument: String, _ place: String, _ sentence: String) {
    let message = report("a: 1\n", overrides: [argument])
    #expect(message.hasPrefix(place), "\(message)")
    #expect(message.components(separatedBy: "U+").count == 2, "\(message)")
    #expect(message.contains(sentence), "\(message)")
  }

  @Test(arguments: [
    "name: 実験：一\n", "name: \"“x”\"\n", "name: don’t\n", "name: a – b\n", "# ：“\nname: x\n",
    "name: 'x\u{A0}'\n", "name: می\u{200C}خواهم\n", "name: |\n  “x”\n",
  ])
  func `are text where they can be`(_ text: String) {
    #expect(report(text) == "")
  }

  @Test func `of other texts are no concern of a syntax error`() {
    #expect(!report("a: 'x：y'\n# ：\nb: [\n").contains("U+"))
    #expect(!report("a: ：\n\n\nb: [\n").contains("U+"))
  }
}
