import ExptDocument

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
