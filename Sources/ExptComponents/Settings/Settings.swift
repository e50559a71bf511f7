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
  func read(_ entry: Node.Entry?, name: String, in reader: SettingsReader, path: NodePath)
  /// The field's line, or lines, in `expt describe`.
  func descriptions(name: String) -> [SettingDescription]
  /// The field's value for `resolved.yaml`.
  func plainEntries(name: String) -> [PlainEntry]
  /// The YAML keys the field answers to.
  func keys(name: String) -> [String]
}

extension SettingField {
  func keys(name: String) -> [String] { [name] }
}

/// One setting, as `expt describe` shows it.
public struct SettingDescription: Sendable {
  public var name: String
  public var help: String
  /// What to write: `a number`, `one of relu, tanh`, `an architecture`.
  public var expectation: String
  /// nil if the setting must be given.
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
      return (snakeCase(label), field)
    }
  }

  /// The settings of this type with their defaults, in the order of their declaration.
  public static var settingDescriptions: [SettingDescription] {
    Self().fields.flatMap { $0.field.descriptions(name: $0.name) }
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

/// Where a setting stands in the experiment: `model.encoder.hidden`.
public struct NodePath: Sendable, Hashable, CustomStringConvertible {
  public var parts: [String] = []
  public init(_ parts: [String] = []) { self.parts = parts }
  public func appending(_ part: String) -> NodePath { NodePath(parts + [part]) }
  /// Items of lists are written `layers[3]`.
  public var description: String {
    parts.reduce("") { text, part in
      text + (part.first == "[" || text.isEmpty ? part : "." + part)
    }
  }
}

/// The one place where a field keeps its value and where that came from.
///
/// `@unchecked Sendable`: a reader writes it while it makes the settings, before anybody else has
/// them; afterwards it is only read. Setting a property replaces its cell.
final class SettingCell<Value: Sendable>: @unchecked Sendable {
  var value: Value?
  var origin: Origin = .defaultValue

  init(_ value: Value?) { self.value = value }

  /// The value; traps if it has none, which a reader reports as a missing setting instead.
  var required: Value {
    guard let value else { preconditionFailure("a setting without a default was never read") }
    return value
  }
}
