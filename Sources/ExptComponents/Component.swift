/// Something an experiment file can name: a model, an architecture, a dataset, an optimizer…
///
/// A component *is* its settings: a Sendable value, made by `init()` with all defaults and then
/// filled from YAML. It conforms to the protocol of its role (`Model`, `Dataset`, …), lives in one
/// file, and is named on one line of a catalog. A type can be several components, such as a layer for
/// each activation: see `ids`.
public protocol Component: Settings {
  /// The name in experiment files: the type's words in snake_case.
  static var id: String { get }
  /// One sentence for `expt describe`.
  static var summary: String { get }
  /// The settings, as YAML, that the conformance suite begins with. The default, `{}`, does unless a
  /// setting is required, the default is too large for a test, or a setting has an effect only
  /// where another is not what it is by default.
  static var exampleSettings: String { get }

  /// What it computes as a formula, with a place for each of its settings, `{symbol=setting}`, or `{setting}`
  /// where the setting's name is the symbol:
  ///
  ///     var formula: String? { "E[−log p(x|z)] + {β=beta}·KL(q(z|x) ‖ p(z))" }
  ///
  /// `expt explain` shows it with the symbols, and with a file's numbers in their places. Of a model it is the
  /// loss, of a posterior q(z|x) = …, of a prior p(z) = …, of a likelihood −log p(x|z) = …, of a corruption x̃ = …, of a
  /// sparse activation f = … and its penalty. It may have several lines. The default is nil.
  var formula: String? { get }

  /// What it can be for. The default asks the roles that come with expt; a protocol with a role of its
  /// own says so in an extension: `static var roles: [AnyRole] { [AnyRole(.curriculum)] }`.
  static var roles: [AnyRole] { get }

  /// The names of a type that is several components; the default is its `id` alone.
  static var ids: [String] { get }
  /// The component of one of the names, with its defaults.
  init(id: String)
  /// The name that it was made with.
  var id: String { get }
  /// One sentence about the component of this name.
  var summary: String { get }
}

extension Component {
  public static var roles: [AnyRole] { AnyRole.builtins.filter { $0.includes(Self.self) } }
  public static var ids: [String] { [id] }
  public init(id: String) { self.init() }
  public var id: String { Self.id }
  public var summary: String { Self.summary }
  public static var exampleSettings: String { "{}" }
  public var formula: String? { nil }

  /// The component as it would be written in an experiment file, with every setting.
  public var plain: PlainValue {
    .mapping([PlainEntry("type", .string(id))] + plainEntries)
  }
}
