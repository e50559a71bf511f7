import ExptComponents
import ExptDocument
import Testing

@Suite("Catalogs")
struct CatalogTests {
  @Test func `components are found by role and id, sorted`() {
    #expect(testCatalog.ids(role: "schedule") == ["constant", "fixed", "rising"])
    #expect(testCatalog.ids(role: "output") == ["gadget"])
    #expect(testCatalog.ids(role: "model") == [])
    #expect(testCatalog.ids(role: "no_such_role") == [])
    #expect(testCatalog.find("rising", role: "schedule") is Rising)
    #expect(testCatalog.find("rising", role: "output") == nil)
  }

  @Test func `one id in two roles is no clash`() throws {
    let catalog = try Catalog([Fixed.self, FixedRate.self])
    #expect(catalog.find("fixed", role: "learning_rate_schedule") is FixedRate)
    #expect(catalog.find("fixed", role: "schedule") is Fixed)
  }

  @Test func `one id twice in a role names both types, and a component without a role is named`() {
    let problems = #expect(throws: Diagnostics.self) {
      try Catalog([Fixed.self, Rising.self, OtherFixed.self, Stranger.self])
    }
    #expect(
      problems?.rendered == """
        error: Fixed and OtherFixed are both the schedule 'fixed'
          change the id of one of them
        error: Stranger has no role
          let it conform to Model, Dataset or another role
        2 errors
        """)
  }

  @Test func `an added component must not clash with a known one either`() throws {
    let problems = #expect(throws: Diagnostics.self) {
      try Catalog([Fixed.self, Rising.self], adding: [OtherFixed.self])
    }
    #expect(problems?.rendered.hasPrefix("error: Fixed and OtherFixed are both") == true)
    let catalog = try Catalog([Fixed.self], adding: [Rising.self])
    #expect(catalog.ids(role: "schedule") == ["fixed", "rising"])
  }
}

@Suite("Descriptions")
struct DescriptionTests {
  @Test func `settings describe themselves in order`() {
    let lines = Gadget.settingDescriptions.map { setting in
      let limits = setting.limits.map { ", \($0)" } ?? ""
      return "\(setting.name): \(setting.expectation)\(limits)"
    }
    #expect(
      lines.joined(separator: "\n") == """
        count: a whole number, from 1 to 100
        seed: a whole number from 0 to 2^64 - 1
        learning_rate: a number, above 0
        share: a number, above 0 and at most 1
        is_on: true or false
        label: text
        hidden: a list, each entry a whole number, at least 1
        clip: a number, or null, above 0
        mode: one of none, threshold, stochastic
        modes: a list, each entry one of none, threshold, stochastic
        more: a mapping of settings
        width: a whole number, at least 1
        height: a whole number, at least 1
        beta: a schedule or a number
        spare: a schedule or a number, or null
        schedules: a list, each entry a schedule or a number
        """)
    #expect(Rising.settingDescriptions.first?.defaultValue == nil, "it must be given")
    #expect(Gadget.settingDescriptions.first?.defaultValue == .int(3))
    #expect(
      Gadget.settingDescriptions.first { $0.name == "beta" }?.defaultValue == .string("fixed"))
    #expect(Gadget.settingDescriptions.first { $0.name == "spare" }?.defaultValue == .null)
  }

  @Test func `the JSON Schema of a component`() {
    let schema = YAMLWriter.Value(FixedBeta.objectSchema(type: "constant"))
    #expect(
      YAMLWriter.write([.init("schema", schema)]) == """
        schema:
          type: object
          properties:
            type:
              const: constant
            value:
              type: number
              minimum: 0.0
              maximum: 10.0
              description: "β."
              default: 1.0
          additionalProperties: false
          required: [type]

        """)
  }
}
