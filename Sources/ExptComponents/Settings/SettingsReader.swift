import ExptDocument

/// Reads settings from nodes and collects everything that is wrong with them.
///
///     let reader = SettingsReader(catalog: catalog)
///     let model = reader.component(.model, from: node, path: NodePath().appending("model"))
///     try reader.diagnostics.throwErrors()
public final class SettingsReader {
  public let catalog: Catalog
  public private(set) var diagnostics = Diagnostics()
  private var errorCount = 0
  /// The nodes being read that somebody wrote, innermost last: where something missing is shown.
  private var enclosing: [Node] = []

  /// What paths are tried with; nil if they are only read, such as those of a finished run.
  let expansion: PathExpansion?

  public init(catalog: Catalog, expansion: PathExpansion? = .ofProcess) {
    self.catalog = catalog
    self.expansion = expansion
  }

  /// Reads a component of `role`: `{ type: name, … }`, a bare name, or where the role has a
  /// shorthand for it a bare number.
  ///
  /// - Parameter defaultID: The component that settings without a `type` are those of.
  /// - Returns: The component, or nil if something in it is wrong (see `diagnostics`).
  public func component<Value>(
    _ role: Role<Value>, from node: Node, default defaultID: String? = nil, path: NodePath
  ) -> Value? {
    guard
      let written = WrittenComponent(
        node, role: role, default: defaultID, path: path, reader: self)
    else { return nil }
    guard let component = catalog.find(written.name, role: role.name) else {
      let names = catalog.ids(role: role.name)
      let known =
        names.isEmpty ? "none is available" : "available: " + names.joined(separator: ", ")
      let meant = closestMatch(to: written.name, among: names)
      report(
        .unknownComponent, "there is no \(role.title) \(Diagnostic.quote(written.name))",
        at: written.nameNode,
        help: written.nameNode.interpolationHelp
          ?? meant.map { "did you mean '\($0)'? \(known)" } ?? known)
      return nil
    }
    let isGood = fill(
      component, from: written.entries, at: node,
      title: "\(role.title) '\(component.id)'\(written.isImplied ? ", the default," : "")",
      path: path, isShorthand: written.isShorthand,
      owners: written.isImplied ? { self.catalog.ids(role: role.name, withSetting: $0) } : nil)
    return isGood ? role.cast(component) : nil
  }

  /// Fills `settings`, whose cells are its own, from a mapping's entries.
  ///
  /// - Parameters:
  ///   - title: What messages call the settings: `model 'vae'`.
  ///   - isShorthand: Whether the entries stand for a value written without their key, which
  ///     messages then call by its place in `path`.
  ///   - owners: What else could be meant by a setting that these do not have.
  /// - Returns: Whether nothing was wrong.
  @discardableResult
  public func fill(
    _ settings: any Settings, from entries: [Node.Entry], at node: Node, title: String,
    path: NodePath, isShorthand: Bool = false, owners: ((String) -> [String])? = nil
  ) -> Bool {
    let before = errorCount
    if node.span != nil { enclosing.append(node) }
    defer { if node.span != nil { enclosing.removeLast() } }
    refuseUnknown(entries, known: settings.keys, title: title, owners: owners)
    readFields(of: settings, entries, path: path, isShorthand: isShorthand)
    guard errorCount == before else { return false }
    check(settings, SettingsReport(reader: self, node: node))
    return errorCount == before
  }

  private func refuseUnknown(
    _ entries: [Node.Entry], known: [String], title: String, owners: ((String) -> [String])?
  ) {
    for entry in entries where !known.contains(entry.key) {
      let candidates = owners == nil ? known : known + ["type"]
      let meant = closestMatch(to: entry.key, among: candidates).map { "did you mean '\($0)'?" }
      let list =
        known.isEmpty ? "it has no settings" : "available: " + known.joined(separator: ", ")
      let others = owners?(entry.key) ?? []
      let other =
        others.isEmpty ? nil : "add 'type:' with one that has it: \(others.joined(separator: ", "))"
      append(
        .error(
          .unknownKey, "\(title) has no setting \(Diagnostic.quote(entry.key))",
          at: entry.keySpan ?? entry.value.span, help: other ?? meant ?? list))
    }
  }

  private func readFields(
    of settings: any Settings, _ entries: [Node.Entry], path: NodePath, isShorthand: Bool
  ) {
    for (name, field) in settings.fields {
      if let group = field as? any SettingGroup {
        readFields(of: group.members, entries, path: path, isShorthand: isShorthand)
        continue
      }
      let place = isShorthand ? path : path.appending(name)
      let node = entries.first { $0.key == name }?.value
      field.read(node, name: isShorthand ? place.lastKey : name, in: self, path: place)
    }
  }

  private func check(_ settings: any Settings, _ report: SettingsReport) {
    for case let group as any SettingGroup in settings.fields.map(\.field) {
      check(group.members, report)
    }
    settings.check(report)
  }
}

// What fields report.
extension SettingsReader {
  func missing(_ name: String, help: String, at path: NodePath) {
    report(.missingKey, "'\(path)' is missing", at: nil, help: "add '\(name):'. \(help)")
  }

  func wrongType(_ name: String, _ mistake: ValueMistake) {
    let (place, node) = ("'\(name)\(mistake.place)'", mistake.node)
    let message =
      mistake.reason.map { "\(place) is \(node.summary): \($0)" }
      ?? "\(place) must be \(mistake.expectation), not \(node.summary)"
    report(.wrongType, message, at: node, help: mistake.help ?? node.interpolationHelp)
  }

  /// - Parameter index: Which of `numbers`, the numbers in `node`, is out of range.
  func outOfRange(
    _ node: Node, name: String, numbers: [Double], index: Int, limits: Limits, help: String? = nil
  ) {
    let range = limits.description ?? "in range"
    var (place, culprit) = ("", node)
    if let elements = node.elements, elements.count == numbers.count {
      (place, culprit) = ("[\(index)]", elements[index])
    }
    let written = culprit.scalar?.summary ?? brief(numbers[index])
    report(
      .outOfRange, "'\(name)\(place)' must be \(range), not \(written)", at: culprit, help: help)
  }

  /// Adds a diagnostic at a node, or where nobody wrote it at what it is missing from.
  public func report(
    _ code: Diagnostic.Code, _ message: String, at node: Node?, help: String?,
    severity: Diagnostic.Severity = .error
  ) {
    append(
      Diagnostic(
        severity: severity, code: code, message: message, help: help,
        span: node?.span ?? enclosing.last?.span))
  }

  /// Adds something that was found outside of any settings.
  public func append(_ diagnostic: Diagnostic) {
    diagnostics.append(diagnostic)
    if diagnostic.severity == .error { errorCount += 1 }
  }
}

/// Where a component's `check` reports what is wrong with its settings together.
public struct SettingsReport {
  let reader: SettingsReader
  let node: Node

  /// Whether somebody wrote the setting, in a file or on the command line.
  public func isGiven(_ setting: String) -> Bool {
    node[setting].map { $0.origin != .defaultValue } ?? false
  }

  /// An error at one of the component's settings, or at the component where it was not written.
  public func error(_ message: String, at setting: String, help: String? = nil) {
    reader.report(.inconsistent, message, at: node[setting] ?? node, help: help)
  }

  /// An error, or a warning, at a setting of a part: `["decoder", "layers", "[3]"]`, or as much of
  /// that as was written.
  public func report(
    _ severity: Diagnostic.Severity, _ message: String, at path: [String], help: String? = nil
  ) {
    var place = node
    for part in path {
      let index = part.hasPrefix("[") ? Int(part.dropFirst().dropLast()) : nil
      let next = index.flatMap { index in
        place.elements.flatMap { $0.indices.contains(index) ? $0[index] : nil }
      }
      guard let found = index == nil ? place[part] : next else { break }
      place = found
    }
    reader.report(
      severity == .error ? .inconsistent : .suspicious, message, at: place, help: help,
      severity: severity)
  }

  /// Something valid but suspicious.
  public func warning(_ message: String, at setting: String, help: String? = nil) {
    reader.report(.suspicious, message, at: node[setting] ?? node, help: help, severity: .warning)
  }
}

extension Diagnostic.Code {
  public static let inconsistent = Self("inconsistent")
  public static let suspicious = Self("suspicious")
  public static let duplicateComponent = Self("duplicate-component")
  public static let noRole = Self("no-role")
}

extension NodePath {
  /// The innermost key with its indices: `hidden`, `layers[3]`.
  var lastKey: String {
    let start = parts.lastIndex { if case .key = $0 { true } else { false } } ?? 0
    return NodePath(Array(parts[start...])).description
  }
}
