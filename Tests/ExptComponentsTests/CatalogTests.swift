import ExptComponents
import ExptDocument
import ExptTesting
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
          make it conform to Model, Dataset or another role
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

/// A role that this package knows nothing of.
private protocol Curriculum: Component {}

extension Curriculum {
  static var roles: [AnyRole] { [AnyRole(.curriculum)] }
}

extension Role where Value == any Curriculum {
  fileprivate static var curriculum: Self {
    Role(
      "curriculum", title: "curriculum", includes: { $0 is any Curriculum.Type },
      cast: { $0 as? any Curriculum })
  }
}

private struct EasyFirst: Curriculum {
  static let id = "easy_first"
  static let summary = "Begins with what is easy."
  @Setting("Share of the images at first.", .within(0...1)) var share: Double = 0.1
}

private struct School: Output {
  static let id = "school"
  static let summary = "Has a slot for one."
  @Slot("What to begin with.", .curriculum, default: "easy_first")
  var curriculum: any Curriculum
  func epochEnded(_ occasion: OutputOccasion) {}
}

@Suite("A role of a plugin's own")
struct OwnRoleTests {
  private static let types: [any Component.Type] = [EasyFirst.self, School.self]

  @Test func `is brought by its components, behind those of expt`() throws {
    let catalog = try Catalog([], adding: Self.types)
    #expect(catalog.roles.map(\.name) == AnyRole.builtins.map(\.name) + ["curriculum"])
    #expect(catalog.ids(role: "curriculum") == ["easy_first"])
    #expect(catalog.find("easy_first", role: "curriculum") is EasyFirst)
  }

  @Test func `is read, and checked, as any other`() throws {
    let catalog = try Catalog([], adding: Self.types)
    let school = try catalog.make(.output, "{ type: school, curriculum: { share: 0.5 } }")
    #expect(((school as? School)?.curriculum as? EasyFirst)?.share == 0.5)
    let error = #expect(throws: Diagnostics.self) {
      try catalog.make(.output, "{ type: school, curriculum: easy_frist }")
    }
    #expect(error?.rendered.contains("there is no curriculum 'easy_frist'") == true)
    #expect(error?.rendered.contains("did you mean 'easy_first'?") == true)
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
