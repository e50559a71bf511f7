import ExptFiles
import ExptReport

/// Curves of some runs over each other, drawn by the same code as in reports.
struct RunCurves: Sendable {
  static let mostRuns = 64

  let library: RunLibrary

  func json(_ parameters: Parameters) throws(Refusal) -> JSONValue {
    let entries = try library.entries(parameters.list("runs", most: Self.mostRuns))
    let runs = RunIndex.map(entries.map(\.record)) { RunMetrics($0) }
    let metrics = CurveSheet.metrics(runs)
    guard
      let metric = try parameters.text("metric", longest: 200) ?? Metric.main(of: metrics)
        ?? metrics.first
    else {
      return ["metrics": [], "metric": .null, "figure": .null, "warnings": []]
    }
    let sheet = try sheet(metric, parameters)
    let problems = runs.compactMap { run in run.problem.map { "\(run.run.path): \($0)" } }
    return [
      "metrics": .array(metrics.map { .string($0) }),
      "metric": .string(metric),
      "figure": sheet.figure(runs).map { .string($0) } ?? .null,
      "warnings": .array(
        (sheet.warnings(runs) + Comparability.substitutions(runs.map(\.run)) + problems).map {
          .string($0)
        }),
    ]
  }

  private func sheet(_ metric: String, _ parameters: Parameters) throws(Refusal) -> CurveSheet {
    let whole = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    let low = try parameters.number("from", in: whole, default: .nan)
    let high = try parameters.number("to", in: whole, default: .nan)
    return CurveSheet(
      metric: metric, axis: try parameters.choice("x", default: .epoch),
      smoothing: try parameters.number("smooth", in: 0...0.999, default: 0),
      isLogarithmicX: parameters.flag("logx"), isLogarithmicY: parameters.flag("logy"),
      shown: low < high ? low...high : nil, groupsSeeds: parameters.flag("seeds"))
  }
}
