/// A component's formula in parts: text, and places for settings.
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
