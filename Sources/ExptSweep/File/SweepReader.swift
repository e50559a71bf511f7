import ExptDocument

/// Reads the mappings of a sweep file, collecting every mistake.
struct SweepReader {
  var problems = Diagnostics()

  /// The entries of a mapping by key.
  ///
  /// - Parameter title: What the mapping is, for messages: `a sweep`.
  mutating func mapping(
    _ node: Node, _ title: String, keys: [String], required: [String] = []
  ) -> [String: Node.Entry] {
    guard let entries = node.entries else {
      error(.wrongType, "\(title) is a mapping, not \(node.summary)", node, "write 'key: value'")
      return [:]
    }
    var found: [String: Node.Entry] = [:]
    for entry in entries {
      if keys.contains(entry.key) {
        found[entry.key] = entry
      } else {
        let near = closestMatch(to: entry.key, among: keys)
        problems.append(
          .error(
            .unknownKey, "\(title) has no key '\(entry.key)'", at: entry.keySpan,
            help: near.map { "did you mean '\($0)'?" } ?? "it has \(keys.joined(separator: ", "))"))
      }
    }
    for key in required where found[key] == nil {
      error(.missingKey, "\(title) needs '\(key)'", node)
    }
    return found
  }

  mutating func integer(_ entry: Node.Entry?, in range: ClosedRange<Int>, default value: Int) -> Int
  {
    integer(entry, in: range) ?? value
  }

  mutating func integer(_ entry: Node.Entry?, in range: ClosedRange<Int>) -> Int? {
    guard let entry else { return nil }
    guard let value = entry.value.scalar?.int else {
      wrongType(entry, "a whole number", .integer)
      return nil
    }
    guard range.contains(value) else {
      let bounds =
        range.upperBound == .max
        ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
      error(.outOfRange, "'\(entry.key)' must be \(bounds), not \(value)", entry.value)
      return nil
    }
    return value
  }

  mutating func seed(_ entry: Node.Entry?) -> UInt64? {
    guard let entry else { return nil }
    guard let value = entry.value.scalar?.unsigned else {
      wrongType(entry, "a whole number from 0 on", .integer)
      return nil
    }
    return value
  }

  mutating func positive(_ entry: Node.Entry?) -> Double? {
    guard let entry else { return nil }
    guard let value = entry.value.scalar?.double else {
      wrongType(entry, "a number", .number)
      return nil
    }
    guard value > 0, value.isFinite else {
      error(.outOfRange, "'\(entry.key)' must be above 0, not \(entry.value.summary)", entry.value)
      return nil
    }
    return value
  }

  mutating func text(_ entry: Node.Entry?) -> String? {
    guard let entry else { return nil }
    guard let scalar = entry.value.scalar, !scalar.isNull, !scalar.text.isEmpty else {
      wrongType(entry, "a text", .text)
      return nil
    }
    return scalar.text
  }

  mutating func choice(_ entry: Node.Entry?, of names: [String]) -> String? {
    guard let entry, let text = text(entry) else { return nil }
    if names.contains(text) { return text }
    let near = closestMatch(to: text, among: names)
    error(
      .outOfRange, "'\(entry.key)' is \(names.joined(separator: " or ")), not '\(text)'",
      entry.value, near.map { "did you mean '\($0)'?" })
    return nil
  }

  mutating func wrongType(_ entry: Node.Entry, _ wanted: String, _ kind: Scalar.Kind) {
    error(
      .wrongType, "'\(entry.key)' is \(wanted), not \(entry.value.summary)", entry.value,
      entry.value.scalar?.suggestion(for: kind).map { "write \($0)" })
  }

  mutating func error(
    _ code: Diagnostic.Code, _ message: String, _ node: Node, _ help: String? = nil
  ) {
    problems.append(.error(code, message, at: node.span, help: help))
  }
}
