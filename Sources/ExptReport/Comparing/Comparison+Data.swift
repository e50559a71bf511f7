public import ExptFiles
import ExptRunFolder

extension Comparison {
  /// For programs: the groups with their statistics, and each run with best and last values.
  public var json: JSONValue {
    let now = Timestamp.now
    return [
      "metric": metric.map { .string($0) } ?? .null,
      "ranked": .bool(isRanked),
      "not_ranked_because": .array(reasons.map { .string($0) }),
      "notes": .array(notes.map { .string($0) }),
      "differing_settings": .array(keys.map { .string($0) }),
      "groups": .array(groups.map { json($0, now) }),
      "test": testJSON,
    ]
  }

  private var testJSON: JSONValue {
    guard let test else { return .null }
    return [
      "kind": .string(test.kind.rawValue),
      "groups": .array(groups.map { .string($0.label) }),
      "difference": JSONValue(test.difference),
      "interval": [JSONValue(test.interval.lowerBound), JSONValue(test.interval.upperBound)],
      "t": JSONValue(test.t),
      "degrees_of_freedom": JSONValue(test.degrees),
      "p": JSONValue(test.p),
      "sentence": .string(verdict ?? ""),
    ]
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

  /// For programs: a row a run.
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
