/// Reads a filter by recursive descent.
///
///     any        = all { "or" all }
///     all        = one { "and" one }
///     one        = "not" one | "(" any ")" | comparison
///     comparison = operand { operator operand } | operand [ "not" ] "in" "[" operand { "," operand } "]"
struct QueryParser {
  private let text: String
  private let tokens: [QueryToken]
  private var position = 0
  private var depth = 0

  static func parse(_ text: String) throws(QueryProblem) -> Query.Condition {
    var parser = QueryParser(text: text, tokens: try QueryLexer.tokens(text))
    let condition = try parser.any()
    if parser.token.kind != .end {
      throw parser.problem("unexpected text here", "join conditions with 'and' or 'or'")
    }
    return condition
  }

  private init(text: String, tokens: [QueryToken]) {
    self.text = text
    self.tokens = tokens
  }

  private var token: QueryToken { tokens[min(position, tokens.count - 1)] }

  private func problem(_ message: String, _ help: String? = nil) -> QueryProblem {
    QueryProblem(message: message, help: help, text: text, range: token.range)
  }

  /// Steps over a keyword or symbol where one of these is next.
  private mutating func take(_ words: String...) -> Bool {
    let isNext =
      switch token.kind {
      case .word(let word), .symbol(let word): words.contains(word)
      default: false
      }
    if isNext { position += 1 }
    return isNext
  }

  private mutating func any() throws(QueryProblem) -> Query.Condition {
    var parts = [try all()]
    while take("or", "||") { parts.append(try all()) }
    return parts.count == 1 ? parts[0] : .any(parts)
  }

  private mutating func all() throws(QueryProblem) -> Query.Condition {
    var parts = [try one()]
    while take("and", "&&") { parts.append(try one()) }
    return parts.count == 1 ? parts[0] : .all(parts)
  }

  private mutating func one() throws(QueryProblem) -> Query.Condition {
    depth += 1
    defer { depth -= 1 }
    if depth > 200 { throw problem("this is nested too deeply") }
    if take("not", "!") { return .not(try one()) }
    if take("(") {
      let condition = try any()
      if !take(")") { throw problem("expected ')'") }
      return condition
    }
    return try comparison()
  }

  private mutating func comparison() throws(QueryProblem) -> Query.Condition {
    var first = try operand()
    if take("in") { return .membership(first.asName, try list()) }
    if case .word("not") = token.kind {
      position += 1
      if !take("in") { throw problem("expected 'in'") }
      return .not(.membership(first.asName, try list()))
    }
    var parts: [Query.Condition] = []
    var left = first
    while let comparison = takeComparison() {
      let right = try operand()
      if parts.isEmpty, case .value = right.kind {
        first = first.asName
        left = first
      }
      parts.append(.comparison(left, comparison, right))
      left = right
    }
    switch parts.count {
    case 0:
      if case .value(let value) = first.kind, case .bool = value {
      } else if case .value = first.kind {
        throw problem("expected a comparison", "such as == or <")
      }
      return .truth(first)
    case 1: return parts[0]
    default: return .all(parts)
    }
  }

  private mutating func takeComparison() -> Query.Comparison? {
    if take("contains") { return .contains }
    guard case .symbol(let symbol) = token.kind, let comparison = Query.Comparison(rawValue: symbol)
    else { return nil }
    position += 1
    return comparison
  }

  private mutating func list() throws(QueryProblem) -> [Query.Operand] {
    if !take("[") { throw problem("expected a list", "such as [1, 2]") }
    var operands = [try operand()]
    while take(",") { operands.append(try operand()) }
    if !take("]") { throw problem("expected ',' or ']'") }
    return operands
  }

  private mutating func operand() throws(QueryProblem) -> Query.Operand {
    let token = token
    position += 1
    func value(_ value: RunValue) -> Query.Operand {
      Query.Operand(kind: .value(value), written: written(token), range: token.range)
    }
    switch token.kind {
    case .number(let number, let text): return value(.number(number, text: text))
    case .text(let text): return value(.text(text))
    case .word("true"): return value(.bool(true))
    case .word("false"): return value(.bool(false))
    case .word("null"): return value(.null)
    case .word(let word) where !Self.keywords.contains(word):
      return Query.Operand(kind: .name(word), written: word, range: token.range)
    case .word:
      position -= 1
      throw problem("expected a name or a value", "put text in quotes")
    case .symbol, .end:
      position -= 1
      throw problem("expected a name or a value")
    }
  }

  private func written(_ token: QueryToken) -> String {
    if case .text(let text) = token.kind { return text }
    return String(Array(text)[token.range])
  }

  private static let keywords: Set<String> = ["and", "or", "not", "in", "contains"]
}

extension Query.Operand {
  /// A text compared with a value is a name that holds more than a word: `'odd key' > 1`.
  fileprivate var asName: Query.Operand {
    guard case .value(.text(let name)) = kind else { return self }
    return Query.Operand(kind: .name(name), written: written, range: range)
  }
}
