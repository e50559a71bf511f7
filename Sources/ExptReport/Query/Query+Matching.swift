import ExptDocument
public import ExptRunFolder

extension Query {
  /// The runs that the condition holds for.
  ///
  /// - Throws: A name that no run has.
  public func filter(
    _ runs: [RunRecord], now: Timestamp = .now
  ) throws(QueryProblem) -> [RunRecord] {
    let texts = try bareTexts(runs)
    return runs.filter { QueryMatcher(run: $0, texts: texts, now: now).holds(condition) }
  }

  /// Checks that runs have what a name says, as for `--sort NAME`.
  public static func checkName(
    _ name: String, in runs: [RunRecord]
  ) throws(QueryProblem) {
    guard !isKnown(name, runs) else { return }
    throw unknown(name, runs, text: name, range: 0..<name.count)
  }

  static func isKnown(_ name: String, _ runs: [RunRecord]) -> Bool {
    runs.isEmpty || RunFields.described.contains { $0.name == name }
      || runs.contains { RunFields.value(of: name, in: $0) != nil }
  }

  /// The bare words that are text, because no run knows them as names. The left side of a
  /// comparison and both sides of `<` must be names.
  private func bareTexts(_ runs: [RunRecord]) throws(QueryProblem) -> Set<String> {
    var texts: Set<String> = []
    try collect(condition, runs, &texts)
    return texts
  }

  private func collect(
    _ condition: Condition, _ runs: [RunRecord], _ texts: inout Set<String>
  ) throws(QueryProblem) {
    switch condition {
    case .all(let parts), .any(let parts):
      for part in parts { try collect(part, runs, &texts) }
    case .not(let part): try collect(part, runs, &texts)
    case .truth(let operand): try requireName(operand, runs)
    case .membership(let operand, let list):
      try requireName(operand, runs)
      for element in list { try allowText(element, comparedWith: operand, runs, &texts) }
    case .comparison(let left, let comparison, let right):
      if case .value = left.kind, case .name = right.kind {
        try requireName(right, runs)
      } else {
        try requireName(left, runs)
        if comparison.isOrder {
          try requireName(right, runs)
        } else {
          try allowText(right, comparedWith: left, runs, &texts)
        }
      }
    }
  }

  private func requireName(_ operand: Operand, _ runs: [RunRecord]) throws(QueryProblem) {
    guard case .name(let name) = operand.kind, !Self.isKnown(name, runs) else { return }
    throw Self.unknown(name, runs, text: text, range: operand.range)
  }

  private func allowText(
    _ operand: Operand, comparedWith other: Operand, _ runs: [RunRecord],
    _ texts: inout Set<String>
  ) throws(QueryProblem) {
    let word: String
    switch operand.kind {
    case .name(let name):
      // `status == running`, whatever else is called so.
      if case .name("status") = other.kind {
      } else if Self.isKnown(name, runs), !runs.isEmpty {
        return
      }
      texts.insert(name)
      word = name
    case .value(.text(let text)): word = text
    case .value: return
    }
    let states = RunState.allCases.map(\.rawValue)
    if case .name("status") = other.kind, !states.contains(word) {
      let near = closestMatch(to: word, among: states)
      throw QueryProblem(
        message: "there is no status '\(word)'; there are \(states.joined(separator: ", "))",
        help: near.map { "did you mean '\($0)'?" }, text: text, range: operand.range)
    }
  }

  private static func unknown(
    _ name: String, _ runs: [RunRecord], text: String, range: Range<Int>
  ) -> QueryProblem {
    let names = RunFields.names(in: runs)
    let endings = names.filter { $0.hasSuffix("." + name) && !$0.hasPrefix("best.") }
    let near = endings.isEmpty ? nearest(to: name, names).map { [$0] } ?? [] : endings
    let help = near.prefix(3).map { "'\($0)'" }.joined(separator: " or ")
    return QueryProblem(
      message: "no run here has a setting, metric or field '\(name)'",
      help: near.isEmpty ? nil : "did you mean \(help)?", text: text, range: range)
  }

  /// The nearest name, or the nearest last part: `bta` is near `model.beta`.
  private static func nearest(to name: String, _ names: [String]) -> String? {
    if let match = closestMatch(to: name, among: names) { return match }
    func last(_ name: String) -> String { name.split(separator: ".").last.map(String.init) ?? name }
    guard let ending = closestMatch(to: last(name), among: names.map(last)) else { return nil }
    return names.first { last($0) == ending }
  }
}

/// One run held against a condition.
private struct QueryMatcher {
  var run: RunRecord
  var texts: Set<String>
  var now: Timestamp

  func holds(_ condition: Query.Condition) -> Bool {
    switch condition {
    case .all(let parts): parts.allSatisfy(holds)
    case .any(let parts): parts.contains(where: holds)
    case .not(let part): !holds(part)
    case .truth(let operand): value(operand) == .bool(true)
    case .membership(let operand, let list):
      list.contains { equals(value(operand), value($0)) }
    case .comparison(let left, let comparison, let right):
      compare(value(left), comparison, value(right))
    }
  }

  private func value(_ operand: Query.Operand) -> RunValue {
    switch operand.kind {
    case .value(let value): value
    case .name(let name) where texts.contains(name): .text(name)
    case .name(let name): RunFields.value(of: name, in: run, now: now) ?? .null
    }
  }

  private func equals(_ a: RunValue, _ b: RunValue) -> Bool {
    a == b || a.double.map { $0 == b.double } ?? false
  }

  private func compare(_ a: RunValue, _ comparison: Query.Comparison, _ b: RunValue) -> Bool {
    switch comparison {
    case .equal: equals(a, b)
    case .unequal: !equals(a, b)
    case .less: ordered(a, b, <)
    case .lessOrEqual: ordered(a, b, <=)
    case .greater: ordered(b, a, <)
    case .greaterOrEqual: ordered(b, a, <=)
    case .contains: contains(a, b)
    }
  }

  private func ordered(
    _ a: RunValue, _ b: RunValue, _ isBelow: (Double, Double) -> Bool
  ) -> Bool {
    if let a = a.string, let b = b.string {  // times, as in created > '2026-01-31'
      return isBelow(a < b ? -1 : a == b ? 0 : 1, 0)
    }
    guard let a = a.double, let b = b.double else { return false }
    return isBelow(a, b)
  }

  private func contains(_ whole: RunValue, _ part: RunValue) -> Bool {
    if case .list(let values) = whole { return values.contains { equals($0, part) } }
    if whole == .null { return false }
    return whole.description.lowercased().contains(part.description.lowercased())
  }
}
