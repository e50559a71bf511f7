import ExptDocument

/// A value made of settings, read from a YAML mapping: a component, or a section of the experiment.
///
/// The stored properties marked `@Setting`, `@Slot`, `@Slots`, `@Section` and `@Group` are its
/// settings. Their YAML names are the Swift names in snake_case.
public protocol Settings: Sendable {
  init()

  /// Checks what limits on single settings cannot say.
  func check(_ report: SettingsReport)
}

extension Settings {
  public func check(_ report: SettingsReport) {}
}

/// What `@Setting` and its kin have in common, so that a reader finds them by reflection.
protocol SettingField: Sendable {
  /// Reads the field from its node, or notes what is wrong with it.
  ///
  /// - Parameters:
  ///   - node: What was written; nil if nothing was.
  ///   - name: What messages call the field.
  ///   - path: Where the field stands: `model.encoder.hidden`.
  func read(_ node: Node?, name: String, in reader: SettingsReader, path: NodePath)
  /// The field's line, or lines, in `expt describe`.
  func descriptions(name: String) -> [SettingDescription]
  /// The field's value for `resolved.yaml`.
  func plainEntries(name: String) -> [PlainEntry]
  /// The name in YAML, where it is not the property's.
  var ownName: String? { get }
  /// The YAML keys the field answers to.
  func keys(name: String) -> [String]
  /// The settings in it: a section's, or a component's.
  var parts: [any Settings] { get }
  /// The same, each with the key below the field's own that leads to it, if there is one.
  var placedParts: [(key: String?, part: any Settings)] { get }
}

extension SettingField {
  var ownName: String? { nil }
  func keys(name: String) -> [String] { [name] }
  var parts: [any Settings] { [] }
  var placedParts: [(key: String?, part: any Settings)] { parts.map { (nil, $0) } }
}

/// One setting, as `expt describe` shows it.
public struct SettingDescription: Sendable {
  public var name: String
  public var help: String
  /// What to write: `a number`, `one of relu, tanh`, `an architecture`.
  public var expectation: String
  /// nil if the setting is required.
  public var defaultValue: PlainValue?
  /// `at least 1`; nil without limits.
  public var limits: String?
  public var schema: PlainValue
}

extension Settings {
  /// The fields in the order of their declaration, with their YAML names.
  var fields: [(name: String, field: any SettingField)] {
    Mirror(reflecting: self).children.compactMap { child in
      guard let label = child.label, let field = child.value as? any SettingField else {
        return nil
      }
      return (field.ownName ?? snakeCase(label), field)
    }
  }

  /// The YAML keys of all fields, those of groups included.
  var keys: [String] { fields.flatMap { $0.field.keys(name: $0.name) } }

  /// The settings of this type with their defaults, in the order of their declaration.
  public static var settingDescriptions: [SettingDescription] { Self().settingDescriptions }

  /// The settings with the values they have now.
  public var settingDescriptions: [SettingDescription] {
    fields.flatMap { $0.field.descriptions(name: $0.name) }
  }

  /// Every setting with its value and, as a remark, where the value came from.
  public var plainEntries: [PlainEntry] {
    fields.flatMap { $0.field.plainEntries(name: $0.name) }
  }
}

/// `_learningRate` → `learning_rate`.
func snakeCase(_ label: String) -> String {
  var name = ""
  for character in label.drop(while: { $0 == "_" }) {
    if character.isUppercase {
      name += "_" + character.lowercased()
    } else {
      name.append(character)
    }
  }
  return name
}

/// The one place where a field keeps its value and where that came from.
///
/// `@unchecked Sendable`: a reader writes it while it makes the settings, before anybody else has
/// them; afterwards it is only read. Setting a property replaces its cell.
final class SettingCell<Value: Sendable>: @unchecked Sendable {
  var value: Value?
  /// Where the value came from; nil for one that a program has set.
  var origin: Origin?

  init(_ value: Value?, origin: Origin? = nil) {
    self.value = value
    self.origin = origin
  }

  /// `default`, `vae.yaml:12`, `--set model.beta=4`.
  var remark: String? {
    switch origin {
    case .file(let span): "\(span.file):\(span.start.line)"
    case .override(let text), .option(let text): text
    case .defaultValue: "default"
    case nil: nil
    }
  }

  /// The value; traps if it has none, which a reader reports as a missing setting instead.
  var required: Value {
    guard let value else { preconditionFailure("a setting without a default was never read") }
    return value
  }
}
