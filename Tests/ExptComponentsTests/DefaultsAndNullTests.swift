import ExptComponents
import ExptDocument
import ExptTestSupport
import Foundation
import Testing

/// Slots with defaults that have settings, and settings that may be null.
struct Holder: Output {
  static let id = "holder"
  static let summary = "Holds."

  @Slot("A schedule.", .schedule, default: "constant") var beta: any Schedule
  @OptionalSlot("Maybe a schedule.", .schedule) var spare: (any Schedule)? = nil
  @Setting("Maybe a text.") var labels: String? = nil
  @Setting("Maybe a path.") var path: WrittenPath? = nil
  @Setting("Maybe a number.", .atLeast(1)) var stop: Int? = nil
  @Setting("A seed.") var seed: UInt64 = 0
  @Setting("Sizes.") var sizes: [Int] = [4]
  @Section("More.") var more = Inner()

  init() {}
  func epochEnded(_ occasion: OutputOccasion) {}
}

private let catalog: Catalog = {
  do { return try Catalog([Holder.self, FixedBeta.self, Fixed.self, Rising.self]) } catch {
    preconditionFailure("\(error)")
  }
}()

private func holder(_ document: Document) -> (holder: Holder?, messages: String) {
  let reader = SettingsReader(catalog: catalog)
  let made = reader.component(.output, from: document.root, path: NodePath())
  return (made as? Holder, reader.diagnostics.rendered)
}

private func holder(
  _ text: String, _ overrides: String...
) throws -> (holder: Holder?, messages: String) {
  holder(
    try Document.parse(
      "type: holder\n" + text, file: "t.yaml",
      overrides: overrides.map { try Override(parsing: $0) }))
}

@Suite("A slot with a default")
struct SlotDefaultTests {
  @Test func `takes that one's settings without its type, from a file and from overrides`() throws {
    let written = try holder("beta: { value: 3 }")
    #expect((written.holder?.beta as? FixedBeta)?.value == 3, "\(written.messages)")
    #expect((try holder("", "beta.value=3").holder?.beta as? FixedBeta)?.value == 3)
    #expect((try holder("beta: constant", "beta.value=3").holder?.beta as? FixedBeta)?.value == 3)
    #expect((try holder("beta: {}").holder?.beta as? FixedBeta)?.value == 1)
    #expect((try holder("beta: { type: rising, to: 2 }").holder?.beta as? Rising)?.to == 2)
  }

  @Test func `takes them over what a file extends, and under it`() throws {
    let folder = TemporaryFolder()
    func value(_ base: String, _ file: String) throws -> (any Schedule)? {
      try folder.write("type: holder\n\(base)\n", to: "a")
      let second = try folder.write("extends: a\n\(file)\n", to: "b")
      return holder(try Document.load(path: second)).holder?.beta
    }
    #expect((try value("", "beta: { value: 3 }") as? FixedBeta)?.value == 3)
    #expect((try value("beta: { value: 2 }", "beta: { value: 3 }") as? FixedBeta)?.value == 3)
    #expect((try value("beta: { value: 2 }", "seed: 1") as? FixedBeta)?.value == 2)
    #expect((try value("beta: constant", "beta: { value: 3 }") as? FixedBeta)?.value == 3)
    #expect((try value("beta: { value: 2 }", "beta: constant") as? FixedBeta)?.value == 1)
    #expect((try value("beta: {value: 2}", "beta: {type: constant}") as? FixedBeta)?.value == 2)
  }

  @Test func `says that it is the default, and who has a setting that it lacks`() throws {
    #expect(
      try holder("beta: { to: 3 }").messages == """
        t.yaml:2:9: error: schedule 'constant', the default, has no setting 'to'
          2 | beta: { to: 3 }
            |         ^~ add 'type:' with one that has it: rising
        1 error
        """)
    #expect(try holder("beta: { valu: 3 }").messages.contains("did you mean 'value'?"))
    #expect(try holder("beta: { typ: rising }").messages.contains("did you mean 'type'?"))
    #expect(try holder("spare: { value: 3 }").messages.contains("does not say which schedule"))
  }
}

@Suite("Null")
struct NullTests {
  @Test(arguments: ["None", "none", "nil", "Nil", "nULL", "''", "\"\"", "undefined"])
  func `in other words is refused wherever it may stand, and null is named`(_ word: String) throws {
    for key in ["labels", "path", "stop", "spare"] {
      let (made, messages) = try holder("\(key): \(word)")
      #expect(made == nil && messages.contains("write null"), "\(key): \(messages)")
    }
  }

  @Test(arguments: ["false", "off", "no", "never"])
  func `is named for what is refused`(_ word: String) throws {
    #expect(try holder("stop: \(word)").messages.contains("write null"))
    #expect(try holder("spare: \(word)").messages.contains("write null"))
  }

  @Test func `of its own spellings is null, and text in quotes is text`() throws {
    for word in ["null", "~", "NULL", "Null", ""] {
      let read = try holder("labels: \(word)\nstop: \(word)\nspare: \(word)")
      let made = try #require(read.holder)
      #expect(made.labels == nil && made.stop == nil && made.spare == nil)
    }
    #expect(try holder("labels: 'None'").holder?.labels == "None")
    #expect(try holder("labels: no").holder?.labels == "no")
    #expect(try holder("stop: 0").messages.contains("write null to turn it off"))
    #expect(try holder("more: None").messages.contains("remove it, or give it settings"))
  }
}

@Suite("Numbers written in other ways")
struct NumberSpellingTests {
  @Test func `a seed may have 64 bits in any base`() throws {
    #expect(try holder("seed: 0xFFFFFFFFFFFFFFFF").holder?.seed == .max)
    #expect(try holder("seed: 18446744073709551615").holder?.seed == .max)
    #expect(
      try holder("seed: 18_446_744_073_709_551_615").messages
        .contains("write 18446744073709551615"))
    #expect(try holder("seed: 18446744073709551616").holder == nil)
    #expect(try holder("seed: -1").holder == nil)
  }

  @Test func `a list without brackets is shown with them`() throws {
    #expect(try holder("sizes: 4, 5").messages.contains("write [4, 5]"))
    #expect(try holder("sizes: 4").messages.contains("write [4]"))
    #expect(!(try holder("sizes: four")).messages.contains("write ["))
  }

  @Test func `look-alikes in a value are named`() throws {
    #expect(
      try holder("sizes: [4，5]").messages.contains(
        "in column 10 '，' is U+FF0C (fullwidth comma): write ','"))
    #expect(try holder("stop: 1２").messages.contains("'２' is U+FF12 (fullwidth digit two)"))
    #expect(try holder("beta: {value： 2}").messages.contains("U+FF1A"))
  }
}
