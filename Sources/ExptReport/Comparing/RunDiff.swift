public import ExptFiles
import ExptRunFolder

/// What differs between two runs: settings with their origins, and everything else that a folder
/// tells of how it was made.
public struct RunDiff: Sendable {
  /// One thing that differs. Nil if a run does not have it.
  public struct Difference: Sendable, Hashable {
    public var key: String
    public var values: [String?]
    /// Where the values came from.
    public var origins: [String?]
  }

  public var runs: [RunRecord]
  public var settings: [Difference]
  /// What the runs were trained on.
  public var data: [Difference]
  /// What trained them.
  public var code: [Difference]
  /// On what; by promise these change no byte of the metrics.
  public var machine: [Difference]
  /// How the metrics relate, in a sentence.
  public var outcome: String

  public init(_ first: RunRecord, _ second: RunRecord) {
    runs = [first, second]
    settings = Self.settings(first, second)
    func facts(_ list: [(String, (Manifest) -> String?)]) -> [Difference] {
      guard let a = first.manifest, let b = second.manifest else { return [] }
      return list.compactMap { key, value in
        let values = [value(a), value(b)]
        return values[0] == values[1]
          ? nil : Difference(key: key, values: values, origins: [nil, nil])
      }
    }
    data = facts([
      ("dataset", { $0.dataset.name }),
      ("in place of", { $0.dataset.substitutedFor }),
      ("fingerprint", { $0.dataset.fingerprint }),
      ("training images", { "\($0.dataset.training)" }),
      ("validation images", { "\($0.dataset.validation)" }),
    ])
    code = facts([
      ("expt", { $0.versions.expt }), ("swift", { $0.versions.swift }),
      (
        "commit",
        { $0.git.map { "\($0.commit.prefix(12))\($0.isDirty ? ", with changes" : "")" } }
      ),
    ])
    machine = facts([
      ("host", { $0.machine.host }), ("processor", { $0.machine.processor }),
      ("cores", { "\($0.machine.cores)" }), ("system", { $0.machine.system }),
      ("threads", { "\($0.threads)" }), ("instruction set", { $0.instructionSet }),
      ("precision", { $0.precision }),
    ])
    outcome = Self.outcome(first, second)
  }

  private static func settings(_ first: RunRecord, _ second: RunRecord) -> [Difference] {
    SettingDifferences([first, second]).keys.map { key in
      let both = [first.settings[key], second.settings[key]]
      return Difference(
        key: key, values: both.map { $0.map { "\($0.value)" } }, origins: both.map { $0?.origin })
    }
  }

  /// Compares the metrics row by row.
  private static func outcome(_ first: RunRecord, _ second: RunRecord) -> String {
    let tables: [MetricsTable]
    do { tables = [try first.metrics(), try second.metrics()] } catch {
      return "The metrics cannot be compared: \(error)"
    }
    guard tables[0].columns == tables[1].columns else {
      return "The metrics have different columns."
    }
    let counts = tables.map(\.rows.count)
    guard !counts.contains(0) else { return "There are no metrics in common yet." }
    let common = zip(tables[0].rows, tables[1].rows)
    let same = common.prefix { $0.elementsEqual($1) { $0.bitPattern == $1.bitPattern } }.count
    if same == counts[0], same == counts[1] {
      return "The metrics are the same, bit for bit: \(Words.count(same, "epoch"))."
    }
    if same == min(counts[0], counts[1]) {
      return "The metrics are the same as far as both runs have got: \(Words.count(same, "epoch")) "
        + "of \(counts[0]) and \(counts[1])."
    }
    return "The metrics differ from epoch \(same + 1) on."
  }

  // MARK: Output

  private var sections: [(title: String, list: [Difference])] {
    [("settings", settings), ("data", data), ("code", code), ("machine", machine)]
  }

  /// Two lines a difference, each with its origin behind it.
  public func text(width: Int) -> String {
    var lines = zip(["a", "b"], runs).map { mark, run in
      "\(mark)  \(run.path)" + (run.substitutedFor == nil ? "" : "  (\(RunListing.data(run)))")
    }
    let all = sections.flatMap(\.list)
    let keyWidth = all.map(\.key.count).max() ?? 0
    let valueWidth = min(
      40, settings.flatMap(\.values).map { ($0 ?? "–").count }.max() ?? 0)
    for (title, list) in sections where !list.isEmpty || title == "settings" {
      lines += ["", list.isEmpty ? "the settings are the same" : title]
      for difference in list {
        for (index, mark) in ["a", "b"].enumerated() {
          let key = index == 0 ? difference.key : ""
          let value = difference.values[index] ?? "–"
          let origin = difference.origins[index].map { "  \($0)" } ?? ""
          lines.append(
            "  \(padded(key, keyWidth))  \(mark)  \(origin.isEmpty ? value : padded(value, valueWidth))\(origin)"
          )
        }
      }
    }
    return (lines + ["", outcome]).map { line in
      let line = Words.printable(line)
      return line.count > width ? String(line.prefix(max(1, width - 1))) + "…" : line
    }.joined(separator: "\n")
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// For programs.
  public var json: JSONValue {
    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    func facts(_ list: [Difference]) -> JSONValue {
      var object = JSONObject()
      for difference in list { object[difference.key] = .array(difference.values.map(text)) }
      return .object(object)
    }
    var settings = JSONObject()
    for difference in self.settings {
      let sides = runs.indices.map { index -> JSONValue in
        [
          "value": runs[index].settings[difference.key]?.value.json ?? .null,
          "origin": text(difference.origins[index]),
        ]
      }
      settings[difference.key] = .array(sides)
    }
    return [
      "runs": .array(runs.map { .string($0.path) }),
      "settings": .object(settings),
      "data": facts(data),
      "code": facts(code),
      "machine": facts(machine),
      "outcome": .string(outcome),
    ]
  }
}
