import ExptDocument

/// Settings under a key of their own.
///
///     @Section("How long and in what steps to train.") var training = TrainingSettings()
@propertyWrapper
public struct Section<Value: Settings>: SettingField {
  private var cell: SettingCell<Value>
  private let help: String

  public init(wrappedValue: Value, _ help: String) {
    cell = SettingCell(wrappedValue)
    self.help = help
  }

  public var wrappedValue: Value {
    get { cell.required }
    set { cell = SettingCell(newValue) }
  }

  func read(_ entry: Node.Entry?, name: String, in reader: SettingsReader, path: NodePath) {
    guard let node = entry?.value else { return }
    cell.origin = node.origin
    guard case .mapping(let entries) = node.value else {
      return reader.wrongType(node, name: name, expectation: "a mapping of settings", choices: [])
    }
    reader.fill(
      cell.required, from: entries, at: node, title: "'\(name)'", path: path.appending(name))
  }

  func descriptions(name: String) -> [SettingDescription] {
    [
      SettingDescription(
        name: name, help: help, expectation: "a mapping of settings",
        defaultValue: .mapping(cell.required.plainEntries.map { PlainEntry($0.key, $0.value) }),
        limits: nil, schema: Value.objectSchema())
    ]
  }

  func plainEntries(name: String) -> [PlainEntry] {
    [PlainEntry(name, .mapping(cell.required.plainEntries))]
  }
}

/// Settings shared by several components, written among the component's own.
///
///     @Group var network = AutoencoderSettings()       // adds latent, encoder, decoder, …
@propertyWrapper
public struct Group<Value: Settings>: SettingField {
  private var cell: SettingCell<Value>

  public init(wrappedValue: Value) { cell = SettingCell(wrappedValue) }

  public var wrappedValue: Value {
    get { cell.required }
    set { cell = SettingCell(newValue) }
  }

  func read(_ entry: Node.Entry?, name: String, in reader: SettingsReader, path: NodePath) {}

  /// The group's own fields, which the reader reads in its place.
  var members: Value { cell.required }

  func keys(name: String) -> [String] { members.fields.flatMap { $0.field.keys(name: $0.name) } }

  func descriptions(name: String) -> [SettingDescription] {
    members.fields.flatMap { $0.field.descriptions(name: $0.name) }
  }

  func plainEntries(name: String) -> [PlainEntry] { members.plainEntries }
}

/// A field that stands for several, so that a reader can go into it.
protocol SettingGroup: SettingField {
  var groupMembers: any Settings { get }
}

extension Group: SettingGroup {
  var groupMembers: any Settings { members }
}
