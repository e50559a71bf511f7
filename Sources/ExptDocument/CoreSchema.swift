/// The YAML 1.2 core schema: which plain texts are null, booleans and numbers.
enum CoreSchema {
  static func isNull(_ text: String) -> Bool {
    switch text {
    case "", "~", "null", "Null", "NULL": true
    default: false
    }
  }

  static func bool(_ text: String) -> Bool? {
    switch text {
    case "true", "True", "TRUE": true
    case "false", "False", "FALSE": false
    default: nil
    }
  }

  static func int(_ text: String) -> Int? {
    switch form(of: text) {
    case .decimal: Int(text)
    case .octal: Int(text.dropFirst(2), radix: 8)
    case .hexadecimal: Int(text.dropFirst(2), radix: 16)
    default: nil
    }
  }

  static func unsigned(_ text: String) -> UInt64? {
    switch form(of: text) {
    case .decimal: UInt64(text)
    case .octal: UInt64(text.dropFirst(2), radix: 8)
    case .hexadecimal: UInt64(text.dropFirst(2), radix: 16)
    default: nil
    }
  }

  static func double(_ text: String) -> Double? {
    switch form(of: text) {
    case .octal, .hexadecimal: unsigned(text).map { Double($0) }
    case .decimal, .point: finite(text)
    case .infinity: text.hasPrefix("-") ? -.infinity : .infinity
    case .notANumber: .nan
    case nil: nil
    }
  }

  /// nil if the text rounds to infinity, or to zero without being zero: a setting must not
  /// silently become another number.
  private static func finite(_ text: String) -> Double? {
    guard let value = Double(text), value.isFinite else { return nil }
    if value == 0 {
      let mantissa = text.utf8.prefix { $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }
      if mantissa.contains(where: { (UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0) }) {
        return nil
      }
    }
    return value
  }

  private enum Form {
    case decimal, octal, hexadecimal, point, infinity, notANumber
  }

  /// How a text is a number, if it is one.
  private static func form(of text: String) -> Form? {
    switch text {
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF":
      return .infinity
    case ".nan", ".NaN", ".NAN": return .notANumber
    default: break
    }
    var rest = Substring(text).utf8
    if rest.starts(with: "0x".utf8) {
      return isAll(rest.dropFirst(2), where: isHexadecimal) ? .hexadecimal : nil
    }
    if rest.starts(with: "0o".utf8) {
      return isAll(rest.dropFirst(2)) { (0x30...0x37).contains($0) } ? .octal : nil
    }
    _ = rest.removeFirst(ifIn: "+-")
    let whole = rest.removeDigits()
    if rest.isEmpty { return whole > 0 ? .decimal : nil }
    let fraction = rest.removeFirst(ifIn: ".") ? rest.removeDigits() : 0
    guard whole + fraction > 0 else { return nil }
    if rest.removeFirst(ifIn: "eE") {
      _ = rest.removeFirst(ifIn: "+-")
      guard rest.removeDigits() > 0 else { return nil }
    }
    return rest.isEmpty ? .point : nil
  }

  private static func isAll(
    _ digits: Substring.UTF8View, where isDigit: (UInt8) -> Bool
  ) -> Bool {
    !digits.isEmpty && digits.allSatisfy(isDigit)
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
    default: false
    }
  }
}

extension Substring.UTF8View {
  fileprivate mutating func removeFirst(ifIn set: StaticString) -> Bool {
    guard let first, set.withUTF8Buffer({ $0.contains(first) }) else { return false }
    removeFirst()
    return true
  }

  /// Removes the decimal digits in front and counts them.
  fileprivate mutating func removeDigits() -> Int {
    let rest = drop { (0x30...0x39).contains($0) }
    let count = distance(from: startIndex, to: rest.startIndex)
    self = rest
    return count
  }
}
