import ExptDocument

/// A type that a setting can have: how it is read from YAML, checked, described and written back.
public protocol SettingValue: Sendable {
  /// What the user is told to write: `a number`.
  static var expectation: String { get }

  /// Reads the node, or returns nil if it is something else.
  static func read(_ node: Node) -> Self?

  /// What is wrong with a node that `read` refused. The default says what was expected.
  static func mistake(in node: Node) -> ValueMistake

  /// What is wrong with a value that `read` took, such as a path that cannot be expanded. The
  /// default finds nothing.
  func mistake(at node: Node, _ expansion: PathExpansion) -> ValueMistake?

  /// The value as plain data, for `resolved.yaml` and `expt describe`.
  var plain: PlainValue { get }

  /// Whether null may be written, for what is not wanted at all.
  static var takesNull: Bool { get }

  /// Whether any text is a value, so that a misspelt null would pass for one.
  static var takesAnyText: Bool { get }

  /// The numbers to hold against the setting's limits.
  var numbers: [Double] { get }

  /// The JSON Schema of what may be written.
  static func schema(limits: Limits) -> PlainValue
}

extension SettingValue {
  public static func mistake(in node: Node) -> ValueMistake {
    ValueMistake(node: node, expectation: expectation)
  }
  public func mistake(at node: Node, _ expansion: PathExpansion) -> ValueMistake? { nil }
  public static var takesNull: Bool { false }
  public static var takesAnyText: Bool { false }
  public var numbers: [Double] { [] }
}

/// Why a node is not a value of a setting's type.
public struct ValueMistake {
  /// Where in the setting it is: `[2]` for the third entry of a list.
  public var place = ""
  public var node: Node
  public var expectation: String
  /// What the user may have meant.
  public var help: String?
  /// What is wrong, where the expectation does not say it: `the environment variable 'DATA' is not
  /// set`.
  public var reason: String?

  public init(node: Node, expectation: String, help: String? = nil, reason: String? = nil) {
    self.node = node
    self.expectation = expectation
    self.help = help
    self.reason = reason
  }

  /// A scalar of another kind than the one wanted: `yes` for true, `1e3` for 1000.
  init(node: Node, expectation: String, wanted: Scalar.Kind) {
    let meant = node.scalar?.suggestion(for: wanted)
    let isNew = meant != node.scalar?.text || node.scalar?.isQuoted == true
    self.init(
      node: node, expectation: expectation, help: isNew ? meant.map { "write \($0)" } : nil)
  }
}

extension Int: SettingValue {
  public static var expectation: String { "a whole number" }
  public static func read(_ node: Node) -> Int? { node.scalar?.int }
  public static func mistake(in node: Node) -> ValueMistake {
    // A whole number anyway, if only there were more bits.
    let isTooLarge = node.scalar?.double.map { $0 == $0.rounded() && abs($0) >= 0x1p63 } ?? false
    return ValueMistake(
      node: node, expectation: isTooLarge ? "a whole number of at most 64 bits" : expectation,
      wanted: .integer)
  }
  public var plain: PlainValue { .int(Int64(self)) }
  public var numbers: [Double] { [Double(self)] }
  public static func schema(limits: Limits) -> PlainValue {
    .mapping([PlainEntry("type", .string("integer"))] + limits.schema)
  }
}

extension UInt64: SettingValue {
  public static var expectation: String { "a whole number from 0 to 2^64 - 1" }
  public static func mistake(in node: Node) -> ValueMistake {
    ValueMistake(node: node, expectation: expectation, wanted: .integer)
  }
  public static func read(_ node: Node) -> UInt64? {
    node.scalar?.unsigned
  }
  public var plain: PlainValue { .unsigned(self) }
  public var numbers: [Double] { [Double(self)] }
  public static func schema(limits: Limits) -> PlainValue {
    let limits = limits.lower == nil ? Limits(lower: 0, upper: limits.upper) : limits
    return .mapping([PlainEntry("type", .string("integer"))] + limits.schema)
  }
}

extension Double: SettingValue {
  public static var expectation: String { "a number" }
  public static func read(_ node: Node) -> Double? {
    guard let value = node.scalar?.double, value.isFinite else { return nil }
    return value
  }
  public static func mistake(in node: Node) -> ValueMistake {
    let isInfinite = node.scalar?.double != nil
    return ValueMistake(
      node: node, expectation: isInfinite ? "a finite number" : expectation, wanted: .number)
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
  public static func mistake(in node: Node) -> ValueMistake {
    guard let value = Double.read(node), !Float(value).isFinite else {
      return Double.mistake(in: node)
    }
    return ValueMistake(node: node, expectation: "a number of at most 3.4e38")
  }
  public var plain: PlainValue { .float(self) }
  /// As it is written: 0.99 is not the 0.9900000095 that the nearest Float is.
  public var numbers: [Double] { [Double("\(self)") ?? Double(self)] }
  public static func schema(limits: Limits) -> PlainValue { Double.schema(limits: limits) }
}

extension Bool: SettingValue {
  public static var expectation: String { "true or false" }
  public static func read(_ node: Node) -> Bool? { node.scalar?.bool }
  public static func mistake(in node: Node) -> ValueMistake {
    ValueMistake(node: node, expectation: expectation, wanted: .boolean)
  }
  public var plain: PlainValue { .bool(self) }
  public static func schema(limits: Limits) -> PlainValue {
    .mapping([PlainEntry("type", .string("boolean"))])
  }
}

extension String: SettingValue {
  public static var takesAnyText: Bool { true }
  public static var expectation: String { "text" }
  public static func read(_ node: Node) -> String? {
    guard let scalar = node.scalar, scalar.isQuoted || !scalar.isNull, !scalar.isInterpolation
    else { return nil }
    return scalar.text
  }
  public static func mistake(in node: Node) -> ValueMistake {
    let reason = node.scalar?.isInterpolation == true ? "interpolation is not supported here" : nil
    return ValueMistake(node: node, expectation: expectation, reason: reason)
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
  public static func mistake(in node: Node) -> ValueMistake {
    guard let elements = node.elements,
      let index = elements.firstIndex(where: { Element.read($0) == nil })
    else {
      var mistake = ValueMistake(node: node, expectation: expectation)
      let parts = node.scalar.map(Self.listed) ?? []
      let isList = parts.allSatisfy {
        Element.read(Node(.scalar(Scalar($0)), origin: node.origin)) != nil
      }
      if isList, !parts.isEmpty { mistake.help = "write [\(parts.joined(separator: ", "))]" }
      return mistake
    }
    var mistake = Element.mistake(in: elements[index])
    mistake.place = "[\(index)]" + mistake.place
    return mistake
  }
  public func mistake(at node: Node, _ expansion: PathExpansion) -> ValueMistake? {
    for (index, (value, node)) in zip(self, node.elements ?? []).enumerated() {
      guard var mistake = value.mistake(at: node, expansion) else { continue }
      mistake.place = "[\(index)]" + mistake.place
      return mistake
    }
    return nil
  }
  /// The parts of `400, 200`, which was probably meant as a list.
  private static func listed(_ scalar: Scalar) -> [String] {
    scalar.text.split(separator: ",").map { part in
      String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
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
  public static var takesNull: Bool { true }
  public static var expectation: String { "\(Wrapped.expectation), or null" }
  public static func read(_ node: Node) -> Wrapped?? {
    if node.isNull { return .some(nil) }
    // Of a text that is not written as one, `None` is hardly the name.
    if Wrapped.takesAnyText, isNullMisspelt(node) { return nil }
    return Wrapped.read(node).map { .some($0) }
  }
  public static func mistake(in node: Node) -> ValueMistake {
    var mistake = Wrapped.mistake(in: node)
    if mistake.expectation == Wrapped.expectation { mistake.expectation = expectation }
    guard let scalar = node.scalar, scalar.suggestsNull else { return mistake }
    mistake.help = "write null"
    if Wrapped.takesAnyText, !scalar.text.isEmpty {
      mistake.help = "write null, or '\(scalar.text)' in quotes if that is the text"
    }
    return mistake
  }
  public func mistake(at node: Node, _ expansion: PathExpansion) -> ValueMistake? {
    self?.mistake(at: node, expansion)
  }
  private static func isNullMisspelt(_ node: Node) -> Bool {
    guard let scalar = node.scalar, scalar.looksNull else { return false }
    return !scalar.isQuoted || scalar.text.isEmpty
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

/// A setting with a few named values.
public protocol Choice: SettingValue {
  /// What may be written, in the order of messages.
  static var names: [String] { get }
  init?(named name: String)
  var name: String { get }
}

/// A setting with a few named values: an enumeration of strings.
///
///     enum Binarization: String, NamedChoice { case none, threshold, stochastic }
public protocol NamedChoice: Choice, RawRepresentable, CaseIterable where RawValue == String {}

extension NamedChoice {
  public static var names: [String] { allCases.map(\.rawValue) }
  public init?(named name: String) { self.init(rawValue: name) }
  public var name: String { rawValue }
}

extension Choice {
  public static var expectation: String { "one of " + names.joined(separator: ", ") }
  public static func read(_ node: Node) -> Self? { node.scalar.flatMap { Self(named: $0.text) } }
  public static func mistake(in node: Node) -> ValueMistake {
    let meant = node.scalar.flatMap { closestMatch(to: $0.text, among: names) }
    return ValueMistake(
      node: node, expectation: expectation, help: meant.map { "did you mean '\($0)'?" })
  }
  public var plain: PlainValue { .string(name) }
  public static func schema(limits: Limits) -> PlainValue {
    .mapping([PlainEntry("enum", .list(names.map(PlainValue.string)))])
  }
}
