public import ExptDocument

/// A class of a dataset: its label, or what it is called where classes have names, `leave_out: [4, cats]`.
public enum ClassName: SettingValue, Hashable {
  case label(Int)
  case named(String)

  public static var expectation: String { "a class: its number, or its name" }

  public static func read(_ node: Node) -> ClassName? {
    Int.read(node).map(ClassName.label) ?? String.read(node).map(ClassName.named)
  }

  public var plain: PlainValue {
    switch self {
    case .label(let label): .int(Int64(label))
    case .named(let name): .string(name)
    }
  }

  public static func schema(limits: Limits) -> PlainValue {
    .mapping([
      PlainEntry("anyOf", .list([Int.schema(limits: limits), String.schema(limits: limits)]))
    ])
  }
}

extension ClassName: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  public init(integerLiteral label: Int) { self = .label(label) }
  public init(stringLiteral name: String) { self = .named(name) }

  public var description: String {
    switch self {
    case .label(let label): "\(label)"
    case .named(let name): "'\(name)'"
    }
  }
}

extension ImageSet {
  /// The label of a class; nil for a name that none has.
  public func label(of name: ClassName) -> Int? {
    switch name {
    case .label(let label): label
    case .named(let name): namesOfClasses.firstIndex(of: name)
    }
  }

  /// What classes are called, by their labels; none where they have no names.
  public var namesOfClasses: [String] { classNames ?? table?.classes ?? [] }
}
