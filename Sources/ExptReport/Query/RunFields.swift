public import ExptRunFolder

/// What a name means for a run: in filters, sorting and tables.
public enum RunFields {
  /// Names beside settings and metrics, with what they are.
  public static let described: [(name: String, meaning: String)] = [
    ("name", "the experiment's name"), ("path", "the run's folder"),
    ("status", "running, finished, interrupted, failed, unknown or unreadable"),
    ("seed", "the seed"),
    ("created", "when the folder was created, as '2026-01-31' or with a time"),
    ("age", "seconds since the start; write 2h, 3d, 1w"),
    ("epochs", "epochs done"), ("epochs_planned", "epochs planned"),
    ("time", "seconds trained"), ("parameters", "trainable numbers"),
    ("threads", "threads used"), ("host", "the machine's name"),
    ("commit", "the source's commit"), ("substituted_for", "the dataset that was missing"),
    ("best.epoch", "the epoch of the best weights"), ("failure", "why it failed"),
    ("tags", "words that people gave it: tags ~ good"), ("note", "what people wrote about it"),
    ("pinned", "whether it is pinned"), ("archived", "whether it is archived"),
  ]

  /// The value of a name; nil if the run has none of that name.
  public static func value(of name: String, in run: RunRecord, now: Timestamp = .now) -> RunValue? {
    if let field = field(name, run, now) { return field }
    if let metric = metric(name, in: run) { return .number(metric) }
    if let measured = run.evaluations.value(of: name) { return .number(measured) }
    return run.settings.value(of: name)
  }

  /// A metric by its name (the last value), or as `last.NAME` or `best.NAME` (after the epoch whose
  /// weights are the best; a loss on the scale that made it the best).
  public static func metric(_ name: String, in run: RunRecord) -> Double? {
    if name.hasPrefix("best.") {
      return run.manifest?.bestMetrics?.judged(String(name.dropFirst(5)))
    }
    let last = run.manifest?.lastMetrics
    return last?[name.hasPrefix("last.") ? String(name.dropFirst(5)) : name]
  }

  /// All names that these runs know.
  public static func names(in runs: [RunRecord]) -> [String] {
    var order = KeyOrder()
    order.add(described.map(\.name))
    for run in runs {
      let metrics = run.manifest?.lastMetrics?.values.map(\.name) ?? []
      order.add(metrics)
      order.add(metrics.map { "best.\($0)" })
      order.add(run.evaluations.names)
      order.add(run.settings.all.lazy.map(\.key))
    }
    return order.keys
  }

  private static func field(_ name: String, _ run: RunRecord, _ now: Timestamp) -> RunValue? {
    func number(_ value: Int?) -> RunValue { value.map { .whole($0) } ?? .null }
    func text(_ value: String?) -> RunValue { value.map { .text($0) } ?? .null }
    switch name {
    case "name": return .text(run.name)
    case "path": return .text(run.path)
    case "status": return .text(run.state.rawValue)
    case "seed": return run.seed.map { .whole($0) } ?? .null
    case "created": return text(run.manifest?.created.iso8601)
    case "age": return number(run.age(now: now))
    case "epochs": return number(run.epochsDone)
    case "epochs_planned": return number(run.epochsPlanned)
    case "time": return run.manifest.map { .number($0.secondsTrained) } ?? .null
    case "parameters": return number(run.manifest?.parameterCount)
    case "threads": return number(run.manifest?.threads)
    case "host": return text(run.manifest?.machine.host)
    case "commit": return text(run.manifest?.git?.commit)
    case "substituted_for": return text(run.substitutedFor)
    case "best.epoch": return number(run.manifest?.bestMetrics?.epoch)
    case "failure": return text(run.manifest?.failure)
    case "tags": return .list(run.notes.tags.map { .text($0) })
    case "note": return .text(run.notes.note)
    case "pinned": return .bool(run.notes.isPinned)
    case "archived": return .bool(run.notes.isArchived)
    default: return nil
    }
  }
}

extension Manifest.MetricsRecord {
  /// A metric's value; of a loss on the scale that epochs are judged on.
  func judged(_ name: String) -> Double? {
    self[ExptReport.Metric.judged(name, among: values.map(\.name))]
  }
}
