/// The KL (or variance) of each latent dimension, as bars from the largest down.
struct BarChart: Sendable {
  var title: String
  var unit: String
  /// With their dimension's number, sorted already.
  var bars: [(number: Int, value: Double)]
  /// Below it a dimension tells next to nothing: a line is drawn there where it shows.
  var threshold: Double

  private let height = 200.0
  private let left = 54.0
  private let bottom = 30.0
  private let top = 18.0
  private let limit = 64

  var markup: Markup? {
    let shown = Array(bars.prefix(limit))
    guard let high = shown.map(\.value).max(), high > 0, high.isFinite else { return nil }
    let width = 480.0
    let plot = height - top - bottom
    let step = (width - left - 8) / Double(shown.count)
    let ticks = Ticks.values(from: 0, to: high * 1.05, count: 4)
    let lines = zip(ticks, Ticks.labels(ticks)).map { value, label -> Markup in
      let y = top + plot * (1 - value / (high * 1.05))
      return """
        <line class="gridline" x1="\(left)" x2="\(width - 8)" y1="\(y)" y2="\(y)"/>\
        <text x="\(left - 6)" y="\(y + 4)" text-anchor="end">\(label)</text>
        """
    }
    let every = max(1, shown.count / 20 + (shown.count % 20 > 0 && shown.count > 20 ? 1 : 0))
    let drawn = shown.enumerated().map { index, bar -> Markup in
      let size = plot * max(0, bar.value) / (high * 1.05)
      let x = left + step * (Double(index) + 0.12)
      let colour = bar.value > threshold ? PageStyle.series[0] : PageStyle.series[7]
      let label: Markup =
        index % every == 0
        ? """
        <text x="\(x + step * 0.38)" y="\(height - bottom + 14)" text-anchor="middle">\(bar.number)</text>
        """ : .nothing
      return """
        <rect x="\(x)" y="\(height - bottom - size)" width="\(step * 0.76)" height="\(size)" \
        fill="\(colour)"><title>dimension \(bar.number): \(Words.metric(bar.value)) \(unit)</title></rect>\
        \(label)
        """
    }
    let rest: Markup =
      bars.count > limit
      ? "<figcaption>The first \(limit) of \(bars.count) dimensions.</figcaption>" : .nothing
    return """
      <figure><h3>\(title)</h3>
      <svg viewBox="0 0 \(width) \(height)" role="img" aria-label="\(title)">\(lines)\(drawn)
      <path class="frame" d="M\(left) \(top)V\(height - bottom)H\(width - 8)"/>
      <text x="\(left)" y="11" text-anchor="start">\(unit)</text>
      <text x="\(width - 8)" y="\(height - 2)" text-anchor="end">dimension, from 0</text>
      </svg>\(rest)</figure>

      """
  }
}
