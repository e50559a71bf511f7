import ExptFiles

/// What a request asks for besides its route: the names of a URL's query, or of a JSON object.
struct Parameters: Sendable {
  private var values: JSONObject

  init(_ object: JSONObject) { values = object }

  /// Of a query, the first value of each name.
  init(query: [(name: String, value: String)]) {
    values = JSONObject()
    for (name, value) in query.prefix(64) where values[name] == nil {
      values[name] = .string(value)
    }
  }

  /// Nil if it is absent or empty.
  ///
  /// - Throws: `Refusal` if it is longer than `longest` bytes.
  func text(_ name: String, longest: Int = 4096) throws(Refusal) -> String? {
    guard let text = values[name]?.string, !text.isEmpty else { return nil }
    guard text.utf8.count <= longest else {
      throw .bad("'\(name)' is longer than \(longest) bytes")
    }
    return text
  }

  /// These alone, as they were given.
  func only(_ names: [String]) -> JSONObject {
    var chosen = JSONObject()
    for name in names { chosen[name] = values[name] }
    return chosen
  }

  func has(_ name: String) -> Bool { values[name] != nil }

  func required(_ name: String) throws(Refusal) -> String {
    guard let text = try text(name) else { throw .bad("'\(name)' is missing") }
    return text
  }

  func flag(_ name: String) -> Bool {
    values[name]?.bool ?? (values[name]?.string == "1")
  }

  /// - Throws: `Refusal` for what is no number, or out of range.
  func number(_ name: String, in range: ClosedRange<Double>, default value: Double) throws(Refusal)
    -> Double
  {
    guard let given = values[name], given != .null, given.string != "" else { return value }
    guard let number = given.double ?? given.string.flatMap(Double.init), range.contains(number)
    else {
      throw .bad("'\(name)' must be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func whole(_ name: String, in range: ClosedRange<Int>, default value: Int) throws(Refusal) -> Int
  {
    guard let given = values[name], given != .null, given.string != "" else { return value }
    guard let number = given.int ?? given.string.flatMap({ Int($0) }), range.contains(number) else {
      throw .bad(
        "'\(name)' must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A seed, with all its digits.
  func seed(_ name: String, default value: UInt64) throws(Refusal) -> UInt64 {
    guard let given = values[name], given != .null, given.string != "" else { return value }
    guard let number = given.uint64 ?? given.string.flatMap({ UInt64($0) }) else {
      throw .bad("'\(name)' must be a whole number from 0 to \(UInt64.max)")
    }
    return number
  }

  /// One of some words.
  func choice<Choice: RawRepresentable>(
    _ name: String, default value: Choice
  ) throws(Refusal) -> Choice where Choice.RawValue == String {
    guard let text = try text(name, longest: 64) else { return value }
    guard let choice = Choice(rawValue: text) else { throw .bad("'\(name)' cannot be '\(text)'") }
    return choice
  }

  /// Words with commas between, at most `most`.
  func list(_ name: String, most: Int) throws(Refusal) -> [String] {
    let words = (try text(name, longest: 64 * 1024) ?? "").split(separator: ",").map(String.init)
    guard words.count <= most else { throw .bad("'\(name)' has more than \(most) parts") }
    return words
  }

  /// Finite numbers.
  func numbers(_ name: String, most: Int) throws(Refusal) -> [Float] {
    guard let array = values[name]?.array else { throw .bad("'\(name)' must be a list of numbers") }
    guard array.count <= most else { throw .bad("'\(name)' has more than \(most) numbers") }
    var numbers: [Float] = []
    numbers.reserveCapacity(array.count)
    for value in array {
      guard let number = value.double.map({ Float($0) }), number.isFinite else {
        throw .bad("'\(name)' must have finite numbers only")
      }
      numbers.append(number)
    }
    return numbers
  }

  func object(_ name: String) -> JSONObject? { values[name]?.object }
  func array(_ name: String) -> [JSONValue]? { values[name]?.array }
}
