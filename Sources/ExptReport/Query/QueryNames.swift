import ExptDocument

/// What the names and bare words of a condition mean for some runs.
struct QueryNames {
  /// The whole names that names stand for: `beta` for `model.beta`.
  private(set) var full: [String: String] = [:]
  /// The bare words that are text, because no run knows them as names.
  private(set) var texts: Set<String> = []
  private let query: Query
  private let runs: [RunRecord]

  /// - Throws: A name that no run has, or that several settings could be meant by.
  init(_ query: Query, _ runs: [RunRecord]) throws(QueryProblem) {
    self.query = query
    self.runs = runs
    try collect(query.condition)
  }

  /// The whole name that `name` stands for: itself where a run has it, else the one that ends so.
  ///
  /// - Parameter text: What to show with the mistake; `range` is the name's place in it.
  static func resolve(
    _ name: String, _ runs: [RunRecord], text: String, range: Range<Int>
  ) throws(QueryProblem) -> String {
    if isKnown(name, runs) { return name }
    let names = RunFields.names(in: runs)
    let endings = names.filter { $0.hasSuffix("." + name) && !$0.hasPrefix("best.") }
    if endings.count == 1 { return endings[0] }
    if endings.count > 1 {
      let most = 6
      let listed = endings.prefix(most).joined(separator: ", ")
      throw QueryProblem(
        message: "'\(name)' could be \(listed)\(endings.count > most ? ", …" : "")",
        help: "write the full name", text: text, range: range)
    }
    throw QueryProblem(
      message: "none of these runs has a setting, metric or field '\(name)'",
      help: nearest(to: name, names).map { "did you mean '\($0)'?" }, text: text, range: range)
  }

  private static func isKnown(_ name: String, _ runs: [RunRecord]) -> Bool {
    runs.isEmpty || RunFields.described.contains { $0.name == name }
      || runs.contains { RunFields.value(of: name, in: $0) != nil }
  }

  /// The nearest name, or the nearest last part: `bta` is near `model.beta`.
  private static func nearest(to name: String, _ names: [String]) -> String? {
    if let match = closestMatch(to: name, among: names) { return match }
    func last(_ name: String) -> String { name.split(separator: ".").last.map(String.init) ?? name }
    guard let ending = closestMatch(to: last(name), among: names.map(last)) else { return nil }
    return names.first { last($0) == ending }
  }

  private mutating func collect(_ condition: Query.Condition) throws(QueryProblem) {
    switch condition {
    case .all(let parts), .any(let parts):
      for part in parts { try collect(part) }
    case .not(let part): try collect(part)
    case .truth(let operand): try requireName(operand)
    case .membership(let operand, let list):
      try requireName(operand)
      for element in list { try allowText(element, comparedWith: operand) }
    case .comparison(let left, let comparison, let right):
      if case .value = left.kind, case .name = right.kind {
        try requireName(right)
        return
      }
      try requireName(left)
      // A date such as 2026-01-31 is a bare text with an order.
      if comparison.isOrder, right.written.first?.isNumber != true {
        try requireName(right)
      } else {
        try allowText(right, comparedWith: left)
      }
    }
  }

  private mutating func requireName(_ operand: Query.Operand) throws(QueryProblem) {
    guard case .name(let name) = operand.kind else { return }
    full[name] = try Self.resolve(name, runs, text: query.text, range: operand.range)
  }

  private mutating func allowText(
    _ operand: Query.Operand, comparedWith other: Query.Operand
  ) throws(QueryProblem) {
    let isOfStatus = if case .name("status") = other.kind { true } else { false }
    if case .name(let name) = operand.kind {
      // `status == running`, whatever else is called so.
      if !isOfStatus, Self.isKnown(name, runs), !runs.isEmpty { return }
      texts.insert(name)
    }
    let states = RunState.allCases.map(\.rawValue)
    if isOfStatus, !operand.isNull, !states.contains(operand.written) {
      let near = closestMatch(to: operand.written, among: states)
      throw QueryProblem(
        message:
          "there is no status '\(operand.written)'; use one of \(states.joined(separator: ", "))",
        help: near.map { "did you mean '\($0)'?" }, text: query.text, range: operand.range)
    }
  }
}
