import ExptComponents
import ExptDocument
import Testing

@Suite("Resolved settings")
struct ProvenanceTests {
  private let text = """
    gadget:
      type: gadget
      count: 5
      hidden: [1, 2]
      more: {depth: 2}
      beta: 2.5
      schedules:
        - {type: rising, to: 0.25}
    """

  @Test func `every setting says where its value came from`() throws {
    let gadget = try #require(
      try reading(text, overrides: ["gadget.share=0.25", "gadget.width=2"]).gadget)
    #expect(
      written(gadget.plainEntries) == """
        count: 5              # test.yaml:3
        seed: 7               # default
        learning_rate: 0.001  # default
        share: 0.25           # --set gadget.share=0.25
        is_on: false          # default
        label: plain          # default
        hidden: [1, 2]        # test.yaml:4
        clip: null            # default
        mode: none            # default
        modes: []             # default
        more:
          depth: 2            # test.yaml:5
          inner:
            slope:            # default
              type: fixed
        width: 2              # --set gadget.width=2
        height: 8             # default
        beta:                 # test.yaml:6
          type: constant
          value: 2.5          # test.yaml:6
        spare: null           # default
        schedules:            # test.yaml:8
          - type: rising
            to: 0.25          # test.yaml:8

        """)
  }

  @Test func `resolved settings read back are the same settings`() throws {
    let gadget = try #require(
      try reading(text, overrides: ["gadget.clip=0.1", "gadget.seed=18446744073709551615"]).gadget)
    guard case .mapping(let entries) = gadget.plain else {
      Issue.record("a component is written as a mapping")
      return
    }
    let yaml = YAMLWriter.write([
      YAMLWriter.Entry("gadget", .mapping(entries.map { YAMLWriter.Entry($0) }))
    ])
    let again = try #require(try reading(yaml).gadget)
    #expect(stripped(again.plain) == stripped(gadget.plain), "\(yaml)")
  }

  @Test func `a value set in code has no remark`() throws {
    var gadget = try #require(try reading(text).gadget)
    gadget.count = 9
    let entry = try #require(gadget.plainEntries.first { $0.key == "count" })
    #expect(entry.value == .int(9))
    #expect(entry.remark == nil)
  }

  /// One line for each setting: `key: value  # remark`.
  private func written(_ entries: [PlainEntry], indent: String = "") -> String {
    YAMLWriter.write(entries.map { YAMLWriter.Entry($0) })
  }

  private func stripped(_ value: PlainValue) -> PlainValue {
    switch value {
    case .mapping(let entries): .mapping(entries.map { PlainEntry($0.key, stripped($0.value)) })
    case .list(let values): .list(values.map(stripped))
    default: value
    }
  }
}
