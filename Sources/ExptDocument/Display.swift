/// How text from a file looks on a terminal: how wide it is, and what must not get there.
package enum Display {
  /// A scalar of a source line as shown at `column` (from 0), with its width in columns.
  static func shown(_ scalar: Unicode.Scalar, at column: Int) -> (text: String, width: Int) {
    if scalar == "\t" {
      let width = 4 - column % 4
      return (String(repeating: " ", count: width), width)
    }
    if isUnsafe(scalar) { return ("\u{FFFD}", 1) }
    return (String(scalar), width(of: scalar))
  }

  /// `text` with the scalars that could steer a terminal written as escapes; newlines stay, or
  /// become `newline`.
  package static func printable(_ text: String, newline: String = "\n") -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      result += scalar == "\n" ? newline : escaped(scalar) ?? String(scalar)
    }
    return result
  }

  /// `\n`, `\t` or `\u{1B}` for a scalar that must not be printed as it is, else nil.
  static func escaped(_ scalar: Unicode.Scalar) -> String? {
    switch scalar {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    case _ where isUnsafe(scalar): "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    default: nil
    }
  }

  /// Control characters, line separators and the marks that reorder text (bidirectional
  /// overrides), with which a line could be made to look like another.
  static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF,
      0xFFFE, 0xFFFF:
      true
    default: false
    }
  }

  static func width(of text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
  }

  /// 0 for marks that combine with the character before, 2 for wide East Asian characters and
  /// emoji, else 1. The wide ranges are those of Unicode's EastAsianWidth.txt, joined.
  static func width(of scalar: Unicode.Scalar) -> Int {
    if scalar.isASCII { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    if scalar.properties.isEmojiPresentation { return 2 }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
      0x16FE0...0x18CFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }

  /// `text` without the blanks at its end.
  static func trimmed(_ text: String) -> String {
    var end = text.endIndex
    while end > text.startIndex, text[text.index(before: end)] == " " {
      end = text.index(before: end)
    }
    return String(text[..<end])
  }
}
