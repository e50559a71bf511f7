import ExptFiles
import Foundation

/// Curves over epochs, or another axis, as an SVG drawing, with axes, a band around each curve where there is one, and
/// values under the pointer.
struct LineChart: Sendable {
  struct Point: Sendable, Hashable {
    var x: Double
    var y: Double
    /// Drawn as a band, for example a standard deviation either way.
    var low: Double?
    var high: Double?
  }

  struct Series: Sendable {
    var name: String
    var colour: String
    var isDashed = false
    var points: [Point]
  }

  var title: String
  /// Of the values, for example `nats`.
  var unit: String
  var series: [Series]
  /// What x is: `epoch`.
  var axis = "epoch"
  var isLogarithmic = false
  var isLogarithmicX = false
  /// Of x; nil: all points.
  var shown: ClosedRange<Double>?
  var showsLegend = true

  private let width = 480.0
  private let height = 240.0
  private let left = 54.0
  private let right = 8.0
  private let top = 18.0
  private let bottom = 30.0

  /// Nil if there is nothing to draw.
  var markup: Markup? {
    let shown = drawable
    guard
      let frame = Frame(
        shown, isLogarithmic: isLogarithmic, isLogarithmicX: isLogarithmicX, shown: self.shown)
    else { return nil }
    let clip = "c\(stableNumber(title + shown.map(\.name).joined()))"
    let note: Markup =
      frame.isCut ? "<figcaption>The first epochs are off the scale.</figcaption>" : .nothing
    return """
      <figure><h3>\(title)</h3>\(showsLegend ? Self.legend(shown) : .nothing)
      <svg viewBox="0 0 \(width) \(height)" role="img" aria-label="\(title) by \(axis)" \
      data-chart="\(data(shown, frame))">
      <clipPath id="\(clip)"><rect x="\(left)" y="\(top)" width="\(plotWidth)" height="\(plotHeight)"/>\
      </clipPath>
      \(axes(frame))
      <g clip-path="url(#\(clip))">\(shown.map { band($0, frame) })\(shown.map { curve($0, frame) })</g>
      <line class="cursor" x1="0" x2="0" y1="\(top)" y2="\(height - bottom)"/>
      </svg>\(note)</figure>

      """
  }

  static func legend(_ series: [Series]) -> Markup {
    guard series.count > 1 else { return .nothing }
    let keys = series.map { one -> Markup in
      "<span>\(Markup.key(one.colour, isDashed: one.isDashed))\(one.name)</span>"
    }
    return "<div class=\"legend\">\(keys)</div>"
  }

  // MARK: Places

  private var plotWidth: Double { width - left - right }
  private var plotHeight: Double { height - top - bottom }

  private var drawable: [Series] {
    series.compactMap { one in
      var one = one
      one.points.removeAll {
        !$0.y.isFinite || !$0.x.isFinite || (isLogarithmic && $0.y <= 0)
          || (isLogarithmicX && $0.x <= 0)
      }
      return one.points.isEmpty ? nil : one
    }
  }

  private func x(_ value: Double, _ frame: Frame) -> Double {
    let (low, high) = (frame.scaledX(frame.xLow), frame.scaledX(frame.xHigh))
    return left + (high > low ? (frame.scaledX(value) - low) / (high - low) : 0.5) * plotWidth
  }

  private func y(_ value: Double, _ frame: Frame) -> Double {
    top + (1 - (frame.scaled(value) - frame.yLow) / (frame.yHigh - frame.yLow)) * plotHeight
  }

  // MARK: Parts

  private func axes(_ frame: Frame) -> Markup {
    var parts: [Markup] = []
    for (value, label) in frame.yTicks {
      let place = y(value, frame)
      parts.append(
        """
        <line class="gridline" x1="\(left)" x2="\(width - right)" y1="\(place)" y2="\(place)"/>\
        <text x="\(left - 6)" y="\(place + 4)" text-anchor="end">\(label)</text>
        """)
    }
    for (value, label) in frame.xTicks {
      parts.append(
        """
        <text x="\(x(value, frame))" y="\(height - bottom + 15)" text-anchor="middle">\(label)</text>
        """)
    }
    parts.append(
      """
      <path class="frame" d="M\(left) \(top)V\(height - bottom)H\(width - right)"/>\
      <text x="\(left)" y="11" text-anchor="start">\(unit)</text>\
      <text x="\(width - right)" y="\(height - 2)" text-anchor="end">\(axis)</text>
      """)
    return parts.joined()
  }

  private func curve(_ one: Series, _ frame: Frame) -> Markup {
    if one.points.count == 1, let point = one.points.first {
      return """
        <circle cx="\(x(point.x, frame))" cy="\(y(point.y, frame))" r="3" fill="\(one.colour)"/>
        """
    }
    let places = one.points.map { "\(x($0.x, frame)) \(y($0.y, frame))" as Markup }
    let dash: Markup = one.isDashed ? " stroke-dasharray=\"5 4\"" : .nothing
    return """
      <polyline fill="none" stroke="\(one.colour)" stroke-width="1.8" stroke-linejoin="round"\(dash) \
      points="\(places.spaced)"/>
      """
  }

  private func band(_ one: Series, _ frame: Frame) -> Markup {
    let banded = one.points.filter { ($0.low?.isFinite ?? false) && ($0.high?.isFinite ?? false) }
    guard banded.count > 1 else { return .nothing }
    let upper = banded.map { "\(x($0.x, frame)) \(y($0.high ?? $0.y, frame))" as Markup }
    let lower = banded.reversed().map { "\(x($0.x, frame)) \(y($0.low ?? $0.y, frame))" as Markup }
    return """
      <polygon fill="\(one.colour)" fill-opacity="0.16" points="\((upper + lower).spaced)"/>
      """
  }

  /// The numbers for the pointer, as JSON.
  private func data(_ shown: [Series], _ frame: Frame) -> String {
    let all = shown.map { one -> JSONValue in
      [
        "name": .string(one.name),
        "x": .array(one.points.map { JSONValue($0.x) }),
        "y": .array(one.points.map { .string(Words.metric($0.y)) }),
      ]
    }
    let chart: JSONValue = [
      "axis": .string(axis), "logarithmic": .bool(isLogarithmicX), "width": JSONValue(width),
      "left": JSONValue(left),
      "plot": JSONValue(plotWidth), "low": JSONValue(frame.xLow), "high": JSONValue(frame.xHigh),
      "series": .array(all),
    ]
    return chart.compact
  }

  private func stableNumber(_ text: String) -> String {
    String(text.utf8.reduce(UInt32(5381)) { $0 &* 33 &+ UInt32($1) })
  }
}

extension [Markup] {
  fileprivate var spaced: Markup {
    var result = Markup.nothing
    for (index, part) in enumerated() { result += index == 0 ? part : " " + part }
    return result
  }
}
