import ExptDocument

/// Reads settings from nodes and collects everything that is wrong with them.
public final class SettingsReader {
  public let catalog: Catalog
  public private(set) var diagnostics: [Diagnostic] = []

  public init(catalog: Catalog) { self.catalog = catalog }

  /// Reads a component of `role`: `{ type: name, … }`, a bare name, or where the role has a
  /// shorthand for it a bare number.
  ///
  /// - Returns: The component, or nil if something in it is wrong (see `diagnostics`).
  public func component<Value>(_ role: Role<Value>, from node: Node, path: NodePath) -> Value? {
    let before = diagnostics.count
    guard let (name, entries, nameNode) = typeAndSettings(role, node, path: path) else {
      return nil
    }
    guard let type = catalog.find(name, role: role.name) else {
      let names = catalog.ids(role: role.name)
      report(
        .unknownComponent, "there is no \(role.title) '\(name)'", at: nameNode,
        help: suggestion(name, names) ?? "there is: " + names.joined(separator: ", "))
      return nil
    }
    let component = type.init()
    fill(component, from: entries, at: node, title: "\(role.title) '\(name)'", path: path)
    guard !diagnostics[before...].contains(where: { $0.severity == .error }) else { return nil }
    return role.cast(component)
  }

  private func typeAndSettings<Value>(_ role: Role<Value>, _ node: Node, path: NodePath)
    -> (name: String, entries: [Node.Entry], nameNode: Node)?
  {
    switch node.value {
    case .scalar(let scalar):
      if let shorthand = role.numberShorthand, !scalar.isQuoted, scalar.double != nil {
        return (shorthand.id, [Node.Entry(key: shorthand.setting, keySpan: nil, value: node)], node)
      }
      if scalar.isQuoted || !scalar.isNull { return (scalar.text, [], node) }
    case .mapping(let entries):
      if let type = entries.first(where: { $0.key == "type" })?.value {
        guard let name = String.read(type) else {
          wrongType(type, name: "type", expectation: "the name of \(role.expectation)", choices: [])
          return nil
        }
        return (name, entries.filter { $0.key != "type" }, type)
      }
      report(
        .missingKey, "'\(path)' does not say which \(role.title) it is", at: node,
        help: "add 'type:' with one of " + catalog.ids(role: role.name).joined(separator: ", "))
      return nil
    case .sequence: break
    }
    wrongType(
      node, name: path.parts.last ?? role.title, expectation: role.expectation,
      choices: [])
    return nil
  }

  /// Fills `settings`, whose cells are its own, from a mapping's entries.
  public func fill(
    _ settings: any Settings, from entries: [Node.Entry], at node: Node, title: String,
    path: NodePath
  ) {
    let before = diagnostics.count
    let known = settings.fields.flatMap { $0.field.keys(name: $0.name) }
    for entry in entries where !known.contains(entry.key) {
      let span = entry.keySpan ?? entry.value.span
      let help =
        suggestion(entry.key, known)
        ?? (known.isEmpty ? "it has no settings" : "it has: " + known.joined(separator: ", "))
      diagnostics.append(
        Diagnostic(
          severity: .error, code: .unknownKey, message: "\(title) has no setting '\(entry.key)'",
          help: help, span: span))
    }
    readFields(of: settings, entries, node: node, path: path)
    guard !diagnostics[before...].contains(where: { $0.severity == .error }) else { return }
    settings.check(SettingsReport(reader: self, node: node))
  }

  private func readFields(
    of settings: any Settings, _ entries: [Node.Entry], node: Node, path: NodePath
  ) {
    enclosing.append(node)
    defer { enclosing.removeLast() }
    for (name, field) in settings.fields {
      if let group = field as? any SettingGroup {
        readFields(of: group.groupMembers, entries, node: node, path: path)
        continue
      }
      field.read(entries.first { $0.key == name }, name: name, in: self, path: path)
    }
  }

  /// The mappings being read, innermost last: where a missing setting is reported.
  private var enclosing: [Node] = []

  func missing(_ name: String, help: String, at path: NodePath) {
    let whole = path.appending(name)
    diagnostics.append(
      Diagnostic(
        severity: .error, code: .missingKey, message: "'\(whole)' is missing",
        help: "add '\(name):'. \(help)", span: enclosing.last?.span))
  }

  func wrongType(_ node: Node, name: String, expectation: String, choices: [String]) {
    let written = node.scalar?.text
    let help = written.flatMap { suggestion($0, choices) } ?? booleanHelp(written, expectation)
    report(
      .wrongType, "'\(name)' must be \(expectation), not \(node.kindInWords)", at: node, help: help)
  }

  private func booleanHelp(_ written: String?, _ expectation: String) -> String? {
    guard expectation == Bool.expectation, let written else { return nil }
    switch written.lowercased() {
    case "yes", "on", "y", "1": return "write true"
    case "no", "off", "n", "0": return "write false"
    default: return nil
    }
  }

  func outOfRange(_ node: Node, name: String, number: Double, limits: Limits) {
    let range = limits.description ?? "in range"
    report(.outOfRange, "'\(name)' must be \(range), not \(brief(number))", at: node, help: nil)
  }

  func suggestion(_ name: String, _ names: [String]) -> String? {
    closestMatch(to: name, among: names).map { "did you mean '\($0)'?" }
  }

  public func report(
    _ code: Diagnostic.Code, _ message: String, at node: Node?, help: String?,
    severity: Diagnostic.Severity = .error
  ) {
    diagnostics.append(
      Diagnostic(severity: severity, code: code, message: message, help: help, span: node?.span))
  }
}

/// Where a component's `check` reports what is wrong with its settings together.
public struct SettingsReport {
  let reader: SettingsReader
  let node: Node

  /// An error at one of the component's settings, or at the component where it was not written.
  public func error(_ message: String, at setting: String, help: String? = nil) {
    reader.report(.inconsistent, message, at: node[setting] ?? node, help: help)
  }

  /// Something legal and suspicious.
  public func warning(_ message: String, at setting: String, help: String? = nil) {
    reader.report(.suspicious, message, at: node[setting] ?? node, help: help, severity: .warning)
  }
}

extension Diagnostic.Code {
  public static let unknownKey = Self(rawValue: "unknown-key")
  public static let unknownComponent = Self(rawValue: "unknown-component")
  public static let missingKey = Self(rawValue: "missing-key")
  public static let wrongType = Self(rawValue: "wrong-type")
  public static let outOfRange = Self(rawValue: "out-of-range")
  public static let inconsistent = Self(rawValue: "inconsistent")
  public static let suspicious = Self(rawValue: "suspicious")
  public static let duplicateComponent = Self(rawValue: "duplicate-component")
}

extension Node {
  /// Where it is written, if it is.
  public var span: SourceSpan? { origin.span }

  public var scalar: Scalar? {
    if case .scalar(let scalar) = value { return scalar }
    return nil
  }

  /// What the user wrote, in words: `'abc'`, `a list`.
  var kindInWords: String {
    switch value {
    case .scalar(let scalar):
      scalar.isNull && !scalar.isQuoted ? "nothing" : "'\(scalar.text)'"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}
