public import ExptComponents
import ExptDocument
import ExptFiles
import ExptReport

/// The result of a sweep: its points ranked, and the settings that mattered.
public struct SweepSummary: Sendable {
  /// Points that differ in their seed only.
  public struct Group: Sendable {
    public var settings: [Assignment]
    public var points: [PointState]
    /// The metric of those that ended.
    public var values: [Double]

    public var mean: Double { Sample(values).mean }
  }

  public let path: String
  public let name: String
  public let metric: String
  public let isHigherBetter: Bool
  public let points: [PointState]
  /// The best first; those without a value last. In the order of the points where they are not
  /// ranked.
  public let groups: [Group]
  public let importance: [Importance]
  /// Why the points are not ranked, one sentence each, as `expt compare` has it; empty if they are.
  public let reasons: [String]
  /// Points that were drawn and make no valid model.
  public let skipped: [SkippedPoint]
  private let keys: [String]

  public init(_ runner: SweepRunner) {
    let states = runner.states
    path = runner.folder.path
    name = runner.file.name
    points = states
    let records = states.filter { $0.epochsDone > 0 }
      .map { RunRecord(runner.folder.run($0.point.name)) }
    let metric = runner.file.goal.metric ?? Metric.main(of: records) ?? "validation_loss"
    self.metric = metric
    let isHigherBetter =
      runner.file.goal.isHigherBetter
      ?? (Metric.direction(of: metric, in: records) == .higher)
    self.isHigherBetter = isHigherBetter
    var keys: [String] = []
    for key in states.flatMap({ $0.point.assignments.map(\.key) })
    where key != "seed" && !keys.contains(key) {
      keys.append(key)
    }
    self.keys = keys
    let groups = Self.groups(states, keys)
    // One of each, as in a comparison: seeds change what no loss means.
    let comparands = groups.compactMap { group in
      group.points.first { $0.epochsDone > 0 }.map { RunRecord(runner.folder.run($0.point.name)) }
    }
    reasons = Comparability.warnings(comparands, metric: metric, naming: .sweepFile)
    self.groups = reasons.isEmpty ? Self.ranked(groups, isHigherBetter) : groups
    skipped = runner.skipped
    let ended = states.filter { $0.stage == .finished }.compactMap { state in
      state.value.map { (settings: state.point.settings, value: $0) }
    }
    importance = reasons.isEmpty ? Importance.of(keys + ["seed"], ended) : []
  }

  private static func groups(_ states: [PointState], _ keys: [String]) -> [Group] {
    var places: [[CoreValue?]: Int] = [:]
    var groups: [Group] = []
    for state in states {
      let settings = state.point.assignments.filter { $0.key != "seed" }
      let meanings = Dictionary(
        settings.map { ($0.key, $0.meaning) }, uniquingKeysWith: { $1 })
      let values = keys.map { meanings[$0] }
      let place = places[values] ?? groups.count
      if place == groups.count {
        places[values] = place
        groups.append(Group(settings: settings, points: [], values: []))
      }
      groups[place].points.append(state)
      if let value = state.value, state.stage == .finished || state.stage == .paused {
        groups[place].values.append(value)
      }
    }
    return groups
  }

  private static func ranked(_ groups: [Group], _ isHigherBetter: Bool) -> [Group] {
    groups.sorted { a, b in
      if a.values.isEmpty || b.values.isEmpty { return !a.values.isEmpty && b.values.isEmpty }
      return isHigherBetter ? a.mean > b.mean : a.mean < b.mean
    }
  }

  // MARK: In words

  /// The ranking as a table.
  public func table(width: Int) -> String {
    let hasSeeds = groups.contains { $0.points.count > 1 }
    let short = Words.shortNames(keys, reserved: [metric, "runs", "state", "run"])
    var table = TerminalTable(
      [.init("rank", isNumber: true, isKept: true)]
        + short.map { .init($0, isNumber: true, isKept: true) }
        + [.init("best " + metric, isNumber: true, isKept: true)]
        + (hasSeeds
          ? [.init("±", isNumber: true, isKept: true), .init("runs", isNumber: true)] : [])
        + [.init("epochs", isNumber: true), .init("state"), .init("run")])
    let decimals = Words.decimals(for: groups.filter { !$0.values.isEmpty }.map(\.mean))
    for (rank, group) in groups.enumerated() {
      let sample = Sample(group.values)
      let spread =
        sample.count > 1 ? Words.fixed(sample.standardDeviation, decimals) : ""
      let isRanked = reasons.isEmpty && !group.values.isEmpty
      table.add(
        [isRanked ? String(rank + 1) : "-"]
          + keys.map { key in group.settings.last { $0.key == key }?.text ?? "" }
          + [group.values.isEmpty ? "-" : Words.fixed(sample.mean, decimals)]
          + (hasSeeds ? [spread, String(group.values.count)] : [])
          + [
            String(group.points.map(\.epochsDone).max() ?? 0), Self.stages(group.points),
            group.points.count == 1 ? group.points[0].point.name : "",
          ])
    }
    return table.fitting(width).text
  }

  /// What was drawn and skipped, one line per reason, the most frequent first.
  public static func text(ofSkipped skipped: [SkippedPoint]) -> String {
    guard !skipped.isEmpty else { return "" }
    var reasons: [(reason: String, count: Int)] = []
    for point in skipped {
      if let place = reasons.firstIndex(where: { $0.reason == point.reason }) {
        reasons[place].count += 1
      } else {
        reasons.append((point.reason, 1))
      }
    }
    reasons.sort { $0.count > $1.count }
    let rest = reasons.count > 5 ? "\n  and \(reasons.count - 5) other reasons" : ""
    return "\(Words.count(skipped.count, "point")) that make no valid model "
      + "\(skipped.count == 1 ? "was" : "were") skipped, and others drawn:\n"
      + reasons.prefix(5).map { "  \($0.reason) (\($0.count))" }.joined(separator: "\n") + rest
  }

  private static func stages(_ points: [PointState]) -> String {
    PointState.Stage.allCases.compactMap { stage in
      let count = points.count { $0.stage == stage }
      return count == 0 ? nil : points.count == 1 ? stage.rawValue : "\(count) \(stage.rawValue)"
    }.joined(separator: ", ")
  }

  /// What each setting explains, in lines.
  public var importanceText: String {
    guard !importance.isEmpty else { return "" }
    let width = importance.map(\.key.count).max() ?? 0
    return "Share of the variance of \(metric) that each setting explains "
      + "(\(Importance.formula)):\n"
      + importance.map { one in
        let space = String(repeating: " ", count: width - one.key.count)
        return "  \(one.key)\(space)  \(Words.fixed(100 * one.share, 1)) %"
      }.joined(separator: "\n")
  }

  // MARK: For programs

  public var json: String {
    var object = JSONObject()
    object["sweep"] = .string(path)
    object["name"] = .string(name)
    object["metric"] = .string(metric)
    object["goal"] = .string(isHigherBetter ? "maximize" : "minimize")
    object["ranked"] = .bool(reasons.isEmpty)
    object["reasons"] = .array(reasons.map { .string($0) })
    object["ranking"] = .array(
      groups.map { group in
        var one = JSONObject()
        one["settings"] = .object(group.settings.json)
        one["mean"] = group.values.isEmpty ? .null : JSONValue(group.mean)
        one["standard_deviation"] =
          group.values.count > 1 ? JSONValue(Sample(group.values).standardDeviation) : .null
        one["points"] = .array(group.points.map { .string($0.point.name) })
        return .object(one)
      })
    object["points"] = .array(points.map(json))
    object["importance"] = .object(
      importance.reduce(into: JSONObject()) { $0[$1.key] = JSONValue($1.share) })
    object["skipped"] = .array(
      skipped.map { point in
        var one = JSONObject()
        one["settings"] = .object(point.assignments.json)
        one["reason"] = .string(point.reason)
        return .object(one)
      })
    return JSONValue.object(object).pretty
  }

  private func json(_ state: PointState) -> JSONValue {
    var one = JSONObject()
    one["name"] = .string(state.point.name)
    one["number"] = JSONValue(state.point.number)
    one["identity"] = .string(state.point.identity)
    one["settings"] = .object(state.point.assignments.json)
    one["state"] = .string(state.stage.rawValue)
    one["epochs"] = JSONValue(state.epochsDone)
    one["value"] = state.value.map { JSONValue($0) } ?? .null
    one["reason"] = state.reason.map { .string($0) } ?? .null
    one["run"] = .string(FilePath.join(FilePath.join(path, "runs"), state.point.name))
    return .object(one)
  }

  public var csv: String {
    CSV.line(["number", "name"] + keys + ["seed", "state", "epochs", "best_" + metric, "run"])
      + points.map { state in
        CSV.line(
          [String(state.point.number), state.point.name]
            + (keys + ["seed"]).map { key in
              state.point.assignments.last { $0.key == key }?.cell ?? ""
            }
            + [
              state.stage.rawValue, String(state.epochsDone),
              state.value.map { CSV.field($0) } ?? "",
              FilePath.join(FilePath.join(path, "runs"), state.point.name),
            ])
      }.joined()
  }
}
