import ExptFiles

/// The parts of a page about several runs side by side.
struct ComparisonSections: Sendable {
  let comparison: Comparison
  /// Curves of more groups than this are a tangle.
  private static let curveLimit = 12
  private static let stripLimit = 16

  var body: Markup {
    let runs = comparison.runs
    let groups = comparison.groups
    let count = Words.count(runs.count, "run")
    let shape =
      groups.count < runs.count ? "\(count) in \(Words.count(groups.count, "group"))" : count
    return """
      <h1>\(title)</h1>
      <p class="soft">\(shape). Runs that differ only in their seed are one group: mean ± standard \
      deviation, with the number of seeds.</p>
      \(Page.warnings(reasons + comparison.notes.map(Self.sentence)))
      \(Page.section("Comparison", table))
      \(Page.section("By setting", bySetting))
      \(Page.section("Curves", curves))
      \(Page.section("The same images, reconstructed", strips))
      \(Page.section("Diagnosis", diagnoses))
      \(Page.section("Common settings", common))
      \(Page.section("Runs", list))
      """
  }

  var title: String {
    let names = Set(comparison.runs.map(\.name))
    return names.count == 1
      ? "Comparison: \(names.first ?? "")" : "Comparison of \(names.count) experiments"
  }

  private var reasons: [String] {
    comparison.reasons.enumerated().map { index, reason in
      index == 0 ? "Not ranked: \(reason)." : Self.sentence(reason)
    }
  }

  private static func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst() + (text.hasSuffix(".") ? "" : ".")
  }

  private func colour(_ index: Int) -> String {
    PageStyle.series[index % PageStyle.series.count]
  }

  private func key(_ index: Int) -> Markup { Markup.key(colour(index)) }

  // MARK: The table

  private var table: Markup? {
    let metrics = comparison.metrics.filter { $0 == comparison.metric || isTold($0) }.prefix(6)
    let names = Words.shortNames(comparison.keys)
    var titles: [Markup] = [""]
    titles += names.map { "\($0)" }
    titles += metrics.map { metric in
      let which = comparison.direction(of: metric) == .none ? "last" : "best"
      return "\(which) \(RunSections.words(metric))"
    }
    titles += ["seeds", "time"]
    let first = comparison.keys.count + 1
    let rows = comparison.groups.enumerated().map { index, group -> [Markup] in
      var row: [Markup] = [key(index) + "\(group.label)"]
      row += comparison.keys.map { "\(group.first.settings[$0]?.value.description ?? "–")" }
      row += metrics.map { "\(Self.text(group.deciding($0)))" }
      let time = group.distinct.compactMap { $0.run.manifest?.secondsTrained }
      let mean = time.reduce(0, +) / Double(max(1, time.count))
      return row + ["\(group.distinct.count)", "\(Words.duration(mean))"]
    }
    let verdict: Markup = comparison.verdict.map { "<p>\($0)</p>" } ?? .nothing
    let metric = RunSections.words(comparison.metric ?? "")
    let order: Markup =
      comparison.isRanked ? "<p class=\"soft\">Best first, by \(metric).</p>" : .nothing
    let numeric = Set(first..<first + metrics.count + 2)
    return order + Page.table(titles, rows, numeric: numeric) + verdict
  }

  /// The columns worth a place beside the main one.
  private func isTold(_ metric: String) -> Bool {
    metric.hasPrefix("validation_") || (metric == "train_loss")
  }

  /// `98.42 ± 0.12`.
  private static func text(_ sample: Sample) -> String {
    guard sample.count > 0 else { return "–" }
    guard sample.count > 1 else { return Words.metric(sample.mean) }
    let decimals = Words.decimals(for: [sample.mean])
    let spread = Words.fixed(sample.standardDeviation, decimals)
    return "\(Words.fixed(sample.mean, decimals)) ± \(spread)"
  }

  // MARK: The metric over settings

  /// The metric that ranks, over each number that differs.
  private var bySetting: Markup? {
    guard let metric = comparison.metric else { return nil }
    let charts = comparison.keys.compactMap { SettingChart(comparison, metric: metric, over: $0) }
    guard !charts.isEmpty else { return nil }
    return """
      <p class="soft">Means over seeds; lines are 95 % confidence intervals, small dots single runs.</p>\
      <div class="grid">\(charts.prefix(6).map(\.markup))</div>
      """
  }

  // MARK: Curves

  private var curves: Markup? {
    let shown = comparison.groups.prefix(Self.curveLimit)
    var charts: [LineChart] = []
    for (part, title) in [("loss", "loss"), ("reconstruction", "reconstruction"), ("kl", "KL")] {
      for split in ["validation", "train"] {
        let series = shown.enumerated().compactMap { curve("\(split)_\(part)", $1, $0) }
        guard !series.isEmpty else { continue }
        let what = split == "train" ? "Training \(title)" : "Validation \(title)"
        charts.append(LineChart(title: what, unit: "nats", series: series, showsLegend: false))
      }
    }
    for (column, title) in [("beta", "β"), ("learning_rate", "Learning rate")] {
      let series = shown.enumerated().compactMap { curve(column, $1, $0) }
      guard series.contains(where: { Set($0.points.map(\.y)).count > 1 }) else { continue }
      charts.append(LineChart(title: title, unit: "", series: series, showsLegend: false))
    }
    let drawn = charts.compactMap(\.markup)
    guard !drawn.isEmpty else { return nil }
    let keys = shown.enumerated().map { index, group -> Markup in
      "<span>\(key(index))\(describe(group))</span>"
    }
    let rest: Markup =
      comparison.groups.count > shown.count
      ? "<p class=\"soft\">The first \(shown.count) of \(comparison.groups.count) groups.</p>"
      : .nothing
    let bands: Markup =
      comparison.groups.contains { $0.distinct.count > 1 }
      ? "<p class=\"soft\">Means over seeds; bands are one standard deviation either way.</p>"
      : .nothing
    return "<div class=\"legend\">\(keys)</div>\(bands)\(rest)<div class=\"grid\">\(drawn)</div>"
  }

  /// The mean of a column over a group's seeds, epoch by epoch.
  private func curve(
    _ column: String, _ group: Comparison.Group, _ index: Int
  ) -> LineChart.Series? {
    var values: [Double: [Double]] = [:]
    for run in group.distinct {
      for point in run.points(column) where point.y.isFinite {
        values[point.x, default: []].append(point.y)
      }
    }
    let points = values.sorted { $0.key < $1.key }.map { epoch, values -> LineChart.Point in
      let sample = Sample(values)
      guard values.count > 1 else { return LineChart.Point(x: epoch, y: sample.mean) }
      let spread = sample.standardDeviation
      return LineChart.Point(
        x: epoch, y: sample.mean, low: sample.mean - spread, high: sample.mean + spread)
    }
    guard !points.isEmpty else { return nil }
    return LineChart.Series(
      name: group.label, colour: colour(index), isDashed: index >= PageStyle.series.count,
      points: points)
  }

  /// `A  beta 4, latent 10`.
  private func describe(_ group: Comparison.Group) -> String {
    let names = Words.shortNames(comparison.keys)
    let settings = zip(names, comparison.keys).prefix(4).map { name, key in
      "\(name) \(group.first.settings[key]?.value.description ?? "–")"
    }
    return settings.isEmpty
      ? group.label : "\(group.label)  \(settings.joined(separator: ", "))"
  }

  // MARK: Pictures

  /// Rows of reconstructions of the same images, below the originals.
  private var strips: Markup? {
    let runs = comparison.groups.prefix(Self.stripLimit).map { (group: $0, run: $0.first) }
    guard let first = runs.first, let data = first.run.manifest?.dataset else { return nil }
    let same = runs.filter {
      $0.run.manifest?.dataset.fingerprint == data.fingerprint
        && $0.run.manifest?.dataset.validation == data.validation
        && $0.run.settings["dataset.binarization"]?.value
          == first.run.settings["dataset.binarization"]?.value
    }
    var rows: [Markup] = []
    for (index, entry) in same.enumerated() {
      let pictures = RunPictures(run: entry.run)
      guard let found = pictures.newest("reconstructions") else { continue }
      if rows.isEmpty, let original = pictures.strip(found.picture, row: 0, count: 12) {
        let image = Picture.img(original, alt: "originals", widest: 720)
        rows.append("<span>held-out images</span>\(image)")
      }
      guard let strip = pictures.strip(found.picture, row: 1, count: 12) else { continue }
      let place = comparison.groups.firstIndex { $0.label == entry.group.label } ?? index
      rows.append(
        """
        <span>\(key(place))\(describe(entry.group))</span>\
        \(Picture.img(strip, alt: "reconstructions of \(entry.group.label)", widest: 720))
        """)
    }
    guard rows.count > 1 else { return nil }
    let rest: Markup =
      same.count < comparison.groups.count
      ? """
      <p class="soft">Shown: \(same.count) of \(comparison.groups.count) groups: those with the same \
      held-out images, at most \(Self.stripLimit).</p>
      """ : .nothing
    return "\(rest)<div class=\"strip\">\(rows)</div>"
  }

  // MARK: The rest

  private var diagnoses: Markup? {
    let told = comparison.groups.enumerated().compactMap { index, group -> Markup? in
      let sentences = group.first.manifest?.diagnosis ?? []
      guard !sentences.isEmpty else { return nil }
      return """
        <h3>\(key(index))\(describe(group))</h3>\
        <ul class="diagnosis">\(sentences.map { "<li>\($0)</li>" as Markup })</ul>
        """
    }
    guard !told.isEmpty else { return nil }
    return told.count > 4
      ? "<details><summary>Diagnosis of each group</summary>\(told)</details>"
      : told.joined()
  }

  private var common: Markup? {
    guard let first = comparison.runs.first else { return nil }
    let differing = Set(SettingDifferences(comparison.runs).keys)
    let shared = first.settings.all.filter { !differing.contains($0.key) }
    let rows = shared.map { ["\($0.key)", "\($0.value.description)"] as [Markup] }
    guard !rows.isEmpty else { return nil }
    return """
      <details><summary>\(rows.count) settings that all runs share</summary>\
      \(Page.table(["setting", "value"], rows))</details>
      """
  }

  private var list: Markup? {
    let rows = comparison.groups.enumerated().flatMap { index, group in
      group.runs.map { run -> [Markup] in
        [
          key(index) + "\(group.label)", "\(run.run.seed.map { "\($0)" } ?? "–")",
          "\(run.run.state.rawValue)", "\(run.run.epochsDone)",
          "<span class=\"path\">\(run.run.path)</span>",
        ]
      }
    }
    return Page.table(["", "seed", "status", "epochs", "folder"], rows, numeric: [1, 3])
  }
}
