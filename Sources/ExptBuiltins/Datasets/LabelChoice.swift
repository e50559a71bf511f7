public import ExptComponents
public import ExptDocument

/// Which array of an archive holds labels: one of a name, none, or the one of a usual name.
public enum LabelChoice: SettingValue, Hashable {
  case auto
  case none
  case named(String)

  public static var expectation: String { "auto, the name of an array, or null" }

  public static func read(_ node: Node) -> LabelChoice? {
    if node.isNull { return LabelChoice.none }
    guard case .some(.some(let name)) = String?.read(node) else { return nil }
    return name == "auto" ? .auto : .named(name)
  }

  public static func mistake(in node: Node) -> ValueMistake {
    ValueMistake(node: node, expectation: expectation, help: String?.mistake(in: node).help)
  }

  public var plain: PlainValue {
    switch self {
    case .auto: .string("auto")
    case .none: .null
    case .named(let name): .string(name)
    }
  }

  public static func schema(limits: Limits) -> PlainValue { String?.schema(limits: limits) }
}

extension LabelChoice: ExpressibleByStringLiteral {
  public init(stringLiteral name: String) { self = name == "auto" ? .auto : .named(name) }
}
