import ExptDocument

/// A setting with a plain value: name, default, limits and help on one line.
///
///     @Setting("Step size.", .above(0)) var learningRate: Float = 1e-3
///     @Setting("The folder that holds the images.") var path: String      // required
@propertyWrapper
public struct Setting<Value: SettingValue>: SettingField {
  private var cell: SettingCell<Value>
  private let help: String
  private let limits: Limits
  let ownName: String?

  /// - Parameter name: The name in YAML; nil for the property's, in snake_case.
  public init(
    wrappedValue: Value, _ help: String, _ limits: Limits = .none, named name: String? = nil
  ) {
    ownName = name
    cell = SettingCell(wrappedValue, origin: .defaultValue)
    self.help = help
    self.limits = limits
  }

  public init(_ help: String, _ limits: Limits = .none) {
    ownName = nil
    cell = SettingCell(nil)
    self.help = help
    self.limits = limits
  }

  public var wrappedValue: Value {
    get { cell.required }
    set { cell = SettingCell(newValue) }
  }

  /// The same setting with another default, for settings that several components share.
  public func defaulting(to value: Value) -> Setting {
    var setting = self
    setting.cell = SettingCell(value, origin: .defaultValue)
    return setting
  }

  func read(_ node: Node?, name: String, in reader: SettingsReader, path: NodePath) {
    guard let node else {
      if cell.value == nil { reader.missing(name, help: help, at: path) }
      return
    }
    guard let value = Value.read(node) else {
      return reader.wrongType(name, Value.mistake(in: node))
    }
    if let expansion = reader.expansion, let mistake = value.mistake(at: node, expansion) {
      return reader.wrongType(name, mistake)
    }
    let numbers = value.numbers
    if let index = numbers.firstIndex(where: { !limits.contains($0) }) {
      return reader.outOfRange(
        node, name: name, numbers: numbers, index: index, limits: limits,
        help: Value.takesNull && numbers[index] == 0 ? "write null to turn it off" : nil)
    }
    cell.value = value
    cell.origin = node.origin
  }

  func descriptions(name: String) -> [SettingDescription] {
    [
      SettingDescription(
        name: name, help: help, expectation: Value.expectation, defaultValue: cell.value?.plain,
        limits: limits.description, schema: Value.schema(limits: limits))
    ]
  }

  func plainEntries(name: String) -> [PlainEntry] {
    guard let value = cell.value else { return [] }
    return [PlainEntry(name, value.plain, remark: cell.remark)]
  }
}
