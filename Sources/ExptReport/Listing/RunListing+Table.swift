extension RunListing {
  /// The table for a window, and the titles of the columns that found no place.
  public func table(width: Int) -> (text: String, hidden: [String]) {
    let labels = RunLabels(runs)
    let columns = metricColumns
    var titles = [TerminalTable.Column("run", isKept: true), .init("status", isKept: true)]
    let named = namesMatter(labels.labels)
    if named { titles.append(.init("name", weight: 4)) }
    titles += [.init("age", isNumber: true), .init("epochs", isNumber: true, weight: 2)]
    if let metric {
      titles += [
        .init(metric, isNumber: true, weight: 3), .init("best @epoch", isNumber: true),
      ]
    }
    let isMixed = Set(runs.map(Self.data)).count > 1 && runs.contains { $0.substitutedFor != nil }
    if isMixed { titles.append(.init("data", weight: 4)) }
    let keys = tellingKeys.filter { $0 != "training.epochs" }  // stands under 'epochs'
    titles += zip(shortNames(keys), keys).map { title, key in
      .init(
        title, isNumber: runs.allSatisfy { $0.settings[key]?.value.double != nil }, weight: 1)
    }
    var table = TerminalTable(titles)
    for (index, run) in runs.enumerated() {
      var row = [shortened(labels.labels[index], width / 2), run.state.rawValue]
      if named { row.append(run.name) }
      row += [run.age(now: now).map(Words.age) ?? "", epochs(run)]
      if metric != nil { row += columns[index] }
      if isMixed { row.append(Self.data(run)) }
      row += keys.map { key in shortened(run.settings.value(of: key).map { "\($0)" } ?? "–", 32) }
      table.add(row)
    }
    let (text, hidden) = table.fitting(width)
    return (title(labels.folder) + "\n\n" + text, hidden)
  }

  private func shortNames(_ keys: [String]) -> [String] {
    Words.shortNames(keys, reserved: ["run", "status", "name", "age", "epochs", "data"])
  }

  private func title(_ folder: String) -> String {
    "\(Words.count(runs.count, "run")) in \(folder)"
  }

  /// Last value, and best value with its epoch, with the same number of decimals in all rows.
  private var metricColumns: [[String]] {
    guard let metric else { return [] }
    let values = runs.map { run in
      (
        last: run.manifest?.lastMetrics?.judged(metric),
        best: RunFields.metric("best.\(metric)", in: run)
      )
    }
    let decimals = Words.decimals(for: values.flatMap { [$0.last, $0.best] }.compactMap { $0 })
    let width = runs.compactMap { $0.manifest?.bestMetrics?.epoch }.map { "\($0)".count }.max() ?? 0
    func at(_ run: RunRecord, _ width: Int) -> String {
      let epoch = run.manifest?.bestMetrics.map { "\($0.epoch)" } ?? ""
      return " @" + epoch + String(repeating: " ", count: max(0, width - epoch.count))
    }
    return zip(runs, values).map { run, value in
      [
        value.last.map { Words.fixed($0, decimals) } ?? "–",
        value.best.map { Words.fixed($0, decimals) + at(run, width) } ?? "–",
      ]
    }
  }

  private func epochs(_ run: RunRecord) -> String {
    guard run.manifest != nil else { return "" }
    return run.epochsPlanned.map { "\(run.epochsDone)/\($0)" } ?? "\(run.epochsDone)"
  }

  /// Whether the names say more than the labels do.
  private func namesMatter(_ labels: [String]) -> Bool {
    guard Set(runs.filter { $0.manifest != nil }.map(\.name)).count > 1 else { return false }
    return !zip(runs, labels).allSatisfy { run, label in
      label.split(separator: "/").contains { $0 == run.name }
    }
  }

  private func shortened(_ text: String, _ limit: Int) -> String {
    guard text.count > max(8, limit) else { return text }
    let half = (max(8, limit) - 1) / 2
    return text.prefix(half) + "…" + text.suffix(half)
  }
}
