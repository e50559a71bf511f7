import ExptDocument

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
            "write one of \(Distribution.keys.joined(separator: ", "))")
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
    let isLogarithmic = entry.key.hasPrefix("log_")
    let whole = elements.compactMap { $0.scalar?.int }
    let isOrdered = whole.count == 2 ? whole[0] < whole[1] : numbers[0] < numbers[1]
    guard isOrdered, numbers[0].isFinite, numbers[1].isFinite,
      !isLogarithmic || numbers[0] > 0
    else {
      reader.error(
        .outOfRange,
        "'\(entry.key)' goes from a lower number to a higher one"
          + (isLogarithmic ? ", both above 0" : ""), entry.value)
      return nil
    }
    switch entry.key {
    case "uniform": self = .uniform(numbers[0], numbers[1])
    case "log_uniform": self = .logUniform(numbers[0], numbers[1])
    default:
      guard whole.count == 2 else {
        reader.error(
          .wrongType, "'\(entry.key)' takes two whole numbers of at most 64 bits", entry.value,
          "they go from \(isLogarithmic ? 1 : Int.min) to \(Int.max)")
        return nil
      }
      self = isLogarithmic ? .logInteger(whole[0], whole[1]) : .integer(whole[0], whole[1])
    }
  }
}
