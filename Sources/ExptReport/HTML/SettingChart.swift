import Foundation

/// A metric over a setting that differs between groups of runs: a point for each run, the mean of each group,
/// and its 95 % confidence interval over seeds.
struct SettingChart: Sendable {
  struct Point: Sendable {
    /// The setting's value.
    var x: Double
    /// The metric of each seed.
    var sample: Sample
    var label: String
    var colour: String
  }

  /// `MIG over β`.
  var title: String
  /// What is below the horizontal axis.
  var axis: String
  var points: [Point]

  private let width = 480.0
  private let height = 240.0
  private let left = 54.0
  private let right = 14.0
  private let top = 18.0
  private let bottom = 30.0

  /// A chart of a metric over a setting; nil where fewer than two groups have a number of both.
  init?(_ comparison: Comparison, metric: String, over key: String) {
    points = comparison.groups.enumerated().compactMap { index, group in
      guard case .number(let x, _)? = group.first.settings[key]?.value, x.isFinite else {
        return nil
      }
      let values = group.deciding(metric).values.filter(\.isFinite)
      return values.isEmpty
        ? nil
        : Point(
          x: x, sample: Sample(values), label: group.label,
          colour: PageStyle.series[index % PageStyle.series.count])
    }.sorted { $0.x < $1.x }
    guard Set(points.map(\.x)).count > 1 else { return nil }
    axis = key
    title = "\(RunSections.words(metric)) over \(Words.shortNames([key]).first ?? key)"
  }

  /// Whether the setting spans more than a factor of ten: its axis is then logarithmic.
  private var isLogarithmic: Bool {
    guard let first = points.first?.x, let last = points.last?.x, first > 0 else { return false }
    return last / first > 10
  }

  private func scaled(_ x: Double) -> Double { isLogarithmic ? log10(x) : x }

  private var range: (low: Double, high: Double) {
    let all = points.flatMap { point in
      point.sample.values
        + (point.sample.interval.map { [$0.lowerBound, $0.upperBound] } ?? [])
    }
    let (low, high) = (all.min() ?? 0, all.max() ?? 1)
    let margin = high > low ? 0.06 * (high - low) : max(abs(low) * 0.1, 1e-9)
    return (low - margin, high + margin)
  }

  private func x(_ value: Double) -> Double {
    let (first, last) = (scaled(points[0].x), scaled(points[points.count - 1].x))
    // A little room on both sides, so that intervals do not lie on the axis.
    let share = (scaled(value) - first) / (last - first)
    return left + (0.04 + 0.92 * share) * (width - left - right)
  }

  private func y(_ value: Double) -> Double {
    let (low, high) = range
    return top + (1 - (value - low) / (high - low)) * (height - top - bottom)
  }

  var markup: Markup {
    let ticks = Ticks.values(from: range.low, to: range.high, count: 5)
    let lines = zip(ticks, Ticks.labels(ticks)).map { value, label -> Markup in
      """
      <line class="gridline" x1="\(left)" x2="\(width - right)" y1="\(y(value))" y2="\(y(value))"/>\
      <text x="\(left - 6)" y="\(y(value) + 4)" text-anchor="end">\(label)</text>
      """
    }
    var labels = Markup.nothing
    var lastPlace = -Double.infinity
    for value in Set(points.map(\.x)).sorted() where x(value) - lastPlace > 36 {
      lastPlace = x(value)
      labels += """
        <text x="\(x(value))" y="\(height - bottom + 15)" text-anchor="middle">\
        \(Words.significant(value, 4))</text>
        """
    }
    var path = Markup.nothing
    for point in points { path += "\(x(point.x)),\(y(point.sample.mean)) " }
    return """
      <figure><h3>\(title)</h3>
      <svg viewBox="0 0 \(width) \(height)" role="img" aria-label="\(title)">
      \(lines)\(labels)
      <path class="frame" d="M\(left) \(top)V\(height - bottom)H\(width - right)"/>\
      <text x="\(width - right)" y="\(height - 2)" text-anchor="end">\(axis)</text>
      <polyline class="frame" points="\(path)"/>
      \(points.map(drawn))
      </svg></figure>

      """
  }

  private func drawn(_ point: Point) -> Markup {
    let place = x(point.x)
    let interval: Markup =
      point.sample.interval.map {
        """
        <line x1="\(place)" x2="\(place)" y1="\(y($0.lowerBound))" y2="\(y($0.upperBound))" \
        stroke="\(point.colour)" stroke-width="1.8"/>
        """
      } ?? .nothing
    let each = point.sample.values.map {
      "<circle cx=\"\(place)\" cy=\"\(y($0))\" r=\"2\" fill=\"\(point.colour)\" fill-opacity=\"0.5\"/>"
        as Markup
    }
    return """
      \(interval)\(each)<circle cx="\(place)" cy="\(y(point.sample.mean))" r="4.5" \
      fill="\(point.colour)"><title>\(point.label): \(Words.metric(point.sample.mean))</title></circle>
      """
  }
}
