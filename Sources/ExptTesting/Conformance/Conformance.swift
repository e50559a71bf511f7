import ExptComponents
import ExptDocument

/// What every component must keep, checked for any component of any package.
///
///     @Test func `keeps the contracts`() throws {
///       let catalog = try Catalog(Catalog.builtins, adding: [MyModel.self])
///       #expect(Conformance.problems(of: MyModel.self, in: catalog) == [])
///     }
///
/// It begins with the component's `exampleSettings`.
///
/// - It loads from an empty mapping, and refuses an unknown key.
/// - Its settings, written out and read back, are the same.
/// - It keeps the shapes that its role documents; its numbers are finite, its gradients those of
///   finite differences.
/// - The same seed gives the same bytes, for any number of threads.
/// - Each setting changes something. (What text to try cannot be guessed: such settings are left
///   out.)
public enum Conformance {
  /// Everything that is wrong with a component, one sentence each; empty if nothing is.
  ///
  /// - Parameters:
  ///   - untested: Settings whose effect this cannot see.
  public static func problems(
    of type: any Component.Type, in catalog: Catalog, untested: Set<String> = []
  ) -> [String] {
    let roles = type.roles
    if roles.isEmpty { return ["\(type) has no role"] }
    return type.ids.flatMap { id in
      let component = type.init(id: id)
      let problems =
        nameProblems(component)
        + roles.flatMap { role in
          Candidate(component, role: role, catalog: catalog).problems(untested: untested)
        }
      return type.ids.count > 1 ? problems.map { "\(id): \($0)" } : problems
    }
  }

  private static func nameProblems(_ component: any Component) -> [String] {
    var problems: [String] = []
    let id = component.id
    let isSnakeCase =
      id.first?.isLetter == true
      && id.allSatisfy { ("a"..."z").contains($0) || $0 == "_" || ("0"..."9").contains($0) }
    if !isSnakeCase { problems.append("the id '\(id)' is not in snake_case") }
    if !component.summary.hasSuffix(".") { problems.append("the summary is not a sentence") }
    for setting in component.settingDescriptions where !setting.help.hasSuffix(".") {
      problems.append("the help of '\(setting.name)' is not a sentence")
    }
    return problems
  }
}

/// A component in one of its roles.
struct Candidate {
  /// With its defaults.
  let component: any Component
  let role: AnyRole
  let catalog: Catalog
  /// The settings to begin with.
  let settings: PlainValue

  init(_ component: any Component, role: AnyRole, catalog: Catalog) {
    self.component = component
    self.role = role
    self.catalog = catalog
    settings = (try? PlainValue(yaml: type(of: component).exampleSettings)) ?? .null
  }

  func problems(untested: Set<String>) -> [String] {
    let component: any Component
    do { component = try make(settings) } catch {
      return ["it does not load:\n\(error.rendered)"]
    }
    let behaviour = Behaviour(of: component)
    return emptyProblems() + keyProblems() + roundTripProblems(component) + behaviour.problems
      + deadSettings(behaviour, except: untested)
  }

  /// The component with these settings.
  func make(_ settings: PlainValue) throws(Diagnostics) -> any Component {
    guard case .mapping(let entries) = settings else {
      throw Diagnostics(.error(.wrongType, "the example settings must be a mapping"))
    }
    let whole = [PlainEntry("type", .string(component.id))] + entries
    return try catalog.makeAny(role, .mapping(whole))
  }

  /// Only what is missing, or missing together with something else, may keep a component from
  /// loading without settings.
  private func emptyProblems() -> [String] {
    do {
      _ = try make(.mapping([]))
      return []
    } catch {
      let needsSettings = error.all.allSatisfy {
        $0.code == .missingKey || $0.code == .inconsistent
      }
      return needsSettings ? [] : ["it does not load from an empty mapping:\n\(error.rendered)"]
    }
  }

  private func keyProblems() -> [String] {
    do {
      _ = try make(settings.setting("no_such_setting", .int(1)))
      return ["it accepts the unknown key 'no_such_setting'"]
    } catch {
      return error.rendered.contains("'no_such_setting'")
        ? [] : ["it refuses an unknown key without naming it"]
    }
  }

  /// Written out and read back, as a resumed run does: with these settings, and with each other value of
  /// each.
  private func roundTripProblems(_ component: any Component) -> [String] {
    let variants = component.settingDescriptions.flatMap { setting -> [any Component] in
      if setting.isText { return [] }
      let present = settings[setting.name] ?? setting.defaultValue
      return OtherValues(catalog).of(setting.schema, than: present).compactMap { value in
        try? make(settings.setting(setting.name, value))
      }
    }
    for variant in [component] + variants {
      do {
        let again = try catalog.makeAny(role, variant.plain)
        if again.plain.withoutRemarks != variant.plain.withoutRemarks {
          return ["its settings change when they are written out and read back"]
        }
      } catch { return ["its own settings, written out, do not load:\n\(error.rendered)"] }
    }
    return []
  }

  /// Settings that can be changed with no effect.
  private func deadSettings(_ behaviour: Behaviour, except untested: Set<String>) -> [String] {
    if behaviour.isBlind { return [] }
    let outside = untested.union(Behaviour.settingsOfOthers(role))
    return component.settingDescriptions.compactMap { setting in
      if outside.contains(setting.name) || setting.isText { return nil }
      let present = settings[setting.name] ?? setting.defaultValue
      let others = OtherValues(catalog).of(setting.schema, than: present)
      if others.isEmpty, setting.hasOwnKeys { return nil }
      if others.isEmpty { return "the setting '\(setting.name)' has no other value to try" }
      let works = others.contains { value in
        guard let other = try? make(settings.setting(setting.name, value)) else { return false }
        return Behaviour(of: other, isBrief: true).numbers != behaviour.numbers
      }
      return works ? nil : "the setting '\(setting.name)' changes nothing"
    }
  }
}

extension SettingDescription {
  /// Whether any text may be written, so that no other value can be guessed.
  fileprivate var isText: Bool {
    let text = PlainValue.mapping([PlainEntry("type", .string("string"))])
    return schema == text || schema["items"] == text
      || schema["anyOf"]?.elements?.contains(text) == true
  }

  /// Whether its keys are the user's own, which cannot be guessed either.
  fileprivate var hasOwnKeys: Bool { schema["additionalProperties"] != nil }
}
