extension Diagnostic: CustomStringConvertible {
  public var description: String { rendered }

  /// The diagnostic as a person reads it, without a newline at the end:
  ///
  ///     experiments/digits.yaml:14:3: error: beta_vae has no setting 'bta'
  ///       14 |   bta: 4
  ///          |   ^~~ did you mean 'beta'?
  ///
  /// A help too long for the caret's line (100 columns) goes below it, and so does the name of a
  /// character that looks like another (`Lookalike`). Tabs are shown as spaces,
  /// wide characters count two columns, and control characters never reach the terminal.
  public var rendered: String {
    let headline = "\(severity.rawValue): \(Display.printable(message))"
    let help = self.help.map { Display.printable($0) }
    guard let span else {
      return help.map { "\(headline)\n  \($0)" } ?? headline
    }
    let place =
      "\(Display.printable(span.file)):\(span.start.line):\(span.start.column)"
    let number = String(span.start.line)
    let gutter = "  \(number) | "
    let blank = String(repeating: " ", count: number.count + 2) + " | "
    let (line, caret) = Self.underlined(span)
    var lines = ["\(place): \(headline)", Display.trimmed(gutter + line), blank + caret]
    if let help {
      if Display.width(of: blank + caret) + 1 + Display.width(of: help) <= 100 {
        lines[2] += " \(help)"
      } else {
        lines.append(blank + help)
      }
    }
    if let lookalike = lookalikeHelp { lines.append(blank + Display.printable(lookalike)) }
    return lines.joined(separator: "\n")
  }

  /// The source line as displayed and the caret line below it, both without the gutter.
  private static func underlined(_ span: SourceSpan) -> (line: String, caret: String) {
    var line = ""
    var column = span.sourceLineColumn
    var width = 0
    var caretAt: Int?
    var caretEnd: Int?
    for scalar in span.sourceLine.unicodeScalars {
      if column == span.start.column { caretAt = width }
      if span.end.line == span.start.line, column == span.end.column { caretEnd = width }
      let shown = Display.shown(scalar, at: width)
      line += shown.text
      width += shown.width
      column += 1
    }
    let from = caretAt ?? width
    let length = max(1, (caretEnd ?? width) - from)
    let caret =
      String(repeating: " ", count: from) + "^" + String(repeating: "~", count: length - 1)
    return (line, caret)
  }

  /// A value as the user wrote it, fit for a message: in single quotes, control characters
  /// escaped, cut after 60 characters.
  public static func quote(_ text: String) -> String { quote(text, limit: 60) }

  /// A path for a message: as a value, but whole up to 1000 characters.
  public static func quote(path: String) -> String { quote(path, limit: 1000) }

  private static func quote(_ text: String, limit: Int) -> String {
    let shown = text.unicodeScalars.prefix(limit)
    var result = "'"
    for scalar in shown { result += Display.escaped(scalar) ?? String(scalar) }
    if shown.endIndex != text.unicodeScalars.endIndex { result += "…" }
    return result + "'"
  }
}
