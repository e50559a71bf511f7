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

  /// - Parameter defaultID: The component used where none is written, whose settings may stand
  ///   without its name; nil if one must be given.
  public init(_ help: String, _ role: Role<Value>, default defaultID: String? = nil) {
    self.help = help
    self.role = role
    self.defaultID = defaultID
  }

  public var wrappedValue: Value {
    get { cell.required }
    set { cell = SettingCell(newValue) }
  }

  var parts: [any Settings] { cell.value.flatMap { $0 as? any Settings }.map { [$0] } ?? [] }

  func read(_ node: Node?, name: String, in reader: SettingsReader, path: NodePath) {
    guard let node = node ?? defaultID.map(Node.init(defaultName:)) else {
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
        defaultValue: defaultID.map(PlainValue.string), limits: nil,
        schema: role.schemaReference(default: defaultID))
    ]
  }

  func plainEntries(name: String) -> [PlainEntry] {
    cell.value.map { [PlainEntry(name, role.plain($0), remark: cell.remark)] } ?? []
  }
}

extension Node {
  /// The bare name of a component that nobody wrote.
  init(defaultName name: String) {
    self.init(.scalar(Scalar(name)), origin: .defaultValue)
  }
}
