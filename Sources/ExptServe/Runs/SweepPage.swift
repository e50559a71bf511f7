import ExptFiles
import ExptReport
import ExptSweep

/// Many runs at a glance: lines over the settings in which they differ, what matters, how the search goes on.
struct SweepPage: Sendable {
  /// Lines that a browser draws without a pause.
  static let mostRuns = 2000

  let table: RunTable

  func json(_ parameters: Parameters) throws(Refusal) -> JSONValue {
    let entries: [RunLibrary.Entry]
    do { entries = try table.entries(RunTable.Request(parameters), most: Self.mostRuns) } catch {
      return ["count": 0, "figure": .null, "problem": .string(error.message)]
    }
    let runs = entries.map(\.record)
    guard
      let metric = try parameters.text("metric", longest: 200) ?? Metric.main(of: runs),
      let chart = ParallelChart(runs, metric: metric)
    else {
      return ["count": JSONValue(runs.count), "figure": .null]
    }
    let states = RunState.allCases.compactMap { state -> JSONValue? in
      let count = runs.count { $0.state == state }
      return count == 0 ? nil : .string("\(count) \(state.rawValue)")
    }
    return [
      "count": JSONValue(runs.count),
      "metric": .string(metric),
      "figure": .string(chart.html),
      "command": .string(command(parameters, metric)),
      "notes": .array(chart.notes.map { .string($0) }),
      "warnings": .array(Comparability.warnings(runs, metric: metric).map { .string($0) }),
      "ids": .array(entries.map { .string($0.id) }),
      "states": .array(states),
      "progress": SearchProgress(runs, metric: metric).map { .string($0.html) } ?? .null,
      "importance": .array(importance(runs, metric)),
      "importance_note": .string(
        "\(Importance.formula). Each setting is looked at by itself, so one that matters only together "
          + "with another can show 0, and a search that tries good values more often distorts all."),
    ]
  }

  /// What writes a page with the figure.
  private func command(_ parameters: Parameters, _ metric: String) -> String {
    var command = ShellCommand("axes", table.roots)
    command.add("--metric", metric)
    if let condition = try? parameters.text("where") { command.add("--where", condition) }
    if parameters.flag("archived") { command.add("--archived") }
    return command.text
  }

  private func importance(_ runs: [RunRecord], _ metric: String) -> [JSONValue] {
    let keys = SettingDifferences(runs, ignoring: RunGroup.ignored).tellingKeys
    let known = zip(runs, ParallelChart.values(of: metric, runs)).compactMap { run, value in
      value.map { value in
        (
          settings: Dictionary(
            keys.map { ($0, run.settings.value(of: $0).map { "\($0)" } ?? "–") },
            uniquingKeysWith: { first, _ in first }), value: value
        )
      }
    }
    return Importance.of(keys, known).map { found in
      ["key": .string(found.key), "share": JSONValue(found.share)]
    }
  }
}
