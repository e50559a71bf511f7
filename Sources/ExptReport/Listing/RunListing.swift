import ExptFiles
public import ExptRunFolder

/// Runs as `expt runs` lists them: which, in what order, and the settings that differ.
public struct RunListing: Sendable {
  public var runs: [RunRecord]
  /// What the runs are judged by; nil if there are no metrics yet.
  public var metric: String?
  /// Settings that differ, but for the name.
  public var keys: [String]
  /// Those of them that a table shows; see `SettingDifferences.tellingKeys`.
  public var tellingKeys: [String]
  public var now: Timestamp

  /// - Parameter allSettings: Take every setting for one that differs.
  public init(_ runs: [RunRecord], allSettings: Bool = false, now: Timestamp = .now) {
    self.runs = runs
    self.now = now
    metric = Metric.main(of: runs)
    guard !allSettings else {
      var order = KeyOrder()
      for run in runs { order.add(run.settings.all.lazy.map(\.key)) }
      keys = order.keys.filter { $0 != "name" && $0 != "seed" }
      tellingKeys = keys
      return
    }
    let differences = SettingDifferences(runs) { $0 == "name" }
    keys = differences.keys
    tellingKeys = differences.tellingKeys
  }

  /// Runs by a name's value, `-NAME` from high to low; runs without one come last. Without a name,
  /// the newest first.
  ///
  /// - Throws: A name that no run has.
  public static func sorted(
    _ runs: [RunRecord], by name: String?, now: Timestamp = .now
  ) throws(QueryProblem) -> [RunRecord] {
    let falls = name?.hasPrefix("-") ?? false
    var name = name.map { falls ? String($0.dropFirst()) : $0 }
    if let short = name { name = try Query.wholeName(short, in: runs) }
    let keyed = runs.enumerated().map { [name] index, run in
      let value = name.map { RunFields.value(of: $0, in: run, now: now) } ?? run.newness
      return (key: SortKey(value ?? .null), index: index, run: run)
    }
    return keyed.sorted { a, b in
      if a.key.isMissing || b.key.isMissing || a.key == b.key {
        return a.key.isMissing == b.key.isMissing ? a.index < b.index : b.key.isMissing
      }
      return falls ? b.key < a.key : a.key < b.key
    }.map(\.run)
  }

  /// Problems of runs that cannot be read, one sentence each with the path.
  public var problems: [String] {
    runs.compactMap { run in run.problem.map { "\(run.path): \($0)" } }
  }

  /// What a run was trained on, in a few words.
  static func data(_ run: RunRecord) -> String {
    guard let data = run.manifest?.dataset else { return "" }
    return data.substitutedFor.map { "\(data.name), not \($0)" } ?? data.name
  }
}

extension RunRecord {
  /// Smaller for newer runs.
  fileprivate var newness: RunValue? {
    manifest.map { .whole(-$0.created.seconds) }
  }
}

/// Numbers before texts.
private enum SortKey: Comparable {
  case number(RunNumber)
  case text(String)
  case missing

  init(_ value: RunValue) {
    switch value {
    case .null: self = .missing
    case .number: self = RunNumber(value).map(SortKey.number) ?? .missing
    default: self = .text(value.description)
    }
  }

  var isMissing: Bool { self == .missing }
}

/// Short names for runs: their paths without the folder that all of them share.
public struct RunLabels: Sendable {
  /// What all paths begin with, for example `runs/vae_mnist`; `.` where that is nothing.
  public var folder: String
  /// A label a run, in their order.
  public var labels: [String]

  public init(_ runs: [RunRecord]) {
    let parts = runs.map { run in
      run.path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    }
    var shared = parts.first.map { Array($0.dropLast()) } ?? []
    for path in parts {
      let common = zip(shared, path.dropLast()).prefix { $0 == $1 }.count
      shared.removeSubrange(common...)
    }
    let isRoot = shared == [""]
    folder = isRoot ? "/" : shared.isEmpty ? "." : shared.joined(separator: "/")
    labels = parts.map { $0.dropFirst(shared.count).joined(separator: "/") }
  }
}
