/// A refusal of libyaml's, to be said in words that someone who does not know YAML's grammar
/// can act on.
struct SyntaxProblem {
  /// libyaml's words, and where it stopped.
  var problem: String
  var position: Int
  /// What libyaml was reading, and where that began.
  var context: String?
  var contextPosition: Int?

  func diagnostic(in source: SourceText) -> Diagnostic {
    let (message, help) = explanation(in: source)
    let line = source.location(of: position).line
    let start = contextPosition ?? position
    let before = source.location(of: start).line < line ? start : source.lineBefore(position)
    if let lookalike = source.lookalike(from: before, before: position) {
      let place = source.span(lookalike.place..<lookalike.place + 1)
      return .error(.syntax, message, at: place, help: lookalike.sentence)
    }
    let place = isBestShownAtItsBeginning ? contextPosition ?? position : position
    let end = min(place + 1, source.scalarCount)
    return .error(.syntax, message, at: source.span(place..<max(place, end)), help: help)
  }

  /// Whether the mistake is where libyaml began rather than where it gave up.
  private var isBestShownAtItsBeginning: Bool {
    switch problem {
    case "could not find expected ':'", "found unexpected end of stream",
      "found unexpected document indicator":
      true
    case _ where isInDirective: true
    default: false
    }
  }

  private var isInDirective: Bool { context?.hasSuffix("directive") == true }

  /// Whether there are only spaces before the problem on its line.
  private func beginsLine(in source: SourceText) -> Bool {
    let column = source.location(of: position).column
    return source.text(position - column + 1..<position).allSatisfy { $0 == " " }
  }

  /// Whether the problem is the last character of these, which stand together.
  private func follows(_ text: String, in source: SourceText) -> Bool {
    let start = position + 1 - text.unicodeScalars.count
    return text.unicodeScalars.enumerated().allSatisfy { source.ascii(at: start + $0) == $1 }
  }

  private func explanation(in source: SourceText) -> (message: String, help: String?) {
    let here = source.ascii(at: position)
    let began = contextPosition.map { place(of: $0, in: source) } ?? ""
    switch problem {
    case "found character that cannot start any token" where here == "\t",
      "found a tab character that violates indentation",
      "found a tab character where an indentation space is expected":
      return ("a tab cannot indent YAML", "use spaces")
    case _ where isInDirective && source.isArgument:
      return ("a value cannot start with '%'", "put it in quotes")
    case "did not find expected <document start>" where source.isArgument:
      return ("the value ends before this", "put the whole text in quotes")
    case "did not find expected comment or line break" where source.isArgument:
      return ("a value on the command line must be on one line", "put it in quotes")
    case "found character that cannot start any token":
      return (
        "a value cannot start with \(here.map { Diagnostic.quote(String($0)) } ?? "this character")",
        "put it in quotes"
      )
    case "mapping values are not allowed in this context":
      return (
        "a ':' is not allowed here",
        "check the indentation; text that holds ': ' needs quotes"
      )
    case "could not find expected ':'":
      return (
        "this is neither 'key: value' nor part of the value before it",
        "write 'key: value', or check the indentation"
      )
    case "did not find expected key" where !beginsLine(in: source):
      return (
        "this cannot follow the value before it",
        "check quotes and brackets; text that holds quotes needs quotes around all of it"
      )
    case "did not find expected key", "did not find expected '-' indicator":
      return (
        "this does not fit the \(context?.contains("mapping") == true ? "mapping" : "list")\(began)",
        "check the indentation, and for a missing ':' or quote"
      )
    case "did not find expected ',' or ']'" where follows("${", in: source),
      "did not find expected ',' or '}'" where follows("${", in: source):
      return ("'${' needs quotes within [ ] and { }", "write \"${…}\" in quotes")
    case "did not find expected ',' or ']'":
      return ("the list\(began) needs ',' or ']' here", "close it with ']'")
    case "did not find expected ',' or '}'":
      return ("the mapping\(began) needs ',' or '}' here", "close it with '}'")
    case "found unexpected end of stream":
      return ("this quoted text is never closed", "add the missing quote")
    case "found unexpected document indicator":
      return ("this quoted text is not closed before a '---' or '...'", "add the missing quote")
    case "block sequence entries are not allowed in this context":
      return ("a list item '- ' is not allowed here", "begin the list on a line of its own")
    case "mapping keys are not allowed in this context":
      return ("a key is not allowed here", "check the indentation")
    case "did not find expected node content":
      return ("a value is missing here", "write a value, or remove the extra punctuation")
    case "did not find expected alphabetic or numeric character":
      return (
        "'&' and '*' must be followed by a name of letters, digits, '-' and '_'",
        "put the text in quotes unless it is an anchor or alias"
      )
    case "found unknown escape character":
      return (
        "this '\\' escape is not known in double quotes",
        "write '\\\\' for a backslash, or use single quotes"
      )
    case "did not find expected hexdecimal number", "found invalid Unicode character escape code":
      return ("this '\\' escape is not a valid character code", nil)
    case "found undefined tag handle":
      return ("tags beginning with '!' are not used in experiment files", "put the text in quotes")
    case "found incompatible YAML document":
      return ("this YAML version is not supported", "remove the %YAML line")
    case "did not find expected <document start>":
      return ("text continues after the end of the experiment", "check the indentation")
    case "did not find expected comment or line break":
      return ("only a comment may follow on this line", nil)
    default:
      let reading = context.map { " \($0)" } ?? ""
      return ("this is not valid YAML: \(problem)\(reading)", nil)
    }
  }

  /// " begun on line 3", when that is another line than the problem's.
  private func place(of began: Int, in source: SourceText) -> String {
    let line = source.location(of: began).line
    return line == source.location(of: position).line ? "" : " begun on line \(line)"
  }
}
