import ExptDocument
import Testing

@Suite("Anchors, aliases, merge keys and tags")
struct AnchorTests {
  @Test func `an alias repeats the value, from where it was written`() throws {
    let root = try read("a: &x [1, 2]\nb: *x\n")
    #expect(short(root) == "{a: [1, 2], b: [1, 2]}")
    #expect(root["b"]?.span?.description == "f.yaml:1:7")
  }

  @Test func `a merge key adds what the mapping lacks`() throws {
    let text = """
      adam: &adam { type: adam, rate: 1 }
      slow: &slow { rate: 0, decay: 2 }
      own: { rate: 5, <<: *adam }
      both: { <<: [*adam, *slow], x: 1 }
      inline: { <<: { a: 1 } }
      quoted: { "<<": 1 }
      """
    let root = try read(text)
    #expect(short(root["own"]) == "{rate: 5, type: adam}")
    #expect(short(root["both"]) == "{x: 1, type: adam, rate: 1, decay: 2}")
    #expect(short(root["inline"]) == "{a: 1}")
    #expect(short(root["quoted"]) == "{<<: 1}")
    #expect(root["own"]?["type"]?.span?.description == "f.yaml:1:21")
  }

  @Test func `two merge keys are one too many`() {
    #expect(
      report("a: &a {x: 1}\nb: &b {y: 1}\nc:\n  <<: *a\n  <<: *b\n") == """
        f.yaml:5:3: error: the key '<<' is set twice, first at f.yaml:4:3
          5 |   <<: *b
            |   ^~ merge several mappings with '<<: [*one, *other]'
        1 error
        """)
  }

  @Test func `a misspelt alias`() {
    #expect(
      report("a: &encoder 1\nb: *encodr\n") == """
        f.yaml:2:4: error: the alias '*encodr' has no anchor '&encodr' before it
          2 | b: *encodr
            |    ^~~~~~~ did you mean '*encoder'?
        1 error
        """)
  }

  @Test func `core tags say what a scalar is`() throws {
    let root = try read("a: !!str 12\nb: !!int '3'\nc: !!float 1\nd: !!seq [1]\ne: !!map {x: 1}\n")
    #expect(short(root) == "{a: '12', b: 3, c: 1, d: [1], e: {x: 1}}")
  }

  @Test func `the span of a value leaves its anchor and tag out`() throws {
    let root = try read("a: &name !!int 12\nb: &m\n  c: 1\n")
    #expect(root["a"]?.span?.start == SourceLocation(line: 1, column: 16))
    #expect(root["b"]?.span?.start == SourceLocation(line: 3, column: 3))
  }
}
