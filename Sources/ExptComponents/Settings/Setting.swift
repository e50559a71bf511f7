import ExptDocument

/// A setting with a plain value: name, default, limits and help on one line.
///
///     @Setting("Step size.", .above(0)) var learningRate: Float = 1e-3
///     @Setting("The folder that holds the images.") var path: String      // must be given
@propertyWrapper
public struct Setting<Value: SettingValue>: SettingField {
  private var cell: SettingCell<Value>
  private let help: String
  private let limits: Limits

  public init(wrappedValue: Value, _ help: String, _ limits: Limits = .none) {
    cell = SettingCell(wrappedValue)
    self.help = help
    self.limits = limits
  }

  public init(_ help: String, _ limits: Limits = .none) {
    cell = SettingCell(nil)
    self.help = help
    self.limits = limits
  }

  public var wrappedValue: Value {
    get { cell.required }
    set { cell = SettingCell(newValue) }
  }

  func read(_ entry: Node.Entry?, name: String, in reader: SettingsReader, path: NodePath) {
    guard let node = entry?.value else {
      if cell.value == nil { reader.missing(name, help: help, at: path) }
      return
    }
    guard let value = Value.read(node) else {
      return reader.wrongType(node, name: name, expectation: Value.expectation, choices: choices)
    }
    if let outside = value.numbers.first(where: { !limits.contains($0) }) {
      return reader.outOfRange(node, name: name, number: outside, limits: limits)
    }
    cell.value = value
    cell.origin = node.origin
  }

  private var choices: [String] { (Value.self as? any NamedChoice.Type)?.names ?? [] }

  func descriptions(name: String) -> [SettingDescription] {
    [
      SettingDescription(
        name: name, help: help, expectation: Value.expectation, defaultValue: cell.value?.plain,
        limits: limits.description, schema: Value.schema(limits: limits))
    ]
  }

  func plainEntries(name: String) -> [PlainEntry] {
    guard let value = cell.value else { return [] }
    return [PlainEntry(name, value.plain, remark: cell.origin.remark)]
  }
}

extension Origin {
  /// `default`, `vae.yaml:12`, `--set model.beta=4`.
  public var remark: String {
    switch self {
    case .file(let span): "\(span.file):\(span.start.line)"
    case .override(let text), .option(let text): text
    case .defaultValue: "default"
    }
  }
}
