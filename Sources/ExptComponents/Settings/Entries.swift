import ExptDocument

/// A mapping whose keys are the user's own, each with settings of one kind.
///
///     @Entries("The settings to choose, and from which distributions.", each: "{ uniform: [0, 4] }")
///     var settings: [Entry<DistributionSettings>]      // required
@propertyWrapper
public struct Entries<Value: Settings>: SettingField {
  private var cell: SettingCell<[Entry<Value>]>
  private let help: String
  private let example: String

  /// - Parameter example: What an entry's value may look like, for messages.
  public init(_ help: String, each example: String) {
    cell = SettingCell(nil)
    self.help = help
    self.example = example
  }

  /// One that need not be given.
  public init(wrappedValue: [Entry<Value>], _ help: String, each example: String) {
    self.init(help, each: example)
    cell = SettingCell(wrappedValue, origin: .defaultValue)
  }

  public var wrappedValue: [Entry<Value>] {
    get { cell.required }
    set { cell = SettingCell(newValue) }
  }

  var parts: [any Settings] { placedParts.map(\.part) }
  var placedParts: [(key: String?, part: any Settings)] {
    (cell.value ?? []).map { ($0.key, $0.value) }
  }

  func read(_ node: Node?, name: String, in reader: SettingsReader, path: NodePath) {
    guard let node else {
      if cell.value == nil { reader.missing(name, help: help, at: path) }
      return
    }
    cell.origin = node.origin
    guard let entries = node.entries, !entries.isEmpty else {
      return reader.wrongType(name, ValueMistake(node: node, expectation: expectation))
    }
    cell.value = entries.compactMap { entry in
      guard let inside = entry.value.entries else {
        let help = "write '\(entry.key): \(example)'"
        reader.wrongType(
          entry.key, ValueMistake(node: entry.value, expectation: "a mapping", help: help))
        return nil
      }
      let value = Value()
      reader.fill(
        value, from: inside, at: entry.value, title: "'\(entry.key)'",
        path: path.appending(entry.key))
      return Entry(key: entry.key, keySpan: entry.keySpan, value: value, node: entry.value)
    }
  }

  private var expectation: String { "a mapping, each entry such as \(example)" }

  func descriptions(name: String) -> [SettingDescription] {
    let schema = PlainValue.mapping([
      PlainEntry("type", .string("object")),
      PlainEntry("additionalProperties", Value.objectSchema()),
    ])
    return [
      SettingDescription(
        name: name, help: help, expectation: expectation,
        defaultValue: cell.value.map { _ in .mapping([]) }, limits: nil,
        schema: schema)
    ]
  }

  func plainEntries(name: String) -> [PlainEntry] {
    guard let entries = cell.value, !entries.isEmpty else { return [] }
    let plain = entries.map { entry in
      PlainEntry(entry.key, .mapping(entry.value.plainEntries.filter { $0.value != .null }))
    }
    return [PlainEntry(name, .mapping(plain), remark: cell.remark)]
  }
}

/// An entry of a mapping whose keys are the user's own.
public struct Entry<Value: Settings>: Sendable {
  public var key: String
  public var keySpan: SourceSpan?
  public var value: Value
  /// The value as it was written; an empty mapping where a program made it.
  public var node: Node

  public init(
    key: String, keySpan: SourceSpan? = nil, value: Value,
    node: Node = Node(.mapping([]), origin: .defaultValue)
  ) {
    self.key = key
    self.keySpan = keySpan
    self.value = value
    self.node = node
  }
}

/// A setting that is kept as it was written, for whoever knows what to make of it.
public struct WrittenValue: SettingValue {
  /// Null where nothing was written.
  public var node: Node

  public init() { node = Node(.scalar(Scalar("null")), origin: .defaultValue) }

  public static var expectation: String { "a value" }
  public static func read(_ node: Node) -> WrittenValue? {
    var value = WrittenValue()
    value.node = node
    return value
  }
  public var plain: PlainValue { PlainValue(node) }
  public static func schema(limits: Limits) -> PlainValue { .mapping([]) }
}
