import ExptRunFolder
import ExptFiles

/// One column of `metrics.csv` of several runs, drawn over each other: what the live page shows and
/// `expt curves` writes, byte for byte the same.
public struct CurveSheet: Sendable {
  /// What x is.
  public enum Axis: String, Sendable, CaseIterable {
    case epoch, step
    /// Seconds of training, from `timing.csv`.
    case time
  }

  /// The column, such as `validation_loss`.
  public var metric: String
  public var axis: Axis
  /// How much of each point is that of the point before, 0 ..< 1: an exponential moving average that starts
  /// at the first point (the weights are divided by their sum).
  public var smoothing: Double
  public var isLogarithmicX: Bool
  public var isLogarithmicY: Bool
  /// The part of x that is shown; nil: all.
  public var shown: ClosedRange<Double>?
  /// Whether runs that differ only in their seed become one curve, with a band of one standard deviation
  /// either way.
  public var groupsSeeds: Bool

  public init(
    metric: String, axis: Axis = .epoch, smoothing: Double = 0, isLogarithmicX: Bool = false,
    isLogarithmicY: Bool = false, shown: ClosedRange<Double>? = nil, groupsSeeds: Bool = false
  ) {
    self.metric = metric
    self.axis = axis
    self.smoothing = min(max(0, smoothing), 0.999)
    self.isLogarithmicX = isLogarithmicX
    self.isLogarithmicY = isLogarithmicY
    self.shown = shown
    self.groupsSeeds = groupsSeeds
  }

  /// The columns that any of these runs has and that are more than a position.
  public static func metrics(_ runs: [RunMetrics]) -> [String] {
    var order = KeyOrder()
    for run in runs { order.add(run.table.columns.filter { !Metric.isPosition($0) }) }
    return order.keys
  }

  /// A figure with a legend; nil if there is nothing to draw.
  public func figure(_ runs: [RunMetrics]) -> String? { chart(runs).markup?.html }

  /// A page with that figure and what speaks against comparing the runs; nil if there is nothing to draw.
  public func page(_ runs: [RunMetrics]) -> String? {
    guard let figure = chart(runs).markup else { return nil }
    let title = RunSections.words(metric)
    return Page.html(
      title: "\(title) · expt",
      body: "<h1>\(title)</h1>\n\(Page.warnings(warnings(runs)))\n\(figure)")
  }

  /// What speaks against comparing the runs by this column, a sentence each.
  public func warnings(_ runs: [RunMetrics]) -> [String] {
    Comparability.warnings(runs.map(\.run), metric: metric)
  }

  private func chart(_ runs: [RunMetrics]) -> LineChart {
    LineChart(
      title: RunSections.words(metric), unit: Metric.unit(of: metric),
      series: groupsSeeds ? grouped(runs) : single(runs), axis: axis.rawValue,
      isLogarithmic: isLogarithmicY, isLogarithmicX: isLogarithmicX, shown: shown)
  }

  // MARK: Series

  private func single(_ runs: [RunMetrics]) -> [LineChart.Series] {
    let labels = RunLabels(runs.map(\.run)).labels
    return zip(runs, labels).enumerated().compactMap { index, entry in
      series(entry.1, index, smoothed(points(entry.0)))
    }
  }

  /// Bands are over what stands at the same place: of a time axis the epochs, at their mean times.
  private func grouped(_ runs: [RunMetrics]) -> [LineChart.Series] {
    let groups = RunGroup.bySettings(runs.map(\.run))
    let byPath = Dictionary(
      runs.map { ($0.run.path, $0) }, uniquingKeysWith: { first, _ in first })
    let labels = RunLabels(groups.compactMap(\.runs.first)).labels
    return zip(groups, labels).enumerated().compactMap { index, entry in
      let members = entry.0.runs.compactMap { run in
        byPath[run.path].map { smoothed(points($0)) }
      }
      let count = members.count > 1 ? " (\(members.count) seeds)" : ""
      return series(entry.1 + count, index, Self.banded(members))
    }
  }

  /// Means of the points with one number, with a standard deviation either way.
  private static func banded(_ members: [[LineChart.Point]]) -> [LineChart.Point] {
    (0..<(members.map { $0.count }.max() ?? 0)).map { row in
      let here = members.compactMap { row < $0.count ? $0[row] : nil }
      let (x, y) = (Sample(here.map(\.x)), Sample(here.map(\.y).filter(\.isFinite)))
      guard y.count > 1 else { return LineChart.Point(x: x.mean, y: y.mean) }
      let spread = y.standardDeviation
      return LineChart.Point(x: x.mean, y: y.mean, low: y.mean - spread, high: y.mean + spread)
    }
  }

  private func series(
    _ name: String, _ index: Int, _ points: [LineChart.Point]
  ) -> LineChart.Series? {
    guard !points.isEmpty else { return nil }
    return LineChart.Series(
      name: name, colour: PageStyle.series[index % PageStyle.series.count],
      isDashed: index >= PageStyle.series.count, points: points)
  }

  private func points(_ run: RunMetrics) -> [LineChart.Point] {
    guard let values = run.table[metric] else { return [] }
    return zip(places(run, count: values.count), values).map { LineChart.Point(x: $0, y: $1) }
  }

  private func places(_ run: RunMetrics, count: Int) -> [Double] {
    switch axis {
    case .epoch: return run.table["epoch"] ?? (0..<count).map { Double($0 + 1) }
    case .step: return run.table["step"] ?? (0..<count).map { Double($0 + 1) }
    case .time:
      guard let created = run.run.manifest?.created else { return [] }
      let times = EpochTimes(run.run.folder, created: created)
      return (0..<count).map { times[$0] - Double(created.seconds) }
    }
  }

  private func smoothed(_ points: [LineChart.Point]) -> [LineChart.Point] {
    guard smoothing > 0 else { return points }
    var (sum, weight) = (0.0, 0.0)
    return points.map { point in
      guard point.y.isFinite else { return point }
      sum = smoothing * sum + (1 - smoothing) * point.y
      weight = smoothing * weight + (1 - smoothing)
      return LineChart.Point(x: point.x, y: sum / weight)
    }
  }
}

extension Metric {
  /// `nats` for losses and what they are made of; nothing for other numbers.
  static func unit(of name: String) -> String {
    let words = name.split(separator: "_")
    let inNats = ["loss", "reconstruction", "kl", "elbo"].contains { word in
      words.contains { $0 == word }
    }
    return inNats ? "nats" : ""
  }
}
