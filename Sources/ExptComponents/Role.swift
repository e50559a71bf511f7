/// What a component can be for: the kind of slot it fits.
public struct Role<Value: Sendable>: Sendable {
  /// The name in `expt describe`: `learning_rate_schedule`.
  public let name: String
  /// What messages call one: `learning-rate schedule`.
  public let title: String
  /// Where a bare number may stand for a component: its id and the setting the number goes to.
  public let numberShorthand: (id: String, setting: String)?
  /// Whether a type of component has this role.
  public let includes: @Sendable (any Component.Type) -> Bool
  let cast: @Sendable (any Component) -> Value?

  public init(
    _ name: String, title: String, numberShorthand: (id: String, setting: String)? = nil,
    includes: @escaping @Sendable (any Component.Type) -> Bool,
    cast: @escaping @Sendable (any Component) -> Value?
  ) {
    self.name = name
    self.title = title
    self.numberShorthand = numberShorthand
    self.includes = includes
    self.cast = cast
  }

  /// `an architecture`.
  var article: String {
    "aeiou".contains(title.first ?? "x") ? "an \(title)" : "a \(title)"
  }

  /// What the user is told to write: `a schedule or a number`.
  var expectation: String { numberShorthand == nil ? article : article + " or a number" }

  func plain(_ value: Value) -> PlainValue { (value as? any Component)?.plain ?? .null }

  var schemaReference: PlainValue { .reference(name) }

  /// Where a component has a default, its settings may stand without a type: `#/$defs/optimizer.adam`.
  func schemaReference(default id: String?) -> PlainValue {
    guard let id else { return schemaReference }
    return .mapping([
      PlainEntry("anyOf", .list([schemaReference, .reference("\(name).\(id)")]))
    ])
  }
}

extension PlainValue {
  fileprivate static func reference(_ name: String) -> PlainValue {
    .mapping([PlainEntry("$ref", .string("#/$defs/\(name)"))])
  }
}

/// A role without its type, for lists of all roles.
public struct AnyRole: Sendable {
  public let name: String
  public let title: String
  public let numberShorthand: (id: String, setting: String)?
  public let includes: @Sendable (any Component.Type) -> Bool

  public init<Value>(_ role: Role<Value>) {
    name = role.name
    title = role.title
    numberShorthand = role.numberShorthand
    includes = role.includes
  }

  /// The roles that come with expt, in the order of `expt describe`. A plugin's own is brought by its
  /// components: see `Component.roles`.
  public static let builtins: [AnyRole] = [
    AnyRole(.model), AnyRole(.posterior), AnyRole(.prior), AnyRole(.condition),
    AnyRole(.architecture), AnyRole(.layer), AnyRole(.sparseActivation), AnyRole(.likelihood),
    AnyRole(.corruption),
    AnyRole(.dataset), AnyRole(.optimizer), AnyRole(.learningRateSchedule), AnyRole(.schedule),
    AnyRole(.output), AnyRole(.search), AnyRole(.sampler),
    AnyRole(.evaluator),
  ]
}
