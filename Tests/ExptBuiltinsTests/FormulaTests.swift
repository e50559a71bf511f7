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

  @Test func `finds what the settings below a component are for`() throws {
    let model = try builtins.make(
      .model,
      "{ type: joint_vae, latent: 3, prior: groups, "
        + "posterior: { type: groups, groups: { style: { latent: 3 } } } }")
    let inside = model.componentsInside
    #expect(
      inside.first { $0.setting == "posterior.groups.style.posterior" }?.component.id == "gaussian")
    #expect(inside.first { $0.setting == "numbers" }?.component.id == "capacity")
    #expect(model.help(ofSetting: "numbers.to") == "The capacity at the end, in nats.")
    #expect(model.help(ofSetting: "posterior.groups.style.latent")?.contains("latents") == true)
    #expect(model.help(ofSetting: "missing.share")?.contains("missing") == true)
    #expect(model.help(ofSetting: "numbers.none") == nil)
    let mixed = try builtins.make(.likelihood, "{ type: mixed, columns: [gaussian, poisson] }")
    #expect(mixed.componentsInside.map(\.setting) == ["columns[0]", "columns[1]"])
    #expect(mixed.help(ofSetting: "columns[0].scale")?.hasPrefix("The scale") == true)
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
