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
}

extension Component {
  /// The component as it would be written in an experiment file, with every setting.
  public var plain: PlainValue {
    .mapping([PlainEntry("type", .string(Self.id))] + plainEntries)
  }
}
