import ExptDocument

extension Space {
  /// The parts of a space in a mapping, multiplied.
  static func reading(
    _ node: Node, _ entries: [String: Node.Entry], _ reader: inout SweepReader,
    outer: [String] = []
  ) -> Space {
    var parts: [Space] = []
    var known = outer
    func add(_ space: Space?) {
      guard let space else { return }
      parts.append(space)
      known += space.keys
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
      var seen: Set<String> = []
      for value in values where !seen.insert(Assignment.text(of: value)).inserted {
        if entry.key == "grid" {
          reader.error(.sweep, "the value \(Assignment.text(of: value)) stands twice", value)
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
    _ entry: Node.Entry, _ reader: inout SweepReader, outer: [String]
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
    _ node: Node, _ reader: inout SweepReader, outer: [String]
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
      if !outer.contains(entry.key) {
        let near = closestMatch(to: entry.key, among: outer)
        reader.problems.append(
          .error(
            .sweep, "'\(entry.key)' is not varied above this", at: entry.keySpan,
            help: near.map { "did you mean '\($0)'?" }
              ?? "a condition asks for a setting of a grid, zip or random above it"))
      }
      return Condition(
        key: entry.key, keySpan: entry.keySpan, values: entry.value.elements ?? [entry.value])
    }
    return .when(conditions, reading(node, entries, &reader, outer: outer))
  }
}

extension Draws.Setting {
  /// `model.beta: { uniform: [0, 4] }` and the like.
  static func reading(_ node: Node, _ reader: inout SweepReader) -> [Draws.Setting] {
    guard let entries = node.entries, !entries.isEmpty else {
      reader.error(
        .wrongType, "'settings' is a mapping, not \(node.summary)", node,
        "write 'model.beta: { uniform: [0, 4] }'")
      return []
    }
    return entries.compactMap { entry in
      let found = reader.mapping(entry.value, "'\(entry.key)'", keys: Distribution.keys)
      guard found.count == 1, let one = found.first?.value else {
        if entry.value.entries != nil, found.count != 1 {
          reader.error(
            .sweep, "'\(entry.key)' needs one distribution", entry.value,
            "write one of uniform, log_uniform, integer, choice")
        }
        return nil
      }
      return Distribution(one, &reader).map {
        Draws.Setting(
          key: entry.key, keySpan: entry.keySpan, distribution: $0, span: one.value.span)
      }
    }
  }
}

extension Distribution {
  fileprivate init?(_ entry: Node.Entry, _ reader: inout SweepReader) {
    let elements = entry.value.elements ?? []
    if entry.key == "choice", !elements.isEmpty {
      self = .choice(elements)
      return
    }
    let numbers = elements.compactMap { $0.scalar?.double }
    guard elements.count == 2, numbers.count == 2 else {
      reader.error(
        .wrongType,
        "'\(entry.key)' takes \(entry.key == "choice" ? "a list" : "two numbers"), not "
          + entry.value.summary, entry.value,
        "write \(entry.key): \(entry.key == "choice" ? "[a, b]" : "[LOW, HIGH]")")
      return nil
    }
    guard numbers[0] < numbers[1], numbers[0].isFinite, numbers[1].isFinite,
      entry.key != "log_uniform" || numbers[0] > 0
    else {
      reader.error(
        .outOfRange,
        "'\(entry.key)' goes from a lower number to a higher one"
          + (entry.key == "log_uniform" ? ", both above 0" : ""), entry.value)
      return nil
    }
    switch entry.key {
    case "uniform": self = .uniform(numbers[0], numbers[1])
    case "log_uniform": self = .logUniform(numbers[0], numbers[1])
    default:
      let whole = elements.compactMap { $0.scalar?.int }
      guard whole.count == 2, whole.allSatisfy({ abs($0) < 1 << 50 }) else {
        reader.error(.wrongType, "'integer' takes two whole numbers", entry.value)
        return nil
      }
      self = .integer(whole[0], whole[1])
    }
  }
}
