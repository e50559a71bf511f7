import ExptDocument

/// Settings under a key of their own.
///
///     @Section("How long to train, and in what batches.") var training = TrainingSettings()
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

  var parts: [any Settings] { [cell.required] }

  func read(_ node: Node?, name: String, in reader: SettingsReader, path: NodePath) {
    // What is not written is read too, so that slots in it get their default components.
    let node = node ?? Node(.mapping([]), origin: .defaultValue)
    guard let entries = node.entries else {
      return reader.wrongType(
        name,
        ValueMistake(
          node: node, expectation: Self.expectation,
          help: node.isNull || node.scalar?.suggestsNull == true
            ? "remove it, or give it settings" : nil))
    }
    reader.fill(cell.required, from: entries, at: node, title: "'\(name)'", path: path)
  }

  private static var expectation: String { "a mapping of settings" }

  func descriptions(name: String) -> [SettingDescription] {
    [
      SettingDescription(
        name: name, help: help, expectation: Self.expectation,
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
///     @Group var parts = AutoencoderParts()       // adds latent, encoder, decoder, …
@propertyWrapper
public struct Group<Value: Settings>: SettingGroup {
  private var cell: SettingCell<Value>

  public init(wrappedValue: Value) { cell = SettingCell(wrappedValue) }

  public var wrappedValue: Value {
    get { cell.required }
    set { cell = SettingCell(newValue) }
  }

  /// The reader reads the members in the group's place.
  func read(_ node: Node?, name: String, in reader: SettingsReader, path: NodePath) {}

  var members: any Settings { cell.required }

  func keys(name: String) -> [String] { members.keys }

  func descriptions(name: String) -> [SettingDescription] {
    members.fields.flatMap { $0.field.descriptions(name: $0.name) }
  }

  func plainEntries(name: String) -> [PlainEntry] { members.plainEntries }
}

/// A field that stands for several, so that a reader can go into it.
protocol SettingGroup: SettingField {
  var members: any Settings { get }
}
