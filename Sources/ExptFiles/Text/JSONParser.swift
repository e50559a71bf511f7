extension JSONValue {
  /// Reads JSON text (RFC 8259), strictly: no comments, no trailing commas, no duplicate keys, no
  /// invalid UTF-8, at most 128 levels deep.
  ///
  /// - Throws: `malformed` with the byte where the mistake is.
  public static func parse(_ bytes: [UInt8], path: String) throws(FileProblem) -> JSONValue {
    try parse(bytes[...], path: path)
  }

  static func parse(_ bytes: ArraySlice<UInt8>, path: String) throws(FileProblem) -> JSONValue {
    var parser = JSONParser(bytes: bytes, path: path, position: bytes.startIndex)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    if parser.position < bytes.endIndex {
      throw parser.problem("unexpected text after the JSON value")
    }
    return value
  }

  public static func read(_ path: String, limit: Int = 64 << 20) throws(FileProblem) -> JSONValue {
    try parse(FileBytes.read(path, limit: limit), path: path)
  }
}

private struct JSONParser {
  let bytes: ArraySlice<UInt8>
  let path: String
  var position: Int

  func problem(_ what: String) -> FileProblem {
    FileProblem(.malformed, "this is not valid JSON: \(what).", path: path, offset: position)
  }

  private var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  mutating func skipSpace() {
    while let byte = next, byte == 32 || byte == 9 || byte == 10 || byte == 13 { position += 1 }
  }

  /// Steps over `byte` if it is next.
  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  mutating func value(depth: Int) throws(FileProblem) -> JSONValue {
    if depth > 128 { throw problem("it is nested more than 128 levels deep") }
    skipSpace()
    guard let next else { throw problem("it ends where a value is expected") }
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw problem("expected a value")
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(FileProblem) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else {
      throw problem("expected a value")
    }
    position += word.utf8.count
    return value
  }

  private mutating func object(depth: Int) throws(FileProblem) -> JSONValue {
    var object = JSONObject()
    position += 1
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(object) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw problem("expected a quoted key") }
      let key = try string()
      if object[key] != nil { throw problem("the key '\(key)' appears twice") }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw problem("expected a colon after the key") }
      object[key] = try value(depth: depth + 1)
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw problem("expected a comma or '}'") }
    return .object(object)
  }

  private mutating func array(depth: Int) throws(FileProblem) -> JSONValue {
    var values: [JSONValue] = []
    position += 1
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(values) }
    repeat {
      values.append(try value(depth: depth + 1))
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw problem("expected a comma or ']'") }
    return .array(values)
  }

  private mutating func number() throws(FileProblem) -> JSONValue {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    return .number(JSONNumber(text: String(decoding: bytes[start..<position], as: UTF8.self)))
  }

  private mutating func digits() throws(FileProblem) {
    guard let first = next, (48...57).contains(first) else {
      throw problem("expected a digit")
    }
    while let byte = next, (48...57).contains(byte) { position += 1 }
  }

  private mutating func string() throws(FileProblem) -> String {
    position += 1
    // Most strings have no escapes and are taken in one go.
    let start = position
    while let byte = next, byte >= 32, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
      position += 1
    }
    var text = Array(bytes[start..<position])
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw problem("a string is not valid UTF-8")
        }
        position += 1
        return string
      case UInt8(ascii: "\\"):
        position += 1
        text += String(try escape()).utf8
      case 0..<32: throw problem("a string contains a control character")
      default:
        text.append(byte)
        position += 1
      }
    }
    throw problem("it ends inside a string")
  }

  private mutating func escape() throws(FileProblem) -> Unicode.Scalar {
    guard let byte = next else { throw problem("it ends inside a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw problem("this escape does not exist in JSON")
    }
  }

  private mutating func unicodeEscape() throws(FileProblem) -> Unicode.Scalar {
    let first = try hexDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    // A pair of surrogates stands for one scalar above U+FFFF.
    guard (0xd800..<0xdc00).contains(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u"))
    else { throw problem("a string contains half a surrogate pair") }
    let second = try hexDigits()
    guard (0xdc00..<0xe000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
    else { throw problem("a string contains half a surrogate pair") }
    return scalar
  }

  private mutating func hexDigits() throws(FileProblem) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw problem("expected four hexadecimal digits after \\u")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
