import ExptComponents
import ExptDocument

extension Space {
  /// The parts of a space in a mapping, multiplied.
  static func reading(
    _ node: Node, _ reader: SettingsReader, outer: [Space] = []
  ) -> Space {
    var parts: [Space] = []
    var known: [Space] { outer + parts }
    func add(_ space: Space?) {
      if let space { parts.append(space) }
    }
    // In the file's order, so that a condition sees what stands above it.
    for entry in node.entries ?? [] {
      switch entry.key {
      case "grid": add(.grid(axes(entry, reader)))
      case "zip": add(zip(entry, reader))
      case "random": add(random(entry, reader))
      case "chain": add(chain(entry, reader, outer: known))
      case "when":
        for condition in entry.value.elements ?? [entry.value] {
          add(conditional(condition, reader, outer: known))
        }
      default: break
      }
    }
    let space = Space.product(parts)
    if space.bound ?? .max > largest {
      reader.report(
        .sweep, "this makes more than \(largest) points", at: node, help: "leave out some values")
    }
    return space
  }

  private static func axes(_ entry: Node.Entry, _ reader: SettingsReader) -> [Axis] {
    guard let entries = entry.value.entries, !entries.isEmpty else {
      reader.report(
        .wrongType,
        "'\(entry.key)' must be a mapping of settings to lists, not \(entry.value.summary)",
        at: entry.value, help: "write 'model.beta: [1, 2, 4]'")
      return []
    }
    return entries.compactMap { setting in
      guard let values = setting.value.elements, !values.isEmpty else {
        reader.report(
          .wrongType, "'\(setting.key)' takes a list of values here, not \(setting.value.summary)",
          at: setting.value, help: "write \(setting.key): [\(setting.value.scalar?.text ?? "1, 2")]"
        )
        return nil
      }
      var seen: Set<CoreValue> = []
      for value in values where !seen.insert(CoreValue(value)).inserted {
        if entry.key == "grid" {
          reader.report(
            .sweep, "duplicate value \(value.shortFlowText)", at: value, help: "leave it out")
        }
      }
      return Axis(key: setting.key, keySpan: setting.keySpan, values: values)
    }
  }

  private static func zip(_ entry: Node.Entry, _ reader: SettingsReader) -> Space? {
    let axes = axes(entry, reader)
    guard let first = axes.first else { return nil }
    for axis in axes.dropFirst() where axis.values.count != first.values.count {
      reader.append(
        .error(
          .sweep,
          "'\(axis.key)' has \(axis.values.count) values and '\(first.key)' has "
            + "\(first.values.count)", at: axis.keySpan,
          help: "the lists of a zip must be equally long; grid makes every combination"))
      return nil
    }
    return .zip(axes)
  }

  private static func random(_ entry: Node.Entry, _ reader: SettingsReader) -> Space? {
    let settings = RandomSettings()
    guard fill(settings, from: entry.value, "'random'", "random", reader) else { return nil }
    return .random(
      Draws(count: settings.count, seed: settings.seed, settings: settings.settings.drawn))
  }

  private static func chain(
    _ entry: Node.Entry, _ reader: SettingsReader, outer: [Space]
  ) -> Space? {
    guard let elements = entry.value.elements, !elements.isEmpty else {
      reader.report(
        .wrongType, "'chain' must be a list of spaces, not \(entry.value.summary)", at: entry.value,
        help: "write '- grid: …' lines")
      return nil
    }
    return .chain(
      elements.map { element in
        fill(SpaceSettings(), from: element, "a space", "chain", reader)
        return reading(element, reader, outer: outer)
      })
  }

  private static func conditional(
    _ node: Node, _ reader: SettingsReader, outer: [Space]
  ) -> Space? {
    fill(ConditionSettings(), from: node, "a condition", "when", reader)
    guard let test = node["if"] else { return nil }
    guard let wanted = test.entries, !wanted.isEmpty else {
      reader.report(
        .wrongType, "'if' must be a mapping of settings to values, not \(test.summary)", at: test,
        help: "write 'if: { model.type: vae }'")
      return nil
    }
    let conditions = wanted.map { entry in
      let condition = Condition(key: entry.key, keySpan: entry.keySpan, value: entry.value)
      check(condition, among: outer, reader)
      return condition
    }
    return .when(conditions, reading(node, reader, outer: outer))
  }

  /// - Returns: Whether nothing was wrong.
  @discardableResult
  private static func fill(
    _ settings: any Settings, from node: Node, _ title: String, _ key: String,
    _ reader: SettingsReader
  ) -> Bool {
    guard let entries = node.entries else {
      reader.report(
        .wrongType, "\(title) must be a mapping, not \(node.summary)", at: node,
        help: "write 'key: value'")
      return false
    }
    return reader.fill(
      settings, from: entries, at: node, title: title, path: NodePath().appending(key))
  }

  /// Reports a condition that no point can satisfy: its part would be left out in silence.
  private static func check(
    _ condition: Condition, among outer: [Space], _ reader: SettingsReader
  ) {
    let keys = outer.flatMap(\.keys)
    guard keys.contains(condition.key) else {
      let near = closestMatch(to: condition.key, among: keys)
      reader.append(
        .error(
          .sweep, "'\(condition.key)' is not varied above this", at: condition.keySpan,
          help: near.map { "did you mean '\($0)'?" }
            ?? "a condition refers to a setting of a grid, zip or random above it"))
      return
    }
    let values = outer.flatMap { $0.values(of: condition.key) }
    func complain(_ value: Node, isWhole: Bool) {
      let texts = values.flatMap(\.texts)
      let near = value.scalar.flatMap { closestMatch(to: $0.text, among: texts) }
      let message = "'\(condition.key)' is never \(value.shortFlowText) above this"
      let help = near.map { "did you mean \($0)?" } ?? "it is \(texts.joined(separator: ", "))"
      reader.append(
        isWhole
          ? .error(.sweep, message + ": this part would be left out", at: value.span, help: help)
          : .warning(.sweep, message, at: value.span, help: help))
    }
    guard values.contains(where: { $0.canSatisfy(condition) }) else {
      return complain(condition.value, isWhole: true)
    }
    // One of several in a list.
    let isWholeList = values.contains { values in
      if case .listed(let nodes) = values {
        return nodes.contains { CoreValue($0) == CoreValue(condition.value) }
      }
      return false
    }
    for element in condition.value.elements ?? [] where !isWholeList {
      let one = Condition(key: condition.key, keySpan: condition.keySpan, value: element)
      if !values.contains(where: { $0.canSatisfy(one) }) { complain(element, isWhole: false) }
    }
  }
}
