/// Characters that look like the ones YAML is written with and are others, as an input method, a word
/// processor or a web page leaves them: `：` for `:`, `“` for `"`, a no-break space for a blank.
public enum Lookalike {
  /// What somebody who typed the character most probably meant; empty for what cannot be seen; nil
  /// for every other character.
  public static func meant(by scalar: Unicode.Scalar) -> String? {
    if scalar.isASCII { return nil }
    switch scalar.value {
    case 0xFF01...0xFF5E: return Unicode.Scalar(scalar.value - 0xFEE0).map { String($0) }
    case 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0x85: return " "
    case 0xAD, 0x200B...0x200F, 0x2060, 0xFEFF: return ""
    case 0xAB, 0xBB, 0x201C...0x201F, 0x2033: return "\""
    case 0xB4, 0x2BC, 0x2018...0x201B, 0x2032: return "'"
    case 0x2010...0x2015, 0x2043, 0x2212, 0xFE58, 0xFE63: return "-"
    case 0x2D0, 0x589, 0x2236, 0xA789, 0xFE13, 0xFE55: return ":"
    case 0x60C, 0x3001, 0xFE10, 0xFE50, 0xFE51: return ","
    case 0x2024, 0x3002, 0xFE52: return "."
    case 0x2044, 0x2215: return "/"
    case 0xFE66: return "="
    case 0xFE5B: return "{"
    case 0xFE5C: return "}"
    case 0x3010, 0x3014: return "["
    case 0x3011, 0x3015: return "]"
    default: break
    }
    if scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue {
      return String(Int(value))
    }
    return nil
  }

  /// The name of the character: `U+FF1A (fullwidth colon)`.
  static func title(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return scalar.properties.name.map { "\(code) (\($0.lowercased()))" } ?? code
  }

  /// `'：' is U+FF1A (fullwidth colon): write ':'`; nil for a character that looks like no other.
  public static func sentence(_ scalar: Unicode.Scalar, write other: String? = nil) -> String? {
    guard let meant = other ?? meant(by: scalar) else { return nil }
    let shown = meant.isEmpty || meant == " " ? "this" : "'\(scalar)'"
    let remedy =
      switch meant {
      case "": "remove it"
      case " ": "write a space"
      case "'": "write \"'\""
      default: "write '\(meant)'"
      }
    return "\(shown) is \(title(scalar)): \(remedy)"
  }

  /// Why a plain text of a file is surely not what was meant: it begins with a quotation mark that
  /// YAML does not know, begins or ends with a space that is none, or holds what cannot be seen.
  static func mistake(inPlain text: String) -> (place: Int, sentence: String)? {
    guard !text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
    let scalars = Array(text.unicodeScalars)
    for (place, scalar) in scalars.enumerated() {
      let isWrong =
        switch meant(by: scalar) {
        case "": ![0x200C, 0x200D, 0x200E, 0x200F].contains(scalar.value)
        case " ": place == 0 || place == scalars.count - 1
        case "\"", "'": place == 0
        default: false
        }
      if isWrong, let sentence = sentence(scalar) { return (place, sentence) }
    }
    return nil
  }
}

extension Diagnostic {
  /// What to add where the text that is wrong holds a look-alike, which may be all that is wrong.
  var lookalikeHelp: String? {
    let codes: [Code] = [
      .notAMapping, .unknownKey, .missingKey, .wrongType, .unknownComponent, .override,
    ]
    guard severity == .error, codes.contains(code), let span,
      !span.sourceLine.utf8.allSatisfy({ $0 < 0x80 })
    else { return nil }
    var column = span.sourceLineColumn
    let end = span.end.line == span.start.line ? span.end.column : .max
    for scalar in span.sourceLine.unicodeScalars {
      if column >= span.start.column, column < end, let sentence = Lookalike.sentence(scalar),
        help?.contains(Lookalike.title(scalar)) != true
      {
        return column == span.start.column ? sentence : "in column \(column) \(sentence)"
      }
      column += 1
    }
    return nil
  }
}

extension SourceText {
  /// The first look-alike in the lines before `position`, from `start` on: outside of quotes and
  /// comments.
  func lookalike(from start: Int, before position: Int) -> (place: Int, sentence: String)? {
    let first = start - location(of: start).column + 1
    let last = endOfLine(at: position)
    var quote: Unicode.Scalar?
    var isComment = false
    var before: Unicode.Scalar = " "
    for (offset, scalar) in text(first..<last).unicodeScalars.enumerated() {
      defer { before = scalar }
      if scalar == "\n" { (quote, isComment) = (nil, false) }
      if isComment { continue }
      if let open = quote {
        if scalar == open { quote = nil }
        continue
      }
      if scalar == "\"" || scalar == "'", " :[{,=\n".unicodeScalars.contains(before) {
        quote = scalar
      } else if scalar == "#", before == " " || before == "\n" {
        isComment = true
      } else if let sentence = Lookalike.sentence(scalar) {
        return (first + offset, sentence)
      }
    }
    return nil
  }
}
