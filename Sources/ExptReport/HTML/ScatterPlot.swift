import ExptFiles

/// Points in the plane, coloured by label or by a number.
struct ScatterPlot: Sendable {
  var title: String
  var axes: (x: String, y: String)
  var points: [(x: Double, y: Double)]
  /// One a point, or nil.
  var labels: [Int]?
  /// One a point, or nil: points are coloured by these where they have no labels.
  var values: [Double]?
  var caption: String

  private let side = 420.0
  private let margin = 22.0

  var markup: Markup? {
    guard let frame else { return nil }
    return """
      <figure><h3>\(title)</h3>\(legend)\(drawing(frame))<figcaption>\(caption)</figcaption></figure>

      """
  }

  /// The drawing alone. Its `data-plane` says where a point (x, y) stands, in the drawing's units:
  /// (side/2 + (x − middle) · scale, side/2 − (y − middle) · scale).
  func drawing(_ frame: Frame) -> Markup {
    let plane: JSONValue = [
      "side": JSONValue(side), "scale": JSONValue(frame.scale), "x": JSONValue(frame.x),
      "y": JSONValue(frame.y),
    ]
    let dots = zip(points, colours).map { point, colour -> Markup in
      let cx = side / 2 + (point.x - frame.x) * frame.scale
      let cy = side / 2 - (point.y - frame.y) * frame.scale
      return "<circle cx=\"\(cx)\" cy=\"\(cy)\" r=\"2.2\" fill=\"\(colour)\"/>"
    }
    return """
      <svg class="plane" viewBox="0 0 \(side) \(side)" role="img" aria-label="\(title)" \
      data-plane="\(plane.compact)">
      <rect class="frame" x="1" y="1" width="\(side - 2)" height="\(side - 2)"/>
      <g fill-opacity="0.7">\(dots)</g>
      <text x="\(side / 2)" y="\(side - 6)" text-anchor="middle">\(axes.x)</text>
      <text x="12" y="\(side / 2)" text-anchor="middle" transform="rotate(-90 12 \(side / 2))">\(axes.y)</text>
      </svg>
      """
  }

  // MARK: Places

  struct Frame {
    /// The drawing's units in one of the points'. One scale for both axes: distances mean the same in
    /// every direction.
    var scale: Double
    /// The middle.
    var x: Double
    var y: Double
  }

  /// Nil where there are no points to draw.
  var frame: Frame? {
    let finite = points.allSatisfy { $0.x.isFinite && $0.y.isFinite }
    guard points.count > 1, finite, let x = range(points.map(\.x)), let y = range(points.map(\.y))
    else { return nil }
    return Frame(
      scale: (side - 2 * margin) / max(x.span, y.span), x: x.middle, y: y.middle)
  }

  private func range(_ values: [Double]) -> (span: Double, middle: Double)? {
    guard let low = values.min(), let high = values.max() else { return nil }
    return (max(high - low, 1e-9), (low + high) / 2)
  }

  // MARK: Colours

  private var classes: [Int] { labels.map { Array(Set($0)).sorted() } ?? [] }

  private var isColoured: Bool { (2...PageStyle.labels.count).contains(classes.count) }

  /// One a point.
  private var colours: [String] {
    let classes = classes
    if let labels, isColoured {
      return labels.map { label in
        classes.firstIndex(of: label).map { PageStyle.labels[$0] } ?? PageStyle.series[7]
      }
    }
    guard let values, let low = finite.min(), let high = finite.max() else {
      return points.map { _ in PageStyle.series[0] }
    }
    return values.map { value in
      guard value.isFinite else { return PageStyle.series[7] }
      return PageStyle.ramp(high > low ? (value - low) / (high - low) : 0.5)
    }
  }

  private var finite: [Double] { values?.filter(\.isFinite) ?? [] }

  var legend: Markup {
    if isColoured {
      let keys = classes.enumerated().map { place, label -> Markup in
        "<span>\(Markup.key(PageStyle.labels[place]))\(label)</span>"
      }
      return "<div class=\"legend\">\(keys)</div>"
    }
    guard let low = finite.min(), let high = finite.max() else { return .nothing }
    let keys = (0...4).map { step -> Markup in
      let share = Double(step) / 4
      let value = Words.significant(low + share * (high - low), 3)
      return "<span>\(Markup.key(PageStyle.ramp(share)))\(value)</span>"
    }
    return "<div class=\"legend\">\(keys)</div>"
  }
}

/// A scatter plot for the live page.
public struct LatentPlane: Sendable {
  private let plot: ScatterPlot

  /// - Parameters:
  ///   - title: For those who cannot see it.
  ///   - labels: One a point; nil: points are coloured by `values`, or not at all.
  public init(
    title: String, axes: (x: String, y: String), points: [(x: Double, y: Double)],
    labels: [Int]?, values: [Double]?
  ) {
    plot = ScatterPlot(
      title: title, axes: axes, points: points, labels: labels, values: values, caption: "")
  }

  /// The legend and the drawing; nil where there are no points to draw.
  public var html: String? {
    plot.frame.map { (plot.legend + plot.drawing($0)).html }
  }
}
