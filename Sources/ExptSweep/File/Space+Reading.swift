import ExptDocument

extension Space {
  /// The parts of a space in a mapping, multiplied.
  static func reading(
    _ node: Node, _ entries: [String: Node.Entry], _ reader: inout SweepReader,
    outer: [Space] = []
  ) -> Space {
    var parts: [Space] = []
    var known: [Space] { outer + parts }
    func add(_ space: Space?) {
      if let space { parts.append(space) }
    }
    // In the file's order, so that a condition sees what stands above it.
    for entry in node.entries ?? [] where entries[entry.key] != nil {
      switch entry.key {
      case "grid": add(.grid(axes(entry, &reader)))
      case "zip": add(zip(entry, &reader))
      case "random": add(random(entry, &reader))
      case "chain": add(chain(entry, &reader, outer: known))
      case "when":
        for condition in entry.value.elements ?? [entry.value] {
          add(conditional(condition, &reader, outer: known))
        }
      default: break
      }
    }
    let space = Space.product(parts)
    if space.bound ?? .max > largest {
      reader.error(.sweep, "this makes more than \(largest) points", node, "leave out some values")
    }
    return space
  }

  private static func axes(_ entry: Node.Entry, _ reader: inout SweepReader) -> [Axis] {
    guard let entries = entry.value.entries, !entries.isEmpty else {
      reader.error(
        .wrongType, "'\(entry.key)' is a mapping of settings to lists, not \(entry.value.summary)",
        entry.value, "write 'model.beta: [1, 2, 4]'")
      return []
    }
    return entries.compactMap { setting in
      guard let values = setting.value.elements, !values.isEmpty else {
        reader.error(
          .wrongType, "'\(setting.key)' takes a list of values here, not \(setting.value.summary)",
          setting.value, "write \(setting.key): [\(setting.value.scalar?.text ?? "1, 2")]")
        return nil
      }
      var seen: Set<CoreValue> = []
      for value in values where !seen.insert(CoreValue(value)).inserted {
        if entry.key == "grid" {
          reader.error(.sweep, "the value \(value.shortFlowText) stands twice", value)
        }
      }
      return Axis(key: setting.key, keySpan: setting.keySpan, values: values)
    }
  }

  private static func zip(_ entry: Node.Entry, _ reader: inout SweepReader) -> Space? {
    let axes = axes(entry, &reader)
    guard let first = axes.first else { return nil }
    for axis in axes.dropFirst() where axis.values.count != first.values.count {
      reader.problems.append(
        .error(
          .sweep,
          "'\(axis.key)' has \(axis.values.count) values and '\(first.key)' has "
            + "\(first.values.count)", at: axis.keySpan,
          help: "the lists of a zip are equally long; grid combines each with each"))
      return nil
    }
    return .zip(axes)
  }

  private static func random(_ entry: Node.Entry, _ reader: inout SweepReader) -> Space? {
    let keys = ["count", "seed", "settings"]
    let entries = reader.mapping(
      entry.value, "'random'", keys: keys, required: ["count", "settings"])
    let count = reader.integer(entries["count"], in: 1...largest)
    let seed = reader.seed(entries["seed"]) ?? 0
    guard let node = entries["settings"]?.value else { return nil }
    let settings = Draws.Setting.reading(node, &reader)
    guard let count, !settings.isEmpty else { return nil }
    return .random(Draws(count: count, seed: seed, settings: settings))
  }

  private static func chain(
    _ entry: Node.Entry, _ reader: inout SweepReader, outer: [Space]
  ) -> Space? {
    guard let elements = entry.value.elements, !elements.isEmpty else {
      reader.error(
        .wrongType, "'chain' is a list of spaces, not \(entry.value.summary)", entry.value,
        "write '- grid: …' lines")
      return nil
    }
    return .chain(
      elements.map { element in
        let entries = reader.mapping(element, "a space", keys: keys)
        return reading(element, entries, &reader, outer: outer)
      })
  }

  private static func conditional(
    _ node: Node, _ reader: inout SweepReader, outer: [Space]
  ) -> Space? {
    let entries = reader.mapping(node, "a condition", keys: ["if"] + keys, required: ["if"])
    guard let test = entries["if"] else { return nil }
    guard let wanted = test.value.entries, !wanted.isEmpty else {
      reader.error(
        .wrongType, "'if' is a mapping of settings to values, not \(test.value.summary)",
        test.value, "write 'if: { model.type: vae }'")
      return nil
    }
    let conditions = wanted.map { entry in
      let condition = Condition(key: entry.key, keySpan: entry.keySpan, value: entry.value)
      check(condition, among: outer, &reader)
      return condition
    }
    return .when(conditions, reading(node, entries, &reader, outer: outer))
  }

  /// Reports a condition that no point can satisfy: its part would be left out in silence.
  private static func check(
    _ condition: Condition, among outer: [Space], _ reader: inout SweepReader
  ) {
    let keys = outer.flatMap(\.keys)
    guard keys.contains(condition.key) else {
      let near = closestMatch(to: condition.key, among: keys)
      reader.problems.append(
        .error(
          .sweep, "'\(condition.key)' is not varied above this", at: condition.keySpan,
          help: near.map { "did you mean '\($0)'?" }
            ?? "a condition asks for a setting of a grid, zip or random above it"))
      return
    }
    let values = outer.flatMap { $0.values(of: condition.key) }
    func complain(_ value: Node, isWhole: Bool) {
      let texts = values.flatMap(\.texts)
      let near = value.scalar.flatMap { closestMatch(to: $0.text, among: texts) }
      let message = "'\(condition.key)' is never \(value.shortFlowText) above this"
      let help = near.map { "did you mean \($0)?" } ?? "it is \(texts.joined(separator: ", "))"
      reader.problems.append(
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
