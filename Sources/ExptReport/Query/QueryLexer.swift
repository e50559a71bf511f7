/// A word of a filter.
struct QueryToken: Hashable {
  enum Kind: Hashable {
    /// A name, a keyword or bare text.
    case word(String)
    case number(Double, text: String)
    case text(String)
    /// `==`, `(`, `[`, …
    case symbol(String)
    case end
  }

  var kind: Kind
  var range: Range<Int>
}

/// Cuts the text of a filter into tokens.
struct QueryLexer {
  let text: String
  private let characters: [Character]
  private var position = 0

  init(_ text: String) {
    self.text = text
    characters = Array(text)
  }

  static func tokens(_ text: String) throws(QueryProblem) -> [QueryToken] {
    var lexer = QueryLexer(text)
    var tokens: [QueryToken] = []
    repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
    return tokens
  }

  private mutating func next() throws(QueryProblem) -> QueryToken {
    while position < characters.count, characters[position].isWhitespace { position += 1 }
    let start = position
    guard start < characters.count else { return QueryToken(kind: .end, range: start..<start) }
    let character = characters[start]
    if character == "'" || character == "\"" { return try quoted(character) }
    if isNumber(at: start) { return number() }
    if isOfWord(character) { return word() }
    for symbol in ["==", "!=", "<=", ">=", "&&", "||"] where starts(symbol) {
      position += 2
      return QueryToken(kind: .symbol(symbol), range: start..<position)
    }
    position += 1
    let range = start..<position
    if "<>()[],~!".contains(character) {
      return QueryToken(kind: .symbol(String(character)), range: range)
    }
    throw QueryProblem(
      message: "'\(character)' means nothing here",
      help: character == "="
        ? "write ==, or put text that holds it in quotes" : "put text in quotes: 'a/b'",
      text: text, range: range)
  }

  private func starts(_ symbol: String) -> Bool {
    characters[position...].prefix(symbol.count).elementsEqual(symbol)
  }

  private func isOfWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "_.".contains(character)
  }

  /// Whether one of these stands here with more of a word behind it.
  private func isInner(_ marks: String) -> Bool {
    marks.contains(characters[position]) && position + 1 < characters.count
      && isOfWord(characters[position + 1])
  }

  private func isNumber(at place: Int) -> Bool {
    var place = place
    if "-+".contains(characters[place]) { place += 1 }
    if place < characters.count, characters[place] == "." { place += 1 }
    return place < characters.count && ("0"..."9").contains(characters[place])
  }

  /// A number, perhaps with a unit of time; a word where more follows, such as the hash `1f3a9c2e`.
  private mutating func number() -> QueryToken {
    let start = position
    position += 1
    while position < characters.count {
      let isExponentSign =
        "-+".contains(characters[position]) && "eE".contains(characters[position - 1])
      // 2024-01-01T10:30
      let isInner = isInner("-+:")
      guard isOfWord(characters[position]) || isExponentSign || isInner else { break }
      position += 1
    }
    let word = String(characters[start..<position])
    let range = start..<position
    if case .number(let value, let text)? = RunValue.number(word) {
      return QueryToken(kind: .number(value, text: text), range: range)
    }
    for (unit, seconds) in Self.units where word.hasSuffix(unit) {
      guard let count = Double(word.dropLast(unit.count)) else { continue }
      let value = count * seconds
      return QueryToken(kind: .number(value, text: "\(RunValue.number(value))"), range: range)
    }
    return QueryToken(kind: .word(word), range: range)
  }

  private static let units: [(String, Double)] = [
    ("min", 60), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800),
  ]

  /// Letters, digits, `_` and `.`, inner `-` and `+`, and `[n]`.
  private mutating func word() -> QueryToken {
    let start = position
    while position < characters.count {
      let character = characters[position]
      if isOfWord(character) || isInner("-+") {
        position += 1
      } else if character == "[", let end = indexEnd() {
        position = end
      } else {
        break
      }
    }
    let word = String(characters[start..<position])
    return QueryToken(kind: .word(word), range: start..<position)
  }

  /// The place behind `[12]`, where that is what stands here.
  private func indexEnd() -> Int? {
    var place = position + 1
    while place < characters.count, ("0"..."9").contains(characters[place]) { place += 1 }
    guard place > position + 1, place < characters.count, characters[place] == "]" else {
      return nil
    }
    return place + 1
  }

  /// Text in quotes; a backslash takes the next character as it is.
  private mutating func quoted(_ quote: Character) throws(QueryProblem) -> QueryToken {
    let start = position
    var content = ""
    position += 1
    while position < characters.count, characters[position] != quote {
      if characters[position] == "\\", position + 1 < characters.count { position += 1 }
      content.append(characters[position])
      position += 1
    }
    guard position < characters.count else {
      throw QueryProblem(
        message: "this quoted text is never closed", help: "close it with \(quote)",
        text: text, range: start..<characters.count)
    }
    position += 1
    return QueryToken(kind: .text(content), range: start..<position)
  }
}
