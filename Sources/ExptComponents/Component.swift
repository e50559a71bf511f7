/// Something an experiment file can name: a model, an architecture, a dataset, an optimizer…
///
/// A component *is* its settings: a Sendable value, made by `init()` with all defaults and then
/// filled from YAML. It conforms to the protocol of its role (`Model`, `Dataset`, …), lives in one
/// file, and is named on one line of a catalog.
public protocol Component: Settings {
  /// The name in experiment files: the type's words in snake_case.
  static var id: String { get }
  /// One sentence for `expt describe`.
  static var summary: String { get }
  /// The settings, as YAML, that the conformance suite begins with. The default, `{}`, does unless a
  /// setting must be given, the default is too large for a test, or a setting has an effect only
  /// where another is not what it is by default.
  static var exampleSettings: String { get }
}

extension Component {
  public static var exampleSettings: String { "{}" }

  /// The component as it would be written in an experiment file, with every setting.
  public var plain: PlainValue {
    .mapping([PlainEntry("type", .string(Self.id))] + plainEntries)
  }
}
