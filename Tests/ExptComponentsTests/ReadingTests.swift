import ExptComponents
import ExptDocument
import Testing

@Suite("Settings are read")
struct ReadingTests {
  @Test func `an empty mapping gives every default`() throws {
    let reading = try reading("gadget: {type: gadget}")
    let gadget = try #require(reading.gadget)
    #expect(reading.messages == "")
    #expect(gadget.count == 3)
    #expect(gadget.seed == 7)
    #expect(gadget.learningRate == 1e-3)
    #expect(gadget.share == 0.5)
    #expect(!gadget.isOn)
    #expect(gadget.label == "plain")
    #expect(gadget.hidden == [400, 200])
    #expect(gadget.clip == nil)
    #expect(gadget.mode == .none)
    #expect(gadget.modes == [])
    #expect(gadget.more.depth == 1)
    #expect(gadget.shared.width == 8)
    #expect(gadget.beta is Fixed)
    #expect(gadget.spare == nil)
    #expect(gadget.schedules.isEmpty)
    #expect(gadget.more.inner.slope is Fixed, "a slot in a section nobody wrote has its default")
  }

  @Test func `a bare name means the same as an empty mapping`() throws {
    let gadget = try #require(try reading("gadget: gadget").gadget)
    #expect(gadget.plain == (try reading("gadget: {type: gadget}")).gadget?.plain)
  }

  @Test func `every kind of value is read`() throws {
    let text = """
      gadget:
        type: gadget
        count: 0x10
        seed: 18446744073709551615
        learning_rate: 1e-4
        share: 1
        is_on: true
        label: '12'
        hidden: [1, 2, 3]
        clip: 5
        mode: stochastic
        modes: [threshold, none]
        more: {depth: 5, inner: {slope: {type: rising, to: 3}}}
        width: 3
        height: 4
        beta: {type: rising, to: 0.5}
        spare: fixed
        schedules: [fixed, 2.5, {type: rising, to: 1}]
      """
    let reading = try reading(text)
    let gadget = try #require(reading.gadget, "\(reading.messages)")
    #expect(gadget.count == 16)
    #expect(gadget.seed == .max)
    #expect(gadget.learningRate == 1e-4)
    #expect(gadget.share == 1)
    #expect(gadget.isOn)
    #expect(gadget.label == "12")
    #expect(gadget.hidden == [1, 2, 3])
    #expect(gadget.clip == 5)
    #expect(gadget.mode == .stochastic)
    #expect(gadget.modes == [.threshold, .none])
    #expect(gadget.more.depth == 5)
    #expect((gadget.more.inner.slope as? Rising)?.to == 3)
    #expect(gadget.shared.width == 3)
    #expect(gadget.shared.height == 4)
    #expect((gadget.beta as? Rising)?.to == 0.5)
    #expect(gadget.spare is Fixed)
    #expect(gadget.schedules.map { type(of: $0).id } == ["fixed", "constant", "rising"])
    #expect((gadget.schedules[1] as? FixedBeta)?.value == 2.5)
  }

  @Test(arguments: ["clip: null", "clip: ~", "clip:", "spare: null", "spare: ~"])
  func `an optional setting can be null`(_ line: String) throws {
    let reading = try reading("gadget:\n  type: gadget\n  \(line)")
    let gadget = try #require(reading.gadget, "\(reading.messages)")
    #expect(gadget.clip == nil)
    #expect(gadget.spare == nil)
  }

  @Test(arguments: [("1", 1.0), ("2.5", 2.5), ("1e-1", 0.1), ("0", 0)])
  func `a bare number stands for the role's shorthand`(_ text: String, _ value: Double) throws {
    let gadget = try #require(try reading("gadget: {type: gadget, beta: \(text)}").gadget)
    #expect((gadget.beta as? FixedBeta)?.value == value)
  }

  @Test func `overrides reach into components, sections and lists`() throws {
    let gadget = try #require(
      try reading(
        "gadget: {type: gadget, beta: {type: rising, to: 1}, schedules: [{type: rising, to: 1}]}",
        overrides: [
          "gadget.beta.to=4", "gadget.more.depth=2", "gadget.hidden=[7]",
          "gadget.schedules[0].to=9", "gadget.width=2",
        ]
      ).gadget)
    #expect((gadget.beta as? Rising)?.to == 4)
    #expect(gadget.more.depth == 2)
    #expect(gadget.hidden == [7])
    #expect((gadget.schedules.first as? Rising)?.to == 9)
    #expect(gadget.shared.width == 2)
  }

  @Test func `components are values: changing a copy leaves the original`() throws {
    let first = try #require(try reading("gadget: gadget").gadget)
    var second = first
    second.count = 50
    second.more.depth = 4
    second.shared.width = 1
    second.more.inner.slope = FixedBeta()
    #expect(first.count == 3)
    #expect(first.more.depth == 1)
    #expect(first.shared.width == 8)
    #expect(first.more.inner.slope is Fixed)
    #expect(second.more.depth == 4)
    #expect(second.shared.width == 1)
  }

  @Test func `two components of one type do not share settings`() throws {
    let gadget = try #require(
      try reading(
        "gadget: {type: gadget, schedules: [{type: rising, to: 1}, {type: rising, to: 2}]}"
      )
      .gadget)
    #expect(gadget.schedules.map { ($0 as? Rising)?.to } == [1, 2])
  }
}
