import ExptDocument
import Testing

@Suite("A YAML mistake is said in plain English, with its place")
struct SyntaxMessageTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var text: String
    var message: String
    var testDescription: String { text.debugDescription }
  }

  @Test(arguments: [
    Case(
      text: "model:\n  bta: 4\n bad\n",
      message: """
        f.yaml:3:2: error: this does not fit the mapping begun on line 1
          3 |  bad
            |  ^ check the indentation, and for a missing ':' or quote
        1 error
        """),
    Case(
      text: "hidden: [1, 2\nb: 3\n",
      message: """
        f.yaml:2:2: error: the list begun on line 1 needs ',' or ']' here
          2 | b: 3
            |  ^ close it with ']'
        1 error
        """),
    Case(
      text: "model:\n\tbeta: 1\n",
      message: """
        f.yaml:2:1: error: a tab cannot indent YAML
          2 |     beta: 1
            | ^~~~ use spaces
        1 error
        """),
    Case(
      text: "name: @x",
      message: """
        f.yaml:1:7: error: a value cannot start with '@'
          1 | name: @x
            |       ^ put it in quotes
        1 error
        """),
    Case(
      text: "name: beta: one",
      message: """
        f.yaml:1:11: error: a ':' is not allowed here
          1 | name: beta: one
            |           ^ check the indentation; text that holds ': ' needs quotes
        1 error
        """),
    Case(
      text: "name: 'x\nseed: 1\n",
      message: """
        f.yaml:1:7: error: this quoted text is never closed
          1 | name: 'x
            |       ^ add the missing quote
        1 error
        """),
    Case(
      text: "seed: 1\nbeta\nname: x\n",
      message: """
        f.yaml:2:1: error: this is neither 'key: value' nor part of the value before it
          2 | beta
            | ^ write 'key: value', or check the indentation
        1 error
        """),
    Case(
      text: "name: \"x\"y",
      message: """
        f.yaml:1:10: error: this cannot follow the value before it
          1 | name: "x"y
            |          ^ check quotes and brackets; text that holds quotes needs quotes around all of it
        1 error
        """),
    Case(
      text: "layers: - 1\n",
      message: """
        f.yaml:1:9: error: a list item '- ' is not allowed here
          1 | layers: - 1
            |         ^ begin the list on a line of its own
        1 error
        """),
    Case(
      text: "path: \"C:\\qux\"",
      message: """
        f.yaml:1:10: error: this '\\' escape is not known in double quotes
          1 | path: "C:\\qux"
            |          ^ write '\\\\' for a backslash, or use single quotes
        1 error
        """),
    Case(
      text: "a: 1\n---\nb: 2\n",
      message: """
        f.yaml:2:1: error: a second document begins here; a file holds one experiment
          2 | ---
            | ^~~ remove the '---', or split the file
        1 error
        """),
    Case(
      text: "# nothing but a comment\n",
      message: """
        error: 'f.yaml' holds no experiment: it is empty
          an experiment begins with settings such as 'model: { type: vae }'
        1 error
        """),
    Case(
      text: "- a\n",
      message: """
        f.yaml:1:1: error: an experiment is a mapping of settings, and this is a list of 1
          1 | - a
            | ^~~ write 'key: value' lines
        1 error
        """),
    Case(
      text: "%YAML 1.9\n---\na: 1",
      message: """
        f.yaml:1:1: error: this YAML version is not supported
          1 | %YAML 1.9
            | ^ remove the %YAML line
        1 error
        """),
  ])
  func `the whole message`(_ given: Case) {
    #expect(report(given.text) == given.message)
  }

  @Test func `mistakes beyond the grammar are reported together`() {
    let text = """
      seed: 1
      name: a
      seed: 2
      ? [x]
      : 1
      1: 2
      tag: !foo x
      lost: *bass
      whole: !!int x
      base: &base [*base]
      <<: 3
      """
    #expect(
      report(text) == """
        f.yaml:3:1: error: the key 'seed' is set twice, first at f.yaml:1:1
          3 | seed: 2
            | ^~~~ keep one of the two
        f.yaml:4:3: error: a key must be a name, not a list of 1
          4 | ? [x]
            |   ^~~
        f.yaml:6:1: error: a key must be a name, not the number 1
          6 | 1: 2
            | ^ write "1" if it is a name
        f.yaml:7:6: error: the tag '!foo' means nothing in an experiment file
          7 | tag: !foo x
            |      ^~~~~~ remove the tag, or put the text in quotes
        f.yaml:8:7: error: the alias '*bass' has no anchor '&bass' before it
          8 | lost: *bass
            |       ^~~~~
        f.yaml:9:8: error: 'x' is tagged !!int but does not read as one
          9 | whole: !!int x
            |        ^~~~~~~ remove the tag
        f.yaml:10:14: error: the alias '*base' is inside the value it names
          10 | base: &base [*base]
             |              ^~~~~
        f.yaml:11:5: error: '<<' merges mappings, and this is the number 3
          11 | <<: 3
             |     ^ write '<<: *name', with '&name' before a mapping
        8 errors
        """)
  }
}
