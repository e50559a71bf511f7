/// Pieces of an HTML page. Text is escaped; only `Markup` itself is taken as it is.
struct Markup: Sendable, ExpressibleByStringInterpolation {
  private(set) var html: String

  private init(html: String) { self.html = html }

  init(stringLiteral value: String) { html = value }

  init(stringInterpolation: Interpolation) { html = stringInterpolation.html }

  /// Literal parts are markup; what is put in between is text, unless it is markup itself.
  struct Interpolation: StringInterpolationProtocol {
    fileprivate(set) var html = ""

    init(literalCapacity: Int, interpolationCount: Int) { html.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { html += literal }
    mutating func appendInterpolation(_ markup: Markup) { html += markup.html }
    mutating func appendInterpolation(_ parts: [Markup]) {
      for part in parts { html += part.html }
    }
    mutating func appendInterpolation(_ text: String) { html += Markup.escaped(text) }
    mutating func appendInterpolation(_ number: Int) { html += String(number) }
    /// A coordinate: two decimals are finer than a screen shows.
    mutating func appendInterpolation(_ number: Double) {
      html += Words.fixed((number * 100).rounded() / 100, 2)
    }
  }

  static let nothing: Markup = ""

  /// The patch of colour before a name in a legend. An attribute colours it, not a style: pages of a
  /// server may forbid those.
  static func key(_ colour: String, isDashed: Bool = false) -> Markup {
    let shape: Markup =
      isDashed
      ? """
      <rect x="1" y="1" width="8" height="8" fill="none" stroke="\(colour)" stroke-width="2" \
      stroke-dasharray="3 2"/>
      """ : "<rect width=\"10\" height=\"10\" fill=\"\(colour)\"/>"
    return "<svg class=\"key\" viewBox=\"0 0 10 10\" aria-hidden=\"true\">\(shape)</svg>"
  }

  static func + (a: Markup, b: Markup) -> Markup { Markup(html: a.html + b.html) }
  static func += (a: inout Markup, b: Markup) { a.html += b.html }

  /// Text for element content and for attributes in double quotes.
  static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in Words.printable(text).unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension Sequence where Element == Markup {
  func joined() -> Markup { reduce(into: Markup.nothing) { $0 += $1 } }
}
