import ExptFiles
import ExptRunFolder

extension RunListing {
  /// For programs: a JSON array with an object a run, with all its settings.
  public var json: String {
    let objects = RunIndex.map(runs) { [now] run in run.json(now: now).pretty.dropLast() }
    return objects.isEmpty ? "[]" : "[\n\(objects.joined(separator: ",\n"))\n]"
  }

  /// For programs: one row per run, with all metrics and the settings that differ, or all of them.
  public var csv: String {
    var order = KeyOrder()
    for run in runs { order.add(run.manifest?.lastMetrics?.values.map(\.name) ?? []) }
    let metrics = order.keys
    let columns = keys.filter { $0 != "seed" }  // a column of its own
    let fields = [
      "path", "name", "status", "problem", "seed", "created", "age", "epochs", "epochs_planned",
      "time", "dataset",
      "substituted_for",
    ]
    var lines = [
      CSV.line(
        fields + metrics + ["best.epoch"] + metrics.map { "best.\($0)" } + columns)
    ]
    for run in runs {
      func text(_ name: String) -> String {
        switch RunFields.value(of: name, in: run, now: now) {
        case nil, .null?: ""
        case .number(let value, _)? where !value.isFinite: CSV.field(value)
        case let value?: "\(value)"
        }
      }
      var row = ["path", "name", "status"].map(text) + [run.problem ?? ""]
      row += ["seed", "created", "age", "epochs", "epochs_planned", "time"].map(text)
      row += [run.manifest?.dataset.name ?? "", text("substituted_for")]
      row += metrics.map(text) + [text("best.epoch")] + metrics.map { text("best.\($0)") }
      row += columns.map { run.settings[$0].map { "\($0.value)" } ?? "" }
      lines.append(CSV.line(row))
    }
    return lines.joined()
  }
}

extension RunRecord {
  /// What listings and comparisons say about a run.
  func json(now: Timestamp) -> JSONValue {
    let manifest = manifest
    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    return [
      "path": .string(path),
      "name": .string(name),
      "status": .string(state.rawValue),
      "problem": text(problem),
      "seed": seed.map { JSONValue($0) } ?? .null,
      "created": text(manifest?.created.iso8601),
      "age": age(now: now).map { JSONValue($0) } ?? .null,
      "epochs": JSONValue(epochsDone),
      "epochs_planned": epochsPlanned.map { JSONValue($0) } ?? .null,
      "time": manifest.map { JSONValue($0.secondsTrained) } ?? .null,
      "model": text(manifest?.model),
      "likelihood": text(manifest?.likelihood),
      "dataset": manifest.map { manifest in
        [
          "name": .string(manifest.dataset.name),
          "fingerprint": .string(manifest.dataset.fingerprint),
          "substituted_for": text(manifest.dataset.substitutedFor),
        ]
      } ?? .null,
      "failure": text(manifest?.failure),
      "tags": .array(notes.tags.map { .string($0) }),
      "note": notes.note.isEmpty ? .null : .string(notes.note),
      "archived": .bool(notes.isArchived),
      "last": manifest?.lastMetrics.map(\.flatJSON) ?? .null,
      "best": manifest?.bestMetrics.map(\.flatJSON) ?? .null,
      "settings": .object(settings.json),
    ]
  }
}

extension Manifest.MetricsRecord {
  fileprivate var flatJSON: JSONValue {
    var object = JSONObject()
    object["epoch"] = JSONValue(epoch)
    for metric in values { object[metric.name] = JSONValue(metric.value) }
    return .object(object)
  }
}

extension RunSettings {
  fileprivate var json: JSONObject {
    var object = JSONObject()
    for setting in all { object[setting.key] = setting.value.json }
    return object
  }
}

extension RunValue {
  /// As in the experiment file.
  var json: JSONValue {
    switch self {
    case .null: .null
    case .bool(let value): .bool(value)
    case .number(let value, let text):
      Int(text).map { JSONValue($0) } ?? UInt64(text).map { JSONValue($0) } ?? JSONValue(value)
    case .text(let text): .string(text)
    case .list(let values): .array(values.map(\.json))
    }
  }
}
