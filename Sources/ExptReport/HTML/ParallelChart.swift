import ExptRunFolder

/// Runs as lines over parallel axes: the settings in which they differ, and at the right the metric.
///
/// An axis of numbers is logarithmic where they are positive and span a factor of 50. The metric's axis
/// shows the values within three interquartile ranges of the quartiles: what is beyond stands at its end, so
/// that one run that diverged does not flatten the others. A lane below takes what has no number: runs that
/// failed, NaN, and settings that a run does not have.
public struct ParallelChart: Sendable {
  /// Axes beside the metric's.
  public static let mostAxes = 10

  private struct Axis: Sendable {
    var title: String
    /// The setting, or the metric.
    var key = ""
    /// From 0 (low) to 1 (high), one a run; nil: the lane.
    var places: [Double?]
    /// Below the title.
    var ticks: [(place: Double, label: String)]
    var isCategory = false
  }

  private let axes: [Axis]
  private let count: Int
  private let metric: String
  /// What the reader must know about the axes.
  public let notes: [String]

  /// - Parameter metric: The best value of each run, on the scale that epochs are judged by.
  /// - Returns: nil for fewer than two runs, or runs that do not differ.
  public init?(_ runs: [RunRecord], metric: String) {
    let keys = SettingDifferences(runs, ignoring: RunGroup.ignored).tellingKeys
    let shown = keys.prefix(Self.mostAxes)
    guard runs.count > 1, !shown.isEmpty else { return nil }
    let names = Words.shortNames(Array(shown))
    var axes = zip(shown, names).map { key, name in
      var axis = Self.axis(name, runs.map { $0.settings.value(of: key) })
      axis.key = key
      return axis
    }
    let values = Self.values(of: metric, runs)
    var (axis, beyond) = Self.metricAxis(RunSections.words(metric), values)
    axis.key = metric
    axes.append(axis)
    self.axes = axes
    self.metric = metric
    count = runs.count
    var notes: [String] = []
    if beyond > 0 {
      notes.append(
        "\(Words.count(beyond, "run")) beyond the axis of \(RunSections.words(metric)) "
          + (beyond == 1 ? "stands" : "stand") + " at its end")
    }
    let failed = values.count { $0 == nil }
    if failed > 0 {
      notes.append(
        "\(Words.count(failed, "run")) that failed, diverged or have no value yet are in the lane below"
      )
    }
    if keys.count > shown.count {
      notes.append("the first \(shown.count) of \(keys.count) settings that differ are drawn")
    }
    self.notes = notes
  }

  /// The best finite value of each run.
  public static func values(of metric: String, _ runs: [RunRecord]) -> [Double?] {
    runs.map { run in
      guard run.state != .failed else { return nil }
      let value = RunFields.metric("best.\(metric)", in: run) ?? RunFields.metric(metric, in: run)
      return value.flatMap { $0.isFinite ? $0 : nil }
    }
  }

  // MARK: Axes

  private static func axis(_ title: String, _ values: [RunValue?]) -> Axis {
    let numbers = values.map { $0?.double }
    let isNumeric = zip(values, numbers).allSatisfy { value, number in
      value == nil || value == .null || number != nil
    }
    let finite = numbers.compactMap(\.self).filter(\.isFinite)
    guard isNumeric, let low = finite.min(), let high = finite.max(), low < high else {
      return categories(title, values)
    }
    let isLogarithmic = low > 0 && high / low >= 50
    func scaled(_ value: Double) -> Double { isLogarithmic ? Words.logarithm(value) : value }
    let (first, last) = (scaled(low), scaled(high))
    func place(_ value: Double) -> Double { (scaled(value) - first) / (last - first) }
    let distinct = Array(Set(finite)).sorted()
    let ticks = distinct.count <= 6 ? distinct : spread(low, high, isLogarithmic)
    return Axis(
      title: title + (isLogarithmic ? " (log)" : ""),
      places: numbers.map { number in number.flatMap { $0.isFinite ? place($0) : nil } },
      ticks: ticks.map { (place($0), Words.significant($0, 5)) })
  }

  private static func spread(_ low: Double, _ high: Double, _ isLogarithmic: Bool) -> [Double] {
    guard isLogarithmic else { return Ticks.values(from: low, to: high, count: 5) }
    return [low, (low * high).squareRoot(), high]
  }

  private static func categories(_ title: String, _ values: [RunValue?]) -> Axis {
    let texts = values.map { value in value.flatMap { $0 == .null ? nil : "\($0)" } }
    var seen: Set<String> = []
    let all = texts.compactMap(\.self).filter { seen.insert($0).inserted }
    func place(_ text: String) -> Double {
      all.count < 2 ? 0.5 : Double(all.firstIndex(of: text) ?? 0) / Double(all.count - 1)
    }
    return Axis(
      title: title, places: texts.map { $0.map(place) },
      ticks: all.prefix(12).map { (place($0), $0.count > 14 ? $0.prefix(13) + "…" : $0) },
      isCategory: true)
  }

  private static func metricAxis(_ title: String, _ values: [Double?]) -> (Axis, beyond: Int) {
    let sorted = values.compactMap(\.self).sorted()
    guard let least = sorted.first, let most = sorted.last, least < most else {
      return (
        Axis(
          title: title, places: values.map { $0 == nil ? nil : 0.5 },
          ticks: sorted.first.map { [(0.5, Words.metric($0))] } ?? []), 0
      )
    }
    let lower = sorted[sorted.count / 4]
    let upper = sorted[min(sorted.count - 1, 3 * sorted.count / 4)]
    let reach = 3 * (upper - lower)
    let low = reach > 0 ? max(least, lower - reach) : least
    let high = reach > 0 ? min(most, upper + reach) : most
    let ticks = Ticks.values(from: low, to: high, count: 5)
    return (
      Axis(
        title: title,
        places: values.map { $0.map { (min(max($0, low), high) - low) / (high - low) } },
        ticks: zip(ticks, Ticks.labels(ticks)).map { (($0 - low) / (high - low), $1) }),
      sorted.count { $0 < low || $0 > high }
    )
  }

  // MARK: Drawing

  private let height = 300.0
  private let top = 34.0
  private let bottom = 36.0
  private var width: Double { max(480, Double(axes.count) * 110) }

  private func x(_ axis: Int) -> Double {
    60 + Double(axis) * (width - 120) / Double(max(1, axes.count - 1))
  }
  private func y(_ place: Double?) -> Double {
    guard let place else { return height - 12 }
    return height - bottom - place * (height - top - bottom)
  }

  /// Each line has `data-run`, its number among the runs, and each axis `data-axis`, its x, and
  /// `data-key`, its setting or metric.
  public var html: String { figure.html }

  private var figure: Markup {
    let lines = (0..<count).map(line)
    let drawn = axes.indices.map(axis)
    return """
      <svg class="parallel" viewBox="0 0 \(width) \(height)" role="img" \
      aria-label="Settings and \(metric) of \(count) runs, a line each">
      <line class="gridline" x1="20" x2="\(width - 20)" y1="\(height - 12)" y2="\(height - 12)"/>
      <text x="20" y="\(height - 16)">none</text>
      <g fill="none" stroke-width="1.2">\(lines)</g>\(drawn)</svg>
      """
  }

  /// A page with that figure, what to know about its axes and what speaks against comparing the runs.
  public func page(_ runs: [RunRecord]) -> String {
    let title = "\(RunSections.words(metric)) of \(Words.count(count, "run"))"
    let notes = self.notes.map { note -> Markup in
      """
      <p class="soft">\(note).</p>
      """
    }
    let said = Page.warnings(Comparability.warnings(runs, metric: metric))
    return Page.html(
      title: "\(title) · expt", body: "<h1>\(title)</h1>\n\(said)\n\(figure)\n\(notes)")
  }

  private func line(_ run: Int) -> Markup {
    var path = Markup.nothing
    for (index, axis) in axes.enumerated() { path += "\(x(index)),\(y(axis.places[run])) " }
    let share = axes.last?.places[run]
    let colour = share.map { PageStyle.ramp($0) } ?? "#7f7f7f"
    let dash: Markup = share == nil ? " stroke-dasharray=\"4 3\"" : .nothing
    return """
      <polyline data-run="\(run)" stroke="\(colour)" stroke-opacity="0.75"\(dash) points="\(path)"/>
      """
  }

  private func axis(_ index: Int) -> Markup {
    let place = x(index)
    let ticks = axes[index].ticks.map { tick -> Markup in
      """
      <text x="\(place + 4)" y="\(y(tick.place) + 4)">\(tick.label)</text>
      """
    }
    return """
      <g data-axis="\(place)" data-key="\(axes[index].key)"><line class="axis" x1="\(place)" x2="\(place)" y1="\(top)" \
      y2="\(height - bottom)"/>\(ticks)\
      <text class="name" x="\(place)" y="\(index % 2 == 0 ? 12 : 25)" text-anchor="middle">\
      \(axes[index].title)</text></g>
      """
  }
}

/// How a search went on: the best value so far, run by run in the order they were made.
public struct SearchProgress: Sendable {
  private let chart: LineChart

  /// - Returns: nil for fewer than two runs with a value.
  public init?(_ runs: [RunRecord], metric: String) {
    let ordered = runs.sorted { a, b in
      (a.manifest?.created.seconds ?? 0, a.path) < (b.manifest?.created.seconds ?? 0, b.path)
    }
    let isHigher = Metric.direction(of: metric, in: runs) == .higher
    var best: Double?
    let points = zip(ordered, ParallelChart.values(of: metric, ordered)).enumerated().compactMap {
      index, entry -> LineChart.Point? in
      guard let value = entry.1 else { return nil }
      best = best.map { isHigher ? max($0, value) : min($0, value) } ?? value
      return best.map { LineChart.Point(x: Double(index + 1), y: $0) }
    }
    guard points.count > 1 else { return nil }
    chart = LineChart(
      title: "Best \(RunSections.words(metric)) so far", unit: Metric.unit(of: metric),
      series: [LineChart.Series(name: "best", colour: PageStyle.series[0], points: points)],
      axis: "run")
  }

  public var html: String { chart.markup?.html ?? "" }
}
