public import ExptRunFolder

extension Query {
  /// The runs that the condition holds for.
  ///
  /// - Throws: A name that no run has, or that several settings could be meant by.
  public func filter(
    _ runs: [RunRecord], now: Timestamp = .now
  ) throws(QueryProblem) -> [RunRecord] {
    let names = try QueryNames(self, runs)
    return runs.filter { QueryMatcher(run: $0, names: names, now: now).holds(condition) }
  }

  /// The whole name of what runs have, as for `--sort NAME`.
  ///
  /// - Throws: A name that no run has, or that several settings could be meant by.
  public static func wholeName(
    _ name: String, in runs: [RunRecord]
  ) throws(QueryProblem) -> String {
    try QueryNames.resolve(name, runs, text: name, range: 0..<name.count)
  }
}

extension Query.Operand {
  var isNull: Bool { if case .value(.null) = kind { true } else { false } }
}

/// One run held against a condition.
private struct QueryMatcher {
  var run: RunRecord
  var names: QueryNames
  var now: Timestamp

  func holds(_ condition: Query.Condition) -> Bool {
    switch condition {
    case .all(let parts): parts.allSatisfy(holds)
    case .any(let parts): parts.contains(where: holds)
    case .not(let part): !holds(part)
    case .truth(let operand): value(operand) == .bool(true)
    case .membership(let operand, let list): list.contains { areEqual(operand, $0) }
    case .comparison(let left, let comparison, let right):
      compare(left, comparison, right)
    }
  }

  private func value(_ operand: Query.Operand) -> RunValue {
    switch operand.kind {
    case .value(let value): value
    case .name(let name) where names.texts.contains(name): .text(name)
    case .name(let name):
      RunFields.value(of: names.full[name] ?? name, in: run, now: now) ?? .null
    }
  }

  /// A text equals what is written the same: `name == 007`; and the words nan and inf are numbers.
  private func areEqual(_ left: Query.Operand, _ right: Query.Operand) -> Bool {
    let (a, b) = (value(left), value(right))
    if equals(a, b) { return true }
    switch (a, b) {
    case (.text(let text), .number), (.text(let text), .bool):
      return right.isLiteral && right.written == text
    case (.number, .text(let text)) where left.isLiteral, (.bool, .text(let text)):
      return left.isLiteral && left.written == text
    case (.number(let number, let text), .text(let word)):
      return !number.isFinite && text == word
    default: return false
    }
  }

  private func equals(_ a: RunValue, _ b: RunValue) -> Bool {
    if let first = RunNumber(a), let second = RunNumber(b) { return first == second }
    return a == b
  }

  private func compare(
    _ left: Query.Operand, _ comparison: Query.Comparison, _ right: Query.Operand
  ) -> Bool {
    let (a, b) = (value(left), value(right))
    return switch comparison {
    case .equal: areEqual(left, right)
    case .unequal: !areEqual(left, right)
    case .less: isBelow(a, b)
    case .lessOrEqual: isBelow(a, b) || isSame(a, b)
    case .greater: isBelow(b, a)
    case .greaterOrEqual: isBelow(b, a) || isSame(a, b)
    case .contains: contains(a, right.isLiteral ? right.written : b.description, b)
    }
  }

  /// Numbers by size, texts (dates among them) by their letters; nothing else has an order.
  private func isBelow(_ a: RunValue, _ b: RunValue) -> Bool {
    if let first = RunNumber(a), let second = RunNumber(b) { return first < second }
    if let first = a.string, let second = b.string { return first < second }
    return false
  }

  private func isSame(_ a: RunValue, _ b: RunValue) -> Bool {
    a.double == nil ? a.string != nil && a == b : equals(a, b)
  }

  private func contains(_ whole: RunValue, _ written: String, _ part: RunValue) -> Bool {
    if case .list(let values) = whole { return values.contains { equals($0, part) } }
    if whole == .null { return false }
    return whole.description.lowercased().contains(written.lowercased())
  }
}

extension Query.Operand {
  fileprivate var isLiteral: Bool { if case .value = kind { true } else { false } }
}
