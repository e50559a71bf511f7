import ExptDocument

/// A type that a setting can have: how it is read from YAML, checked, described and written back.
public protocol SettingValue: Sendable {
  /// What the user is told to write: `a number`.
  static var expectation: String { get }

  /// Reads the node, or returns nil if it is something else.
  static func read(_ node: Node) -> Self?

  /// The value as plain data, for `resolved.yaml` and `expt describe`.
  var plain: PlainValue { get }

  /// The numbers to hold against the setting's limits.
  var numbers: [Double] { get }

  /// The JSON Schema of what may be written.
  static func schema(limits: Limits) -> PlainValue
}

extension SettingValue {
  public var numbers: [Double] { [] }
}

/// Plain data: what YAML and JSON can say. Mappings keep their order.
public indirect enum PlainValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case int(Int64)
  case unsigned(UInt64)
  case float(Float)
  case double(Double)
  case string(String)
  case list([PlainValue])
  case mapping([PlainEntry])
}

/// A key of a plain mapping, its value and a remark about it.
public struct PlainEntry: Sendable, Hashable {
  public var key: String
  public var value: PlainValue
  /// Where the value came from, for `resolved.yaml`.
  public var remark: String?

  public init(_ key: String, _ value: PlainValue, remark: String? = nil) {
    self.key = key
    self.value = value
    self.remark = remark
  }
}

extension Int: SettingValue {
  public static var expectation: String { "a whole number" }
  public static func read(_ node: Node) -> Int? { node.scalar?.int }
  public var plain: PlainValue { .int(Int64(self)) }
  public var numbers: [Double] { [Double(self)] }
  public static func schema(limits: Limits) -> PlainValue {
    .mapping([PlainEntry("type", .string("integer"))] + limits.schema)
  }
}

extension UInt64: SettingValue {
  public static var expectation: String { "a whole number from 0 to 2^64 - 1" }
  public static func read(_ node: Node) -> UInt64? {
    guard let scalar = node.scalar, !scalar.isQuoted else { return nil }
    return UInt64(scalar.text) ?? scalar.int.flatMap { UInt64(exactly: $0) }
  }
  public var plain: PlainValue { .unsigned(self) }
  public static func schema(limits: Limits) -> PlainValue {
    .mapping([PlainEntry("type", .string("integer")), PlainEntry("minimum", .int(0))])
  }
}

extension Double: SettingValue {
  public static var expectation: String { "a number" }
  public static func read(_ node: Node) -> Double? {
    guard let value = node.scalar?.double, value.isFinite else { return nil }
    return value
  }
  public var plain: PlainValue { .double(self) }
  public var numbers: [Double] { [self] }
  public static func schema(limits: Limits) -> PlainValue {
    .mapping([PlainEntry("type", .string("number"))] + limits.schema)
  }
}

extension Float: SettingValue {
  public static var expectation: String { Double.expectation }
  public static func read(_ node: Node) -> Float? {
    guard let value = Double.read(node), Float(value).isFinite else { return nil }
    return Float(value)
  }
  public var plain: PlainValue { .float(self) }
  public var numbers: [Double] { [Double(self)] }
  public static func schema(limits: Limits) -> PlainValue { Double.schema(limits: limits) }
}

extension Bool: SettingValue {
  public static var expectation: String { "true or false" }
  public static func read(_ node: Node) -> Bool? { node.scalar?.bool }
  public var plain: PlainValue { .bool(self) }
  public static func schema(limits: Limits) -> PlainValue {
    .mapping([PlainEntry("type", .string("boolean"))])
  }
}

extension String: SettingValue {
  public static var expectation: String { "text" }
  public static func read(_ node: Node) -> String? {
    guard let scalar = node.scalar, scalar.isQuoted || !scalar.isNull else { return nil }
    return scalar.text
  }
  public var plain: PlainValue { .string(self) }
  public static func schema(limits: Limits) -> PlainValue {
    .mapping([PlainEntry("type", .string("string"))])
  }
}

extension Array: SettingValue where Element: SettingValue {
  public static var expectation: String { "a list, each entry \(Element.expectation)" }
  public static func read(_ node: Node) -> [Element]? {
    guard case .sequence(let nodes) = node.value else { return nil }
    let values = nodes.compactMap(Element.read)
    return values.count == nodes.count ? values : nil
  }
  public var plain: PlainValue { .list(map(\.plain)) }
  public var numbers: [Double] { flatMap(\.numbers) }
  public static func schema(limits: Limits) -> PlainValue {
    .mapping([
      PlainEntry("type", .string("array")), PlainEntry("items", Element.schema(limits: limits)),
    ])
  }
}

extension Optional: SettingValue where Wrapped: SettingValue {
  public static var expectation: String { "\(Wrapped.expectation), or null" }
  public static func read(_ node: Node) -> Wrapped?? {
    if let scalar = node.scalar, scalar.isNull, !scalar.isQuoted { return .some(nil) }
    return Wrapped.read(node).map { .some($0) }
  }
  public var plain: PlainValue { self?.plain ?? .null }
  public var numbers: [Double] { self?.numbers ?? [] }
  public static func schema(limits: Limits) -> PlainValue {
    .mapping([
      PlainEntry(
        "anyOf",
        .list([Wrapped.schema(limits: limits), .mapping([PlainEntry("type", .string("null"))])]))
    ])
  }
}

/// A setting with a few named values: an enumeration of strings.
///
///     enum Binarization: String, NamedChoice { case none, threshold, stochastic }
public protocol NamedChoice: SettingValue, RawRepresentable, CaseIterable where RawValue == String {
}

extension NamedChoice {
  public static var names: [String] { allCases.map(\.rawValue) }
  public static var expectation: String { "one of " + names.joined(separator: ", ") }
  public static func read(_ node: Node) -> Self? { node.scalar.flatMap { Self(rawValue: $0.text) } }
  public var plain: PlainValue { .string(rawValue) }
  public static func schema(limits: Limits) -> PlainValue {
    .mapping([PlainEntry("enum", .list(names.map(PlainValue.string)))])
  }
}
