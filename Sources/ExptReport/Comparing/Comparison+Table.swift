extension Comparison {
  private var isGrouped: Bool { groups.contains { $0.distinct.count > 1 } }

  /// What the groups are and how they did by the main metric, best first where they are ranked.
  public func overview(width: Int) -> String {
    let labels = RunLabels(runs)
    let names = Dictionary(
      zip(runs.map(\.path), labels.labels), uniquingKeysWith: { first, _ in first })
    var columns: [TerminalTable.Column] = [.init("", isKept: true)]
    var cells: [[String]] = groups.map { [$0.label] }
    func add(_ title: String, isNumber: Bool = false, _ values: [String]) {
      columns.append(.init(title, isNumber: isNumber))
      for index in cells.indices { cells[index].append(values[index]) }
    }
    if let metric {
      let decimals = Words.decimals(for: groups.flatMap { $0.best(metric).values })
      if direction(of: metric) != .none {
        let width = groups.map { epochs($0, metric).count }.max() ?? 0
        add("best \(metric)", isNumber: true, groups.map { best($0, metric, decimals, width) })
        if isGrouped { add("95 % interval", groups.map { interval($0.best(metric), decimals) }) }
      }
      add("last", isNumber: true, groups.map { text($0.last(metric), decimals) })
    }
    for (key, title) in zip(keys, shortNames) {
      let values = groups.map { $0.first.settings.value(of: key) }
      add(
        title, isNumber: values.allSatisfy { $0?.double != nil },
        values.map { $0.map { cut("\($0)", 32) } ?? "–" })
    }
    add(
      "run",
      groups.map { group in
        group.runs.count > 1
          ? "\(group.runs.count) runs" : cut(names[group.first.path] ?? "", max(20, width / 2))
      })
    let hasSeeds = isGrouped || Set(runs.map(\.seed)).count > 1
    if hasSeeds { add(isGrouped ? "seeds" : "seed", groups.map { Words.ranges($0.seeds) }) }
    add("epochs", isNumber: true, groups.map(epochs))
    add("time", isNumber: true, groups.map(time))
    if runs.contains(where: { $0.state != .finished }) { add("status", groups.map(states)) }
    if runs.contains(where: { $0.substitutedFor != nil }) {
      add("data", groups.map { RunListing.data($0.first) })
    }
    var table = TerminalTable(columns)
    for row in cells { table.add(row) }
    return title(labels.folder) + "\n\n" + table.wrapped(width)
  }

  /// Best and last value of every metric, a column for each group, of many the first dozen.
  public func metricsTable(width: Int) -> String {
    let groups = groups.prefix(groups.count > 24 ? 12 : 24)
    let widths = groups.map { group in metrics.map { epochs(group, $0).count }.max() ?? 0 }
    var table = TerminalTable(
      [.init("", isKept: true), .init("", isKept: true)]
        + groups.map { .init($0.label, isNumber: true) })
    for metric in metrics {
      let values = groups.flatMap { $0.last(metric).values + $0.best(metric).values }
      let decimals = Words.decimals(for: values)
      let hasBest = direction(of: metric) != .none
      if hasBest {
        table.add(
          [metric, "best"] + zip(groups, widths).map { best($0, metric, decimals, $1) })
      }
      table.add(
        [hasBest ? "" : metric, "last"]
          + zip(groups, widths).map { group, width in
            text(group.last(metric), decimals) + String(repeating: " ", count: width)
          })
    }
    let rest = self.groups.count - groups.count
    return table.wrapped(width)
      + (rest > 0 ? "\n\n(and \(Words.count(rest, "group")) more: see --csv)" : "")
  }

  /// The main metric over the epochs; of groups the mean. The eight first groups.
  public func curves(
    width: Int, colour: @escaping @Sendable (String, Int) -> String = { text, _ in text }
  ) -> String? {
    guard let metric else { return nil }
    let names = shortNames
    let shown = groups.prefix(8).map { group in
      let settings = zip(names, keys).compactMap { name, key in
        group.first.settings[key].map { "\(name) \($0.value)" }
      }
      let count = group.distinct.count > 1 ? ["mean of \(group.distinct.count) seeds"] : []
      let labels = settings.isEmpty && count.isEmpty ? [group.first.path] : settings
      return CurvePlot.Curve(
        mark: group.label, name: Words.printable((labels + count).joined(separator: ", ")),
        points: meanPoints(group, metric))
    }
    let title =
      groups.count > shown.count
      ? "\(metric) of \(shown.count) of \(groups.count) groups" : metric
    var plot = CurvePlot(title: title, curves: shown, width: width)
    plot.colour = colour
    return plot.text
  }

  // MARK: Cells

  private var shortNames: [String] {
    Words.shortNames(keys, reserved: ["run", "seeds", "epochs", "time", "status", "data", "last"])
  }

  private func title(_ folder: String) -> String {
    let several = groups.contains { $0.runs.count > 1 }
    let what = several ? ", \(Words.count(groups.count, "group")) by settings" : ""
    let order = isRanked ? ", the best first" : ""
    return "\(Words.count(runs.count, "run")) in \(folder)\(what)\(order)"
  }

  private func text(_ sample: Sample, _ decimals: Int) -> String {
    guard sample.count > 0 else { return "–" }
    let mean = Words.fixed(sample.mean, decimals)
    if sample.count == 1 { return mean }
    return "\(mean) ± \(Words.fixed(sample.standardDeviation, decimals)) (\(sample.count))"
  }

  /// The best value, and its epoch in this many columns.
  private func best(_ group: Group, _ metric: String, _ decimals: Int, _ width: Int) -> String {
    let epochs = epochs(group, metric)
    return text(group.best(metric), decimals) + epochs
      + String(repeating: " ", count: max(0, width - epochs.count))
  }

  /// When the best values were reached: ` @10`, ` @9–12`.
  private func epochs(_ group: Group, _ metric: String) -> String {
    let epochs = group.distinct.compactMap { $0.best(metric)?.epoch }
    guard let first = epochs.min(), let last = epochs.max() else { return "" }
    return first == last ? " @\(first)" : " @\(first)–\(last)"
  }

  private func interval(_ sample: Sample, _ decimals: Int) -> String {
    sample.interval.map {
      "\(Words.fixed($0.lowerBound, decimals)) … \(Words.fixed($0.upperBound, decimals))"
    } ?? "–"
  }

  private func epochs(_ group: Group) -> String {
    let done = group.runs.map(\.table.rows.count)
    guard let least = done.min(), let most = done.max() else { return "" }
    let planned = group.first.epochsPlanned.map { "/\($0)" } ?? ""
    return (least == most ? "\(least)" : "\(least)–\(most)") + planned
  }

  private func time(_ group: Group) -> String {
    Words.duration(Sample(group.runs.compactMap { $0.run.manifest?.secondsTrained }).mean)
  }

  private func states(_ group: Group) -> String {
    var order = KeyOrder()
    order.add(group.runs.map(\.run.state.rawValue))
    if order.keys.count == 1 { return order.keys[0] }
    return order.keys.map { state in
      "\(group.runs.filter { $0.run.state.rawValue == state }.count) \(state)"
    }.joined(separator: ", ")
  }

  private func cut(_ text: String, _ limit: Int) -> String {
    text.count <= limit ? text : "…" + text.suffix(limit - 1)
  }

  /// The mean over the runs, as far as all of them have come.
  private func meanPoints(_ group: Group, _ metric: String) -> [(x: Double, y: Double)] {
    let all = group.distinct.map { $0.points(metric) }.filter { !$0.isEmpty }
    guard let first = all.first, let count = all.map(\.count).min() else { return [] }
    return (0..<count).map { row in
      (first[row].x, all.reduce(0) { $0 + $1[row].y } / Double(all.count))
    }
  }
}
