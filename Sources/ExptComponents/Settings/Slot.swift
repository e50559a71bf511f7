import ExptDocument

/// A setting whose value is a component of a role, written `{ type: name, … }` or as a bare name.
///
///     @Slot("Turns images into features.", .architecture, default: "mlp")
///     var encoder: any Architecture
@propertyWrapper
public struct Slot<Value: Sendable>: SettingField {
  private var cell = SettingCell<Value>(nil)
  private let help: String
  private let role: Role<Value>
  private let defaultID: String?
  private let defaultNumber: Double?

  /// - Parameter defaultID: The component used where none is written, whose settings may stand
  ///   without its name; nil if one is required.
  public init(_ help: String, _ role: Role<Value>, default defaultID: String? = nil) {
    self.help = help
    self.role = role
    self.defaultID = defaultID
    defaultNumber = nil
  }

  /// - Parameter number: What stands where nothing is written, in a role where a number may.
  public init(_ help: String, _ role: Role<Value>, default number: Double) {
    precondition(role.numberShorthand != nil, "\(role.name): a number stands for no component")
    self.help = help
    self.role = role
    defaultID = role.numberShorthand?.id
    defaultNumber = number
  }

  public var wrappedValue: Value {
    get { cell.required }
    set { cell = SettingCell(newValue) }
  }

  var parts: [any Settings] { cell.value.flatMap { $0 as? any Settings }.map { [$0] } ?? [] }

  func read(_ node: Node?, name: String, in reader: SettingsReader, path: NodePath) {
    let standard = defaultNumber.map { brief($0) } ?? defaultID
    guard let node = node ?? standard.map(Node.init(defaultName:)) else {
      return reader.missing(name, help: help, at: path)
    }
    cell.origin = node.origin
    if let value = reader.component(role, from: node, default: defaultID, path: path) {
      cell.value = value
    }
  }

  func descriptions(name: String) -> [SettingDescription] {
    [
      SettingDescription(
        name: name, help: help, expectation: role.expectation,
        defaultValue: defaultNumber.map(PlainValue.double) ?? defaultID.map(PlainValue.string),
        limits: nil,
        schema: role.schemaReference(default: defaultID))
    ]
  }

  func plainEntries(name: String) -> [PlainEntry] {
    cell.value.map { [PlainEntry(name, role.plain($0), remark: cell.remark)] } ?? []
  }
}

extension Node {
  /// The bare name (or number) of a component that nobody wrote.
  init(defaultName name: String) {
    self.init(.scalar(Scalar(name)), origin: .defaultValue)
  }
}

/// A setting whose value is a component, or nothing (`null`), which is the default.
@propertyWrapper
public struct OptionalSlot<Value: Sendable>: SettingField {
  private var cell: SettingCell<Value?>
  private let help: String
  private let role: Role<Value>

  public init(wrappedValue: Value? = nil, _ help: String, _ role: Role<Value>) {
    cell = SettingCell(wrappedValue, origin: .defaultValue)
    self.help = help
    self.role = role
  }

  public var wrappedValue: Value? {
    get { cell.required }
    set { cell = SettingCell(newValue) }
  }

  var parts: [any Settings] {
    wrappedValue.flatMap { $0 as? any Settings }.map { [$0] } ?? []
  }

  func read(_ node: Node?, name: String, in reader: SettingsReader, path: NodePath) {
    guard let node else { return }
    cell.origin = node.origin
    if node.isNull {
      cell.value = .some(nil)
    } else if let scalar = node.scalar, scalar.suggestsNull,
      reader.catalog.find(scalar.text, role: role.name) == nil
    {
      reader.wrongType(
        name,
        ValueMistake(
          node: node, expectation: "\(role.expectation), or null", help: "write null"))
    } else if let value = reader.component(role, from: node, path: path) {
      cell.value = value
    }
  }

  func descriptions(name: String) -> [SettingDescription] {
    let schema = PlainValue.mapping([
      PlainEntry(
        "anyOf",
        .list([role.schemaReference, .mapping([PlainEntry("type", .string("null"))])]))
    ])
    return [
      SettingDescription(
        name: name, help: help, expectation: "\(role.expectation), or null",
        defaultValue: plainValue, limits: nil, schema: schema)
    ]
  }

  func plainEntries(name: String) -> [PlainEntry] {
    [PlainEntry(name, plainValue, remark: cell.remark)]
  }

  private var plainValue: PlainValue { wrappedValue.map { role.plain($0) } ?? .null }
}

/// A setting whose value is a list of components of a role.
@propertyWrapper
public struct Slots<Value: Sendable>: SettingField {
  private var cell: SettingCell<[Value]>
  private let help: String
  private let role: Role<Value>

  public init(wrappedValue: [Value] = [], _ help: String, _ role: Role<Value>) {
    cell = SettingCell(wrappedValue, origin: .defaultValue)
    self.help = help
    self.role = role
  }

  public var wrappedValue: [Value] {
    get { cell.required }
    set { cell = SettingCell(newValue) }
  }

  var parts: [any Settings] { wrappedValue.compactMap { $0 as? any Settings } }

  func read(_ node: Node?, name: String, in reader: SettingsReader, path: NodePath) {
    guard let node else { return }
    cell.origin = node.origin
    guard let items = node.elements else {
      return reader.wrongType(name, ValueMistake(node: node, expectation: expectation))
    }
    cell.value = items.enumerated().compactMap { index, item in
      reader.component(role, from: item, path: path.appending(index))
    }
  }

  private var expectation: String { "a list, each entry \(role.expectation)" }

  func descriptions(name: String) -> [SettingDescription] {
    let schema = PlainValue.mapping([
      PlainEntry("type", .string("array")), PlainEntry("items", role.schemaReference),
    ])
    return [
      SettingDescription(
        name: name, help: help, expectation: expectation, defaultValue: plainValue, limits: nil,
        schema: schema)
    ]
  }

  func plainEntries(name: String) -> [PlainEntry] {
    [PlainEntry(name, plainValue, remark: cell.remark)]
  }

  private var plainValue: PlainValue { .list(wrappedValue.map { role.plain($0) }) }
}
