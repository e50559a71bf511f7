public import ExptFiles
public import ExptRunFolder

/// What evaluators measured of a run, by names such as `evaluation.mig`: after training (the newest
/// measurement of a number stands for it), else while it trained.
public struct RunEvaluations: Sendable {
  private let evaluations: Evaluations
  /// While it trained; empty if nothing was.
  private let table: MetricsTable

  /// What the names of numbers begin with.
  public static let prefix = "evaluation."

  public init() {
    evaluations = Evaluations()
    table = MetricsTable(columns: [], rows: [])
  }

  /// Reads `evaluations.json` and `evaluations.csv`, where they are.
  public init(_ folder: RunFolder) throws(FileProblem) {
    evaluations = try folder.readEvaluations()
    table =
      FilePath.exists(folder.trainingEvaluationsFile)
      ? try MetricsTable.read(folder.trainingEvaluationsFile)
      : MetricsTable(columns: [], rows: [])
  }

  /// All measurements after training.
  public var entries: [Evaluations.Entry] { evaluations.entries }

  /// `evaluation.mig`, ….
  public var names: [String] {
    var seen: Set<String> = []
    let all = evaluations.names + table.columns.filter { !Metric.isPosition($0) }
    return all.filter { seen.insert($0).inserted }.map { Self.prefix + $0 }
  }

  /// The value that a name stands for; nil if it was not measured.
  public func value(of name: String) -> Double? {
    guard let number = Self.number(name) else { return nil }
    return evaluations[number] ?? table[number]?.last { !$0.isNaN }
  }

  /// Which values are better; nil for a name that stands for no evaluation of this run.
  public func direction(of name: String) -> Metric.Direction? {
    guard let entry = entry(of: name) else { return nil }
    // Only the first number of an evaluator is what its direction is about, and those named after it.
    let isMeant = Self.number(name)?.hasPrefix(entry.numbers[0].name) ?? false
    return isMeant ? entry.isHigherBetter ? .higher : .lower : nil
  }

  /// What a name's number was measured by.
  private func entry(of name: String) -> Evaluations.Entry? {
    guard let number = Self.number(name) else { return nil }
    return evaluations.entry(of: number) ?? evaluations.trainingEntry(of: number)
  }

  private static func number(_ name: String) -> String? {
    name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil
  }

  /// A table of metrics with a column for each number, NaN in epochs that were not measured.
  func joined(to metrics: MetricsTable) -> MetricsTable {
    guard !names.isEmpty, let epochs = metrics["epoch"] else { return metrics }
    var joined = metrics
    for name in names {
      guard let number = Self.number(name) else { continue }
      var values: [Double: Double] = [:]
      if let entry = evaluations.entry(of: number) {
        values[Double(entry.epoch)] = evaluations[number]
      } else if let measured = table[number], let at = table["epoch"] {
        for (epoch, value) in zip(at, measured) { values[epoch] = value }
      }
      joined.columns.append(name)
      for row in joined.rows.indices { joined.rows[row].append(values[epochs[row]] ?? .nan) }
    }
    return joined
  }

  /// Why a number of several runs does not compare, in a sentence: they were measured in different ways;
  /// nil if it does.
  static func difference(_ runs: [RunRecord], in name: String) -> String? {
    var ways: [String] = []
    for run in runs {
      guard let way = run.evaluations.entry(of: name)?.way else { continue }
      let words =
        "\(way.settings.compact) on \(Words.count(way.images, "\(way.part) image"))"
      if !ways.contains(words) { ways.append(words) }
    }
    guard ways.count > 1 else { return nil }
    return "'\(name)' was measured in different ways: \(ways.prefix(3).joined(separator: "; "))"
  }
}
