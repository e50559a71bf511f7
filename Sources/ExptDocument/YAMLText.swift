/// How single values are spelt in YAML.
enum YAMLText {
  /// The shortest decimal that reads back as the same number, always with a point, since YAML 1.1
  /// takes `1e-05` for text: `0.001`, `1.0e-05`, `3.0`, `.inf`, `.nan`.
  static func number(_ value: some BinaryFloatingPoint & CustomStringConvertible) -> String {
    if value.isNaN { return ".nan" }
    if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
    let text = value.description
    guard !text.contains("."), let exponent = text.firstIndex(of: "e") else { return text }
    return text[..<exponent] + ".0" + text[exponent...]
  }

  /// A text as it is where no reader can take it for anything else, otherwise in double quotes.
  static func text(_ text: String) -> String {
    isPlain(text) ? text : quoted(text)
  }

  /// A comment on one line.
  static func comment(_ text: String) -> String { Display.printable(text, newline: " ") }

  /// Letters, digits, `_ - . /` and single blanks, beginning with a letter, `_` or `/`, and no word
  /// that YAML 1.1 or 1.2 reads as a boolean or null.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first), text.utf8.count <= 200
    else { return false }
    var previous = UInt8(ascii: " ")
    for byte in text.utf8 {
      switch byte {
      case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, UInt8(ascii: "_"), UInt8(ascii: "/"): break
      case UInt8(ascii: "-"), UInt8(ascii: "."):
        if previous == UInt8(ascii: " ") { return false }
      case UInt8(ascii: " "):
        if previous == UInt8(ascii: " ") { return false }
      default: return false
      }
      previous = byte
    }
    return previous != UInt8(ascii: " ") && !reserved.contains(text.lowercased())
  }

  private static let reserved: Set<String> = [
    "null", "true", "false", "yes", "no", "on", "off", "y", "n",
  ]

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where Display.isUnsafe(scalar): result += escape(scalar)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    let (letter, count) = scalar.value <= 0xFF ? ("x", 2) : ("u", 4)
    return "\\" + letter + String(repeating: "0", count: count - digits.count) + digits
  }
}
