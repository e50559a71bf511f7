/// A setting's value as a run folder tells it.
public enum RunValue: Sendable, Hashable {
  case null
  case bool(Bool)
  /// A number and its shortest text, so that `1`, `1.0` and `1.0e0` are equal.
  case number(Double, text: String)
  case text(String)
  /// For example `[400, 200]`.
  case list([RunValue])

  /// A number that is written so; nil for any other text.
  ///
  /// Integers keep all their digits, also those that a Double has no room for.
  public static func number(_ text: String) -> RunValue? {
    if let integer = Int(text) { return .number(Double(integer), text: String(integer)) }
    if let integer = UInt64(text) { return .number(Double(integer), text: String(integer)) }
    switch text {
    case ".inf", "+.inf": return .number(.infinity, text: "inf")
    case "-.inf": return .number(-.infinity, text: "-inf")
    case ".nan": return .number(.nan, text: "nan")
    default: break
    }
    guard let first = text.utf8.first,
      (0x30...0x39).contains(first) || first == 0x2D || first == 0x2B || first == 0x2E,
      let value = Double(text), value.isFinite
    else { return nil }
    return .number(value)
  }

  /// A number in its shortest text.
  public static func number(_ value: Double) -> RunValue {
    if let integer = Int(exactly: value), integer.magnitude < 1 << 53 {
      return .number(value, text: String(integer))
    }
    return .number(value, text: value.description)
  }

  public var double: Double? { if case .number(let value, _) = self { value } else { nil } }
  public var string: String? { if case .text(let value) = self { value } else { nil } }

  public static func == (a: RunValue, b: RunValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.number(_, let a), .number(_, let b)): a == b
    case (.text(let a), .text(let b)): a == b
    case (.list(let a), .list(let b)): a == b
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let value): hasher.combine(value)
    case .number(_, let text), .text(let text): hasher.combine(text)
    case .list(let values): hasher.combine(values)
    }
  }
}

extension RunValue: CustomStringConvertible {
  /// As a person reads it: `0.001`, `true`, `mnist`, `[400, 200]`, `null`.
  public var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(_, let text): text
    case .text(let text): text.isEmpty ? "''" : text
    case .list(let values): "[\(values.map(\.description).joined(separator: ", "))]"
    }
  }
}
