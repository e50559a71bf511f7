import ExptDocument

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
