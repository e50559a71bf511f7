public import ExptFiles
import ExptRunFolder

extension Comparison {
  /// For programs: the groups with their statistics, each run with best and last values, and the
  /// tests of all pairs of groups, `p_holm` being corrected for their number by Holm's method.
  public var json: JSONValue {
    let now = Timestamp.now
    return [
      "metric": metric.map { .string($0) } ?? .null,
      "ranked": .bool(isRanked),
      "not_ranked_because": .array(reasons.map { .string($0) }),
      "notes": .array(notes.map { .string($0) }),
      "differing_settings": .array(keys.map { .string($0) }),
      "groups": .array(groups.map { json($0, now) }),
      "test": test.map {
        .object(json($0, groups[0], groups[1], "sentence", .string(verdict ?? "")))
      }
        ?? .null,
      "tests": .array(reasons.isEmpty ? testsJSON : []),
      "sentence": verdict.map { .string($0) } ?? .null,
    ]
  }

  /// Every pair of groups, with nulls where there is nothing to test.
  private var testsJSON: [JSONValue] {
    guard let metric else { return [] }
    let tested = Dictionary(
      pairTests.map { ([$0.first, $0.second], $0) }, uniquingKeysWith: { first, _ in first })
    return groups.indices.flatMap { second in
      (0..<second).map { first in
        let pair = tested[[first, second]]
        var object = json(
          pair?.test, groups[first], groups[second], "p_holm", pair.map { JSONValue($0.p) } ?? .null
        )
        let samples = [first, second].map { groups[$0].deciding(metric) }
        if pair == nil, samples.allSatisfy({ $0.count > 0 }) {
          object["difference"] = JSONValue(samples[1].mean - samples[0].mean)
        }
        return .object(object)
      }
    }
  }

  /// A test of two groups, the second less the first.
  private func json(
    _ test: DifferenceTest?, _ first: Group, _ second: Group, _ key: String, _ value: JSONValue
  ) -> JSONObject {
    func number(_ value: Double?) -> JSONValue { value.map { JSONValue($0) } ?? .null }
    var object = JSONObject()
    object["kind"] = test.map { .string($0.kind.rawValue) } ?? .null
    object["groups"] = [.string(first.label), .string(second.label)]
    object["difference"] = number(test?.difference)
    object["interval"] =
      test.map {
        [JSONValue($0.interval.lowerBound), JSONValue($0.interval.upperBound)]
      } ?? .null
    object["t"] = number(test?.t)
    object["degrees_of_freedom"] = number(test?.degrees)
    object["p"] = number(test?.p)
    object[key] = value
    return object
  }

  private func json(_ group: Group, _ now: Timestamp) -> JSONValue {
    var settings = JSONObject()
    for key in keys { settings[key] = group.first.settings[key]?.value.json ?? .null }
    var statistics = JSONObject()
    for metric in metrics {
      statistics[metric] = [
        "best": json(group.best(metric)), "last": json(group.last(metric)),
      ]
    }
    return [
      "label": .string(group.label),
      "settings": .object(settings),
      "seeds": .array(group.seeds.map { JSONValue($0) }),
      "statistics": .object(statistics),
      "runs": .array(group.runs.map { json($0, now) }),
    ]
  }

  private func json(_ sample: Sample) -> JSONValue {
    guard sample.count > 0 else { return .null }
    return [
      "n": JSONValue(sample.count),
      "mean": JSONValue(sample.mean),
      "sd": sample.count > 1 ? JSONValue(sample.standardDeviation) : .null,
      "interval": sample.interval.map {
        [JSONValue($0.lowerBound), JSONValue($0.upperBound)]
      } ?? .null,
    ]
  }

  private func json(_ run: RunMetrics, _ now: Timestamp) -> JSONValue {
    var best = JSONObject()
    var last = JSONObject()
    for metric in metrics {
      best[metric] = json(run.best(metric))
      last[metric] = json(run.last(metric))
    }
    guard var object = run.run.json(now: now).object else { return .null }
    object["best"] = .object(best)
    object["last"] = .object(last)
    return .object(object)
  }

  private func json(_ value: (value: Double, epoch: Int)?) -> JSONValue {
    value.map { ["value": JSONValue($0.value), "epoch": JSONValue($0.epoch)] } ?? .null
  }

  /// For programs: one row per run.
  public var csv: String {
    let columns = metrics.flatMap { metric in
      [metric, "best.\(metric)", "best.\(metric).epoch"]
    }
    var lines = [
      CSV.line(
        ["group", "path", "name", "status", "seed", "epochs", "time", "dataset", "substituted_for"]
          + columns + keys)
    ]
    for group in groups {
      for member in group.runs { lines.append(CSV.line(row(group, member))) }
    }
    return lines.joined()
  }

  private func row(_ group: Group, _ member: RunMetrics) -> [String] {
    let run = member.run
    var row = [group.label, run.path, run.name, run.state.rawValue]
    row += [run.seed.map { "\($0)" } ?? "", "\(member.table.rows.count)"]
    row += [run.manifest.map { CSV.field($0.secondsTrained) } ?? ""]
    row += [run.manifest?.dataset.name ?? "", run.substitutedFor ?? ""]
    for metric in metrics {
      let best = member.best(metric)
      row += [member.last(metric).map { CSV.field($0.value) } ?? ""]
      row += [best.map { CSV.field($0.value) } ?? "", best.map { "\($0.epoch)" } ?? ""]
    }
    return row + keys.map { run.settings[$0].map { "\($0.value)" } ?? "" }
  }
}
