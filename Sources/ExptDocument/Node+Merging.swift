extension Node {
  /// A component as a mapping with a `type`: itself if it is a mapping, `{type: adam}` for the
  /// bare name `adam`, nil for anything else.
  var asComponent: Node? {
    switch value {
    case .mapping: return self
    case .sequence: return nil
    case .scalar(let scalar):
      guard scalar.kind == .text, Self.isName(scalar.text) else { return nil }
      let type = Entry(key: "type", keySpan: span, value: self)
      return Node(.mapping([type]), origin: origin, span: span)
    }
  }

  /// Whether a text can be a component's name: a letter or `_`, then letters, digits, `_`, `-`.
  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first else { return false }
    let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    return !isDigit && first != UInt8(ascii: "-")
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  /// This node over a base, as `extends` combines them.
  ///
  /// - Mappings are merged, key by key, at every depth.
  /// - A scalar or list replaces the base's value. So does a component's bare name: `encoder: mlp`
  ///   means the `mlp` with its defaults.
  /// - A mapping whose `type` differs from the base's replaces the component wholesale, for one
  ///   component's settings mean nothing to another.
  /// - A mapping without `type` over a bare name sets that component's settings:
  ///   `{learning_rate: 1}` over `adam` is `{type: adam, learning_rate: 1}`.
  ///
  /// Every value keeps its own origin.
  func over(_ base: Node) -> Node {
    guard case .mapping(let entries) = value, let component = base.asComponent,
      case .mapping(var merged) = component.value
    else { return self }
    if let type = self["type"]?.scalar, let baseType = component["type"]?.scalar,
      type.text != baseType.text
    {
      return self
    }
    var places: [String: Int] = [:]
    for (index, entry) in merged.enumerated() { places[entry.key] = index }
    for entry in entries {
      guard let index = places[entry.key] else {
        merged.append(entry)
        continue
      }
      merged[index] = Entry(
        key: entry.key, keySpan: entry.keySpan, value: entry.value.over(merged[index].value))
    }
    return Node(.mapping(merged), origin: origin, span: span)
  }
}
