import ExptFiles

/// Curves drawn with braille characters, with axes and a legend, as wide as the window.
public struct CurvePlot: Sendable {
  public struct Curve: Sendable {
    /// One character, drawn at the curve's end.
    public var mark: String
    public var name: String
    /// Epochs and values; those that are not finite are left out.
    public var points: [(x: Double, y: Double)]

    public init(mark: String, name: String, points: [(x: Double, y: Double)]) {
      self.mark = mark
      self.name = name
      self.points = points
    }
  }

  public var title: String
  public var curves: [Curve]
  public var width: Int
  /// Rows of the drawing itself.
  public var height: Int
  /// What lies along the x axis.
  public var axis = Axis.epochs

  /// What lies along the x axis.
  public enum Axis: Sendable {
    /// The start, where losses fall steeply, may leave the drawing.
    case epochs
    /// Logarithms to base 10, of this name; whole powers are written out.
    case logarithms(String)
  }

  /// Wraps the text of a curve in its colour; nothing by default.
  public var colour: @Sendable (String, Int) -> String = { text, _ in text }

  public init(title: String, curves: [Curve], width: Int, height: Int = 14) {
    self.title = title
    self.curves = curves.map { curve in
      var curve = curve
      curve.points.removeAll { !$0.x.isFinite || !$0.y.isFinite }
      return curve
    }
    self.width = max(30, width)
    self.height = max(4, height)
  }

  /// Nothing but the title if there are no points.
  public var text: String {
    guard let (xs, ys, isCut) = ranges else { return "\(title): nothing to draw yet" }
    let ticks = Ticks.values(from: ys.lowerBound, to: ys.upperBound, count: max(2, height / 3))
    let labels = Ticks.labels(ticks)
    let margin = (labels.map(\.count).max() ?? 0) + 2
    var canvas = BrailleCanvas(columns: width - margin - 2, rows: height)
    let scale = Scale(xs: xs, ys: ys, width: canvas.width, height: canvas.height)
    for (index, curve) in curves.enumerated() { draw(curve, index, scale, &canvas) }
    let ends = marks(scale, canvas)

    var lines = ["\(title) over \(axisName)" + (isCut ? " (the start is cut off)" : "")]
    for row in 0..<height {
      let tick = ticks.firstIndex { scale.y($0) / 4 == row }
      let label = tick.map { labels[$0] } ?? ""
      let space = String(repeating: " ", count: margin - 2 - label.count)
      lines.append("\(space)\(label) \(tick == nil ? "│" : "┤")" + body(row, canvas, ends))
    }
    lines += xAxis(xs, scale, margin: margin, columns: canvas.columns)
    return (lines + legend).joined(separator: "\n")
  }

  private var isOverEpochs: Bool {
    if case .epochs = axis { true } else { false }
  }

  private var axisName: String {
    switch axis {
    case .epochs: "epochs"
    case .logarithms(let name): name
    }
  }

  private func axisLabels(_ ticks: [Double]) -> [String] {
    isOverEpochs ? Ticks.labels(ticks) : ticks.map { "1e\(Words.fixed($0, 0))" }
  }

  // MARK: Ranges

  private var ranges: (xs: ClosedRange<Double>, ys: ClosedRange<Double>, isCut: Bool)? {
    let points = curves.flatMap(\.points)
    guard let left = points.map(\.x).min(), let right = points.map(\.x).max() else { return nil }
    guard let low = points.map(\.y).min(), let high = points.map(\.y).max() else { return nil }
    // The first epochs are often far above all that follows: they may leave the drawing.
    let start = left + 0.2 * (right - left)
    let later = points.filter { $0.x >= start }.map(\.y).max() ?? high
    let isCut = isOverEpochs && later > low && high - low > 2 * (later - low)
    let top = isCut ? later : high
    let pad = top > low ? (top - low) * 0.03 : max(abs(low) * 0.01, 1e-6)
    let least = isOverEpochs ? 1 : 1e-3
    return (left...max(right, left + least), low - pad...top + pad, isCut)
  }

  /// From values to dots.
  private struct Scale {
    var xs: ClosedRange<Double>
    var ys: ClosedRange<Double>
    var width: Int
    var height: Int

    func x(_ value: Double) -> Int {
      place((value - xs.lowerBound) / (xs.upperBound - xs.lowerBound), width)
    }
    func y(_ value: Double) -> Int {
      place((ys.upperBound - value) / (ys.upperBound - ys.lowerBound), height)
    }
    private func place(_ share: Double, _ count: Int) -> Int {
      Int(nearest: max(-1, min(2, share)) * Double(count - 1))
    }
  }

  // MARK: Parts

  private func draw(
    _ curve: Curve, _ index: Int, _ scale: Scale, _ canvas: inout BrailleCanvas
  ) {
    let dots = curve.points.map { (x: scale.x($0.x), y: scale.y($0.y)) }
    guard let last = dots.last else { return }
    if dots.count == 1 { canvas.dot(last.x, last.y, owner: index) }
    for (a, b) in zip(dots, dots.dropFirst()) { canvas.line(from: a, to: b, owner: index) }
  }

  /// By row the mark behind each curve's end; those that fall together are moved apart in order.
  private func marks(
    _ scale: Scale, _ canvas: BrailleCanvas
  ) -> [Int: (column: Int, index: Int)] {
    var ends = curves.enumerated().compactMap { index, curve in
      curve.points.last.map { last in
        (y: scale.y(last.y), row: 0, column: min(canvas.columns, scale.x(last.x) / 2 + 1), index)
      }
    }.sorted { ($0.y, $0.3) < ($1.y, $1.3) }
    var next = 0
    for place in ends.indices {
      ends[place].row = max(next, min(height - 1, max(0, ends[place].y / 4)))
      next = ends[place].row + 1
    }
    var room = height - 1
    for place in ends.indices.reversed() {
      ends[place].row = min(ends[place].row, room)
      room = ends[place].row - 1
    }
    return Dictionary(
      ends.map { ($0.row, ($0.column, $0.3)) }, uniquingKeysWith: { first, _ in first })
  }

  private func body(
    _ row: Int, _ canvas: BrailleCanvas, _ ends: [Int: (column: Int, index: Int)]
  ) -> String {
    var line = ""
    for column in 0...canvas.columns {
      if let end = ends[row], end.column == column {
        line += colour(curves[end.index].mark, end.index)
      } else if column < canvas.columns {
        let (character, owner) = canvas.character(column: column, row: row)
        line += owner.map { colour(String(character), $0) } ?? String(character)
      }
    }
    while line.last == " " { line.removeLast() }
    return line
  }

  private func xAxis(
    _ xs: ClosedRange<Double>, _ scale: Scale, margin: Int, columns: Int
  ) -> [String] {
    let space = String(repeating: " ", count: margin - 1)
    var axis = Array(repeating: Character("─"), count: columns)
    var labels = Array(repeating: Character(" "), count: columns + 1)
    var free = 0
    let ticks = Ticks.values(from: xs.lowerBound, to: xs.upperBound, count: max(2, columns / 10))
      .filter { $0 == $0.rounded() }
    for (tick, label) in zip(ticks, axisLabels(ticks)) {
      let column = scale.x(tick) / 2
      guard column < columns else { continue }
      axis[column] = "┬"
      let start = min(max(0, column - label.count / 2), columns + 1 - label.count)
      guard start >= free else { continue }
      labels.replaceSubrange(start..<start + label.count, with: Array(label))
      free = start + label.count + 2
    }
    return ["\(space)└\(String(axis))", "\(space) \(String(labels))".trimmingEnd]
  }

  private var legend: [String] {
    curves.enumerated().map { index, curve in
      let name =
        curve.name.count > width - 4 ? String(curve.name.prefix(width - 5)) + "…" : curve.name
      return "  \(colour(curve.mark, index)) \(name)"
    }
  }
}

extension String {
  fileprivate var trimmingEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
