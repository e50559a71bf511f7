import Foundation

/// Curves over logarithmic numbers, such as learning rates, as an SVG file of its own.
public struct RateChart: Sendable {
  public struct Curve: Sendable {
    public var name: String
    public var colour: String
    public var points: [(x: Double, y: Double)]

    public init(_ name: String, colour: String, _ points: [(x: Double, y: Double)]) {
      self.name = name
      self.colour = colour
      self.points = points.filter { $0.x > 0 && $0.x.isFinite && $0.y.isFinite }
    }
  }

  public var title: String
  public var axis: String
  public var curves: [Curve]
  /// Numbers on the x axis that are marked by a line, and what they are.
  public var marks: [(x: Double, name: String)]

  private let width = 640.0
  private let height = 360.0
  private let left = 64.0
  private let right = 16.0
  private let top = 34.0
  private let bottom = 44.0

  public init(
    title: String, axis: String, curves: [Curve], marks: [(x: Double, name: String)] = []
  ) {
    self.title = title
    self.axis = axis
    self.curves = curves
    self.marks = marks
  }

  /// The content of an `.svg` file; without points nothing but the title.
  public var text: String {
    let drawing: Markup = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" \
      font-family="sans-serif" font-size="12">
      <rect width="\(width)" height="\(height)" fill="white"/>
      <text x="\(left)" y="20" font-size="14">\(title)</text>
      \(frame.map(body) ?? .nothing)</svg>

      """
    return drawing.html
  }

  private struct Ranges {
    var x: ClosedRange<Double>
    var y: ClosedRange<Double>
  }

  /// The range of the logarithms, and of the values.
  private var frame: Ranges? {
    let points = curves.flatMap(\.points)
    guard let low = points.map(\.y).min(), let high = points.map(\.y).max(),
      let first = points.map(\.x).min(), let last = points.map(\.x).max()
    else { return nil }
    let (start, end) = (log10(first), log10(last))
    let pad = high > low ? 0.05 * (high - low) : max(1e-6, 0.05 * abs(low))
    return Ranges(x: start...max(end, start + 0.1), y: low - pad...high + pad)
  }

  private func x(_ value: Double, _ ranges: Ranges) -> Double {
    let share =
      (log10(value) - ranges.x.lowerBound) / (ranges.x.upperBound - ranges.x.lowerBound)
    return left + share * (width - left - right)
  }

  private func y(_ value: Double, _ ranges: Ranges) -> Double {
    let share = (value - ranges.y.lowerBound) / (ranges.y.upperBound - ranges.y.lowerBound)
    return top + (1 - share) * (height - top - bottom)
  }

  private func body(_ ranges: Ranges) -> Markup {
    [axes(ranges)].joined() + curves.map { curve($0, ranges) }.joined()
      + marks.map { mark($0.x, $0.name, ranges) }.joined() + legend
  }

  private func axes(_ ranges: Ranges) -> Markup {
    var parts: [Markup] = []
    let values = Ticks.values(
      from: ranges.y.lowerBound, to: ranges.y.upperBound, count: 6)
    for (value, label) in zip(values, Ticks.labels(values)) {
      let place = y(value, ranges)
      parts.append(
        """
        <line x1="\(left)" x2="\(width - right)" y1="\(place)" y2="\(place)" stroke="#ddd"/>\
        <text x="\(left - 6)" y="\(place + 4)" text-anchor="end">\(label)</text>

        """)
    }
    let powers = stride(
      from: ranges.x.lowerBound.rounded(.up), through: ranges.x.upperBound.rounded(.down), by: 1)
    for power in powers {
      let place = x(pow(10, power), ranges)
      parts.append(
        """
        <line x1="\(place)" x2="\(place)" y1="\(top)" y2="\(height - bottom)" stroke="#eee"/>\
        <text x="\(place)" y="\(height - bottom + 16)" text-anchor="middle">1e\(Int(power))</text>

        """)
    }
    parts.append(
      """
      <path d="M\(left) \(top)V\(height - bottom)H\(width - right)" fill="none" stroke="#444"/>\
      <text x="\(width - right)" y="\(height - 8)" text-anchor="end">\(axis)</text>

      """)
    return parts.joined()
  }

  private func curve(_ one: Curve, _ ranges: Ranges) -> Markup {
    var places = Markup.nothing
    for point in one.points { places += "\(x(point.x, ranges)),\(y(point.y, ranges)) " }
    return """
      <polyline fill="none" stroke="\(one.colour)" stroke-width="1.6" points="\(places)"/>

      """
  }

  private func mark(_ value: Double, _ name: String, _ ranges: Ranges) -> Markup {
    let logarithm = value > 0 ? log10(value) : -.infinity
    guard ranges.x.contains(logarithm) else { return .nothing }
    let place = x(value, ranges)
    return """
      <line x1="\(place)" x2="\(place)" y1="\(top)" y2="\(height - bottom)" stroke="#b33" \
      stroke-dasharray="4 3"/><text x="\(place + 4)" y="\(top + 12)" fill="#b33">\(name)</text>

      """
  }

  private var legend: Markup {
    curves.enumerated().map { index, curve -> Markup in
      """
      <text x="\(width - right)" y="\(16 + 14 * Double(index))" text-anchor="end" \
      fill="\(curve.colour)">\(curve.name)</text>

      """
    }.joined()
  }
}
