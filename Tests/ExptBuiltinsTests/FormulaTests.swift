import ExptBuiltins
import ExptComponents
import Testing

@Suite("A formula")
struct FormulaTests {
  @Test func `is in parts: text, and places for settings`() {
    let formula = Formula("R + {β=beta}·K + {beta[1]}")
    #expect(formula.symbols == "R + β·K + beta[1]")
    #expect(
      formula.text { symbol, setting in "<\(symbol) \(setting)>" }
        == "R + <β beta>·K + <beta[1] beta[1]>")
    #expect(formula.places.map(\.setting) == ["beta", "beta[1]"])
  }

  /// Every model, posterior, prior and likelihood says one, and its places are settings of its own.
  @Test(arguments: Catalog.builtins.map { BuiltIn($0) })
  func `is what every part that explains a model has`(_ builtin: BuiltIn) throws {
    let roles = ["model", "posterior", "prior", "likelihood"]
    for role in builtin.type.roles where roles.contains(role.name) {
      for id in builtin.type.ids {
        let component = try builtins.make(
          Role<any Component>(role.name, title: role.title, includes: role.includes, cast: { $0 }),
          "{ type: \(id), \(builtin.type.exampleSettings.dropFirst().dropLast()) }")
        let text = try #require(component.formula, "\(id) has no formula")
        let settings = Set(component.settingDescriptions.map(\.name))
        for (symbol, setting) in Formula(text).places {
          let name = String(setting.prefix { $0 != "[" && $0 != "." })
          #expect(settings.contains(name), "\(id): \(setting) is none of its settings")
          #expect(!symbol.isEmpty)
        }
      }
    }
  }
}
