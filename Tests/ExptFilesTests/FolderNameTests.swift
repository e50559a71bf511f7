import Testing

@testable import ExptFiles

@Suite("The name of a folder")
struct FolderNameTests {
  @Test(arguments: [
    "vae_mnist", "vae+flow", "beta=4", "größe", "αβ", "実験", "a.b", "v1.", "2024", "007", "no",
    "vae (copy)", "lr=1e-3, β=4", "क्षमता", "don't", "100%", "_x", "🎉", "con", "[a]",
    String(repeating: "é", count: 100),
  ])
  func `is letters of any script, digits, inner spaces and punctuation`(_ name: String) {
    #expect(FolderName.problem(with: name) == nil)
  }

  @Test(arguments: [
    ("", "is empty"), (".", "begins with '.'"), ("..", "begins with '.'"),
    (".hidden", "begins with '.'"), ("-x", "begins with '-'"), ("~x", "begins with '~'"),
    (" x", "begins with a space"), ("x ", "ends with a space"), ("a/b", "contains '/'"),
    ("../x", "contains '/'"), ("a\\b", "contains '\\'"), ("a:b", "contains ':'"),
    ("a*", "contains '*'"),
    ("a?", "contains '?'"), ("<a>", "contains '<'"), ("a|b", "contains '|'"),
    ("a\"b", "contains '\"'"),
    ("x${USER}", "contains '${', which is not expanded here"),
    ("a\nb", "contains the control character U+000A"),
    ("a\tb", "contains the control character U+0009"),
    ("\u{1B}[31m", "contains the control character U+001B"),
    ("a\u{0}b", "contains the control character U+0000"),
    ("a\u{9B}b", "contains the control character U+009B"),
    ("a\u{A0}", "contains the unusual space U+00A0"),
    ("a\u{3000}b", "contains the unusual space U+3000"),
    ("a\u{200B}b", "contains the invisible character U+200B"),
    ("a\u{202E}b", "contains the invisible character U+202E"),
    ("a\u{2028}b", "contains the invisible character U+2028"),
    (String(repeating: "a", count: 201), "has 201 bytes"),
    (String(repeating: "é", count: 101), "has 202 bytes"),
  ])
  func `is refused with the reason`(_ name: String, _ problem: String) {
    #expect(FolderName.problem(with: name) == problem)
  }
}
