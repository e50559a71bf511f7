import ExptComponents
import ExptDocument
import Foundation
import Testing

@Suite("Settings that are paths")
struct WrittenPathTests {
  private struct Places: Settings {
    @Setting("One.") var file: WrittenPath
    @Setting("One, or none.") var spare: WrittenPath? = nil
    @Setting("Several.") var others: [WrittenPath] = []
    @Setting("No path.") var label: String = ""
    @Setting("No path.") var count: Int = 0
    init() {}
  }

  private let variables = PathExpansion { ["HOME": "/home/ada", "DATA": "/data"][$0] }

  private func read(
    _ text: String, _ expansion: PathExpansion?
  ) throws -> (places: Places, messages: String) {
    let document = try Document.parse(text, file: "p.yaml")
    let reader = SettingsReader(catalog: testCatalog, expansion: expansion)
    let places = Places()
    reader.fill(
      places, from: document.root.entries ?? [], at: document.root, title: "p", path: NodePath())
    return (places, reader.diagnostics.rendered)
  }

  @Test func `are kept as they were written, and expanded when asked`() throws {
    let text = "file: ~/x\nspare: ${DATA}/y\nothers: [$DATA, z]\n"
    let (places, messages) = try read(text, variables)
    #expect(messages == "")
    #expect(try places.file.expanded(by: variables) == "/home/ada/x")
    #expect(try places.spare?.expanded(by: variables) == "/data/y")
    #expect(try places.others.map { try $0.expanded(by: variables) } == ["/data", "z"])
    #expect(
      places.plainEntries.prefix(3).map(\.value) == [
        .string("~/x"), .string("${DATA}/y"), .list([.string("$DATA"), .string("z")]),
      ])
  }

  @Test func `say where a variable is not set`() throws {
    let text = "file: $NONE/x\nspare: ~bob\nothers: [a, '${x.y}']\n"
    let messages = try read(text, variables).messages
    #expect(
      messages.contains(
        "p.yaml:1:7: error: 'file' is the text '$NONE/x': the environment variable 'NONE' is not "
          + "set"))
    #expect(messages.contains("p.yaml:2:8: error: 'spare' is the text '~bob': '~bob' begins with"))
    #expect(messages.contains("p.yaml:3:13: error: 'others[1]' is the text '${x.y}'"))
  }

  @Test func `are not tried where nothing will be loaded`() throws {
    #expect(try read("file: $NONE/x\n", nil).messages == "")
  }

  @Test func `alone interpolate: other settings refuse it`() throws {
    let messages = try read("file: ~\nlabel: run_${seed}\ncount: ${n}\n", variables).messages
    #expect(messages.contains("a bare '~' is null in YAML; write '~/' for the home folder"))
    #expect(
      messages.contains("'label' is the text 'run_${seed}': interpolation is not supported here"))
    #expect(messages.contains("'count' must be a whole number, not the text '${n}'"))
    #expect(messages.components(separatedBy: "in paths only; write the value itself").count == 3)
  }
}
