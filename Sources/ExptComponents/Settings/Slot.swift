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
  /// Settings of the default that are not the component's own defaults.
  private let defaultSettings: [(name: String, value: Double)]

  /// - Parameters:
  ///   - defaultID: The component used where none is written, whose settings may stand without its
  ///     name; nil if one is required.
  ///   - settings: Its numbers where they are not to be the component's own defaults.
  public init(
    _ help: String, _ role: Role<Value>, default defaultID: String? = nil,
    with settings: KeyValuePairs<String, Double> = [:]
  ) {
    self.help = help
    self.role = role
    self.defaultID = defaultID
    defaultSettings = settings.map { ($0.key, $0.value) }
  }

  /// A slot whose default is a number, in a role that has a shorthand for it: a schedule.
  public init(_ help: String, _ role: Role<Value>, default number: Double) {
    guard let shorthand = role.numberShorthand else {
      preconditionFailure("a number does not stand for \(role.article)")
    }
    self.help = help
    self.role = role
    defaultID = shorthand.id
    defaultSettings = [(shorthand.setting, number)]
  }

  public var wrappedValue: Value {
    get { cell.required }
    set { cell = SettingCell(newValue) }
  }

  var parts: [any Settings] { cell.value.flatMap { $0 as? any Settings }.map { [$0] } ?? [] }

  func read(_ node: Node?, name: String, in reader: SettingsReader, path: NodePath) {
    guard let node = node.map(completed) ?? defaultNode else {
      return reader.missing(name, help: help, at: path)
    }
    cell.origin = node.origin
    if let value = reader.component(role, from: node, default: defaultID, path: path) {
      cell.value = value
    }
  }

  /// What nobody wrote.
  private var defaultNode: Node? {
    guard let defaultID else { return nil }
    if defaultSettings.isEmpty { return Node(defaultName: defaultID) }
    return Node(
      .mapping([Node.Entry(key: "type", value: Node(defaultName: defaultID))] + defaultEntries),
      origin: .defaultValue)
  }

  private var defaultEntries: [Node.Entry] {
    defaultSettings.map { Node.Entry(key: $0.name, value: Node(defaultName: brief($0.value))) }
  }

  /// Settings of the default, written without its name, and those that were not written.
  private func completed(_ node: Node) -> Node {
    guard !defaultSettings.isEmpty, let written = node.entries, node["type"] == nil else {
      return node
    }
    let missing = defaultEntries.filter { entry in !written.contains { $0.key == entry.key } }
    return Node(.mapping(written + missing), origin: node.origin, span: node.span)
  }

  private var defaultValue: PlainValue? {
    guard let defaultID, let first = defaultSettings.first else {
      return defaultID.map(PlainValue.string)
    }
    if let shorthand = role.numberShorthand, shorthand == (defaultID, first.name) {
      return Int64(exactly: first.value).map(PlainValue.int) ?? .double(first.value)
    }
    return .mapping(
      [PlainEntry("type", .string(defaultID))]
        + defaultSettings.map { PlainEntry($0.name, .double($0.value)) })
  }

  func descriptions(name: String) -> [SettingDescription] {
    [
      SettingDescription(
        name: name, help: help, expectation: role.expectation, defaultValue: defaultValue,
        limits: nil, schema: role.schemaReference(default: defaultID))
    ]
  }

  func plainEntries(name: String) -> [PlainEntry] {
    cell.value.map { [PlainEntry(name, role.plain($0), remark: cell.remark)] } ?? []
  }
}

extension Node {
  /// The bare name of a component, or a number, that nobody wrote.
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
