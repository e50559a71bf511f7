/// A component's formula in parts: text, and places for settings. Its first line is the formula; further ones
/// say what is in it.
public struct Formula: Sendable, Hashable {
  public enum Part: Sendable, Hashable {
    case text(String)
    /// `{β=beta}`, `{beta}`: a symbol, and the setting whose value it is, such as `beta` or `upper_beta[0]`.
    case place(symbol: String, setting: String)
  }

  public let parts: [Part]

  /// - Parameter text: As `Component.formula` gives it.
  public init(_ text: String) {
    var parts: [Part] = []
    var rest = text[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
      let inside = rest[rest.index(after: open)..<close]
      let words = inside.split(separator: "=", maxSplits: 1).map(String.init)
      parts.append(.place(symbol: words.first ?? "", setting: words.last ?? ""))
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { parts.append(.text(String(rest))) }
    self.parts = parts
  }

  /// With its symbols.
  public var symbols: String { text { symbol, _ in symbol } }

  /// With something in each place.
  public func text(_ place: (_ symbol: String, _ setting: String) -> String) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .place(let symbol, let setting): place(symbol, setting)
      }
    }.joined()
  }

  /// Its places, each setting once.
  public var places: [(symbol: String, setting: String)] {
    var places: [(symbol: String, setting: String)] = []
    for case .place(let symbol, let setting) in parts
    where !places.contains(where: { $0.setting == setting }) {
      places.append((symbol, setting))
    }
    return places
  }
}

// MARK: - What is below a component

extension Settings {
  /// The components among these settings and their components', each with the setting that leads to it:
  /// `posterior`, `likelihood.columns[0]`.
  public var componentsInside: [(setting: String, component: any Component)] {
    settingsInside.compactMap { setting, part in (part as? any Component).map { (setting, $0) } }
  }

  /// What a setting is for, such as `beta`, `beta.gamma` or `upper_beta[0]`; nil if there is none.
  public func help(ofSetting setting: String) -> String? {
    func help(in settings: any Settings, _ name: Substring) -> String? {
      let name = name.prefix { $0 != "[" }
      return settings.settingDescriptions.first { $0.name == name }?.help
    }
    guard let dot = setting.lastIndex(of: ".") else { return help(in: self, setting[...]) }
    return settingsInside.first { $0.setting == setting[..<dot] }
      .flatMap { help(in: $0.part, setting[setting.index(after: dot)...]) }
  }

  private var settingsInside: [(setting: String, part: any Settings)] {
    fields.flatMap { name, field -> [(setting: String, part: any Settings)] in
      if let group = field as? any SettingGroup { return group.members.settingsInside }
      let isList =
        if case .list? = field.plainEntries(name: name).first?.value { true } else { false }
      return field.placedParts.enumerated().flatMap { index, placed in
        let place = name + (placed.key.map { ".\($0)" } ?? (isList ? "[\(index)]" : ""))
        return [(place, placed.part)]
          + placed.part.settingsInside.map { ("\(place).\($0.setting)", $0.part) }
      }
    }
  }
}
