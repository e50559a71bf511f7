import ExptDocument

/// Runs side by side: grouped by their settings, ranked where that means something.
public struct Comparison: Sendable {
  /// Runs with the same settings but for the seed.
  public struct Group: Sendable {
    /// `A`, `B`, …; `A` is the best where the groups are ranked.
    public var label: String
    public var runs: [RunMetrics]
    /// One run a seed: repetitions of a seed are the same bytes, and count once.
    public var distinct: [RunMetrics]

    public var first: RunRecord { runs[0].run }
    public var seeds: [UInt64] { distinct.compactMap(\.run.seed) }

    /// A metric's best values, a run each.
    public func best(_ metric: String) -> Sample {
      Sample(distinct.compactMap { $0.best(metric)?.value })
    }
    /// A metric's last values, a run each.
    public func last(_ metric: String) -> Sample {
      Sample(distinct.compactMap { $0.last(metric)?.value })
    }
    /// The value that decides: the best, or of a metric without a better side the last.
    public func deciding(_ metric: String) -> Sample {
      direction(of: metric) == .none ? last(metric) : best(metric)
    }

    /// Which values of a metric are better.
    public func direction(of metric: String) -> Metric.Direction {
      (distinct.first ?? runs[0]).direction(of: metric)
    }
  }

  public var groups: [Group]
  /// What the groups are judged by, where possible something that all runs have; nil if there
  /// are no metrics yet.
  public var metric: String?
  /// All metrics that any run has, the main one first.
  public var metrics: [String]
  /// Settings that differ between groups; see `SettingDifferences.tellingKeys`.
  public var keys: [String]
  /// Why the groups are not ranked, one sentence each; empty if they are.
  public var reasons: [String]
  /// What else the reader must know, one sentence each.
  public var notes: [String]
  /// Of two groups.
  public var test: DifferenceTest?

  public var runs: [RunRecord] { groups.flatMap { $0.runs.map(\.run) } }
  public var isRanked: Bool {
    reasons.isEmpty && groups.count > 1 && metric.map { direction(of: $0) != .none } ?? false
  }

  /// Which values of a metric are better: what an evaluator says, in any run that it measured.
  public func direction(of metric: String) -> Metric.Direction {
    Metric.direction(of: metric, in: runs)
  }

  /// - Parameters:
  ///   - records: Unreadable ones are left out, and noted.
  ///   - metric: The default is the validation loss, else the training loss.
  /// - Throws: A metric that no run has.
  public init(_ records: [RunRecord], metric wanted: String? = nil) throws(QueryProblem) {
    let readable = records.filter { $0.manifest != nil }
    let members = RunIndex.map(readable) { RunMetrics($0) }
    var order = KeyOrder()
    for member in members { order.add(member.table.columns) }
    let columns = order.keys.filter {
      !Metric.isPosition($0) && !Metric.isSchedule($0)
        && !Metric.isJudged($0, among: order.keys)
    }
    if let wanted, !order.keys.contains(wanted) || Metric.isPosition(wanted) {
      let near = closestMatch(to: wanted, among: columns)
      throw QueryProblem(
        message: "none of these runs has a metric '\(wanted)'; available: "
          + (columns.isEmpty ? "none yet" : columns.joined(separator: ", ")),
        help: near.map { "did you mean '\($0)'?" }, text: wanted, range: 0..<wanted.count)
    }
    let told = members.map(\.table.columns).filter { !$0.isEmpty }
    let common = columns.filter { name in told.allSatisfy { $0.contains(name) } }
    metric = wanted ?? Metric.main(of: common) ?? Metric.main(of: columns)
    metrics = [metric].compactMap { $0 } + columns.filter { [metric] in $0 != metric }
    let metricsByPath = Dictionary(
      members.map { ($0.run.path, $0) }, uniquingKeysWith: { first, _ in first })
    groups = RunGroup.bySettings(readable).map { group in
      let runs = group.runs.compactMap { metricsByPath[$0.path] }
      return Group(label: "", runs: runs, distinct: Self.onePerSeed(runs))
    }
    let firsts = groups.map(\.first)
    keys = SettingDifferences(firsts, ignoring: RunGroup.ignored).tellingKeys
    reasons =
      Comparability.warnings(firsts, metric: metric)
      + (metric.flatMap { RunEvaluations.difference(readable, in: $0) }.map { [$0] } ?? [])
    notes = []
    rank()
    notes = remarks(unreadable: records.filter { $0.manifest == nil })
    test = reasons.isEmpty ? difference : nil
  }

  private static func onePerSeed(_ runs: [RunMetrics]) -> [RunMetrics] {
    var places: [UInt64: Int] = [:]
    var distinct: [RunMetrics] = []
    for run in runs {
      let seed = run.run.seed ?? 0
      if let place = places[seed] {
        if run.table.rows.count > distinct[place].table.rows.count { distinct[place] = run }
      } else {
        places[seed] = distinct.count
        distinct.append(run)
      }
    }
    return distinct
  }

  private mutating func rank() {
    if isRanked, let metric {
      let falls = direction(of: metric) == .higher
      let keyed = groups.enumerated().map { (mean: $1.best(metric).mean, index: $0, group: $1) }
      groups = keyed.sorted { a, b in
        if a.mean.isNaN || b.mean.isNaN || a.mean == b.mean {
          return a.mean.isNaN == b.mean.isNaN ? a.index < b.index : b.mean.isNaN
        }
        return falls ? a.mean > b.mean : a.mean < b.mean
      }.map(\.group)
    }
    for index in groups.indices { groups[index].label = Self.label(index) }
  }

  /// `A` … `Z`, `AA`, `AB`, ….
  static func label(_ index: Int) -> String {
    let letter = String(UnicodeScalar(UInt8(65 + index % 26)))
    return index < 26 ? letter : label(index / 26 - 1) + letter
  }

  private func remarks(unreadable: [RunRecord]) -> [String] {
    var notes = unreadable.map { "\($0.path) is left out: \($0.problem ?? "it cannot be read")" }
    for group in groups {
      for run in group.runs {
        if let problem = run.run.problem ?? run.problem {
          notes.append("\(run.run.path): \(problem)")
        }
      }
    }
    let repeated = groups.filter { $0.distinct.count < $0.runs.count }.map(\.label)
    if !repeated.isEmpty {
      let which = repeated.prefix(5).joined(separator: ", ") + (repeated.count > 5 ? ", …" : "")
      notes.append(
        "several runs have the same seed and settings (\(which)): they are identical, and "
          + "count once")
    }
    notes += Comparability.substitutions(runs)
    let going = runs.filter { $0.state != .finished }.count
    if going > 0 {
      let verb = going == 1 ? "is" : "are"
      notes.append("\(Words.count(going, "run")) of \(runs.count) \(verb) not finished")
    }
    return notes
  }
}
