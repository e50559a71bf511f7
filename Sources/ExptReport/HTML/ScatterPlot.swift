/// Points in the plane, coloured by label.
struct ScatterPlot: Sendable {
  var title: String
  var axes: (x: String, y: String)
  var points: [(x: Double, y: Double)]
  /// One a point, or nil.
  var labels: [Int]?
  var caption: String

  private let side = 420.0
  private let margin = 22.0

  var markup: Markup? {
    let finite = points.allSatisfy { $0.x.isFinite && $0.y.isFinite }
    guard points.count > 1, finite, let x = range(points.map(\.x)), let y = range(points.map(\.y))
    else { return nil }
    // One scale for both axes: distances mean the same in every direction.
    let scale = (side - 2 * margin) / max(x.span, y.span)
    let classes = labels.map { Array(Set($0)).sorted() } ?? []
    let isColoured = (2...PageStyle.labels.count).contains(classes.count)
    func colour(_ index: Int) -> String {
      guard isColoured, let label = labels?[index], let place = classes.firstIndex(of: label) else {
        return PageStyle.series[0]
      }
      return PageStyle.labels[place]
    }
    let dots = points.enumerated().map { index, point -> Markup in
      let (cx, cy) = (
        side / 2 + (point.x - x.middle) * scale, side / 2 - (point.y - y.middle) * scale
      )
      return "<circle cx=\"\(cx)\" cy=\"\(cy)\" r=\"2.2\" fill=\"\(colour(index))\"/>"
    }
    let keys = classes.enumerated().map { place, label -> Markup in
      """
      <span><span class="key" style="background:\(PageStyle.labels[place % 10])"></span>\(label)</span>
      """
    }
    let legend: Markup = isColoured ? "<div class=\"legend\">\(keys)</div>" : .nothing
    return """
      <figure><h3>\(title)</h3>\(legend)
      <svg viewBox="0 0 \(side) \(side)" role="img" aria-label="\(title)" style="max-width:34rem">
      <rect class="frame" x="1" y="1" width="\(side - 2)" height="\(side - 2)"/>
      <g fill-opacity="0.7">\(dots)</g>
      <text x="\(side / 2)" y="\(side - 6)" text-anchor="middle">\(axes.x)</text>
      <text x="12" y="\(side / 2)" text-anchor="middle" transform="rotate(-90 12 \(side / 2))">\(axes.y)</text>
      </svg><figcaption>\(caption)</figcaption></figure>

      """
  }

  private func range(_ values: [Double]) -> (span: Double, middle: Double)? {
    guard let low = values.min(), let high = values.max() else { return nil }
    return (max(high - low, 1e-9), (low + high) / 2)
  }
}
