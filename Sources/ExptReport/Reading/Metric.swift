public import ExptRunFolder

/// What is known about a column of `metrics.csv`.
public enum Metric {
  /// Which values are better.
  public enum Direction: Sendable, Hashable {
    case lower, higher
    /// Neither: a KL, a learning rate.
    case none
  }

  /// What decides between runs: the validation loss, else the training loss, else the first column
  /// that is not a setting. (Its values are those of the column that `judged` names.)
  public static func main(of columns: [String]) -> String? {
    let candidates = columns.filter { !isPosition($0) && !isSchedule($0) }
    for name in ["validation_loss", "train_loss"] where candidates.contains(name) { return name }
    return candidates.first { direction(of: $0) != .none } ?? candidates.first
  }

  /// The column to judge epochs and runs by where a loss is asked for: the loss where the run's
  /// schedules lead, in a run whose β moves. Only there does the loss of one epoch compare with that
  /// of another.
  public static func judged(_ name: String, among columns: [String]) -> String {
    let judged = name + atTarget
    return columns.contains(judged) ? judged : name
  }

  /// Whether a column repeats another one of these on the scale that epochs are judged on.
  static func isJudged(_ name: String, among columns: [String]) -> Bool {
    name.hasSuffix(atTarget) && columns.contains(String(name.dropLast(atTarget.count)))
  }

  private static let atTarget = "_at_target"

  /// The main metric of runs together: one that all of them have, where there is one.
  public static func main(of runs: [RunRecord]) -> String? {
    let columns = runs.compactMap { $0.manifest?.lastMetrics?.values.map(\.name) }
    guard let first = columns.first else { return nil }
    let common = first.filter { name in columns.allSatisfy { $0.contains(name) } }
    return main(of: common) ?? main(of: first)
  }

  /// Lower is better but for what is known to be otherwise.
  public static func direction(of name: String) -> Direction {
    if isPosition(name) || isSchedule(name) { return .none }
    let words = name.split(separator: "_")
    if words.contains(where: { ["kl", "rate", "capacity"].contains($0) }) { return .none }
    let higher = ["accuracy", "elbo", "psnr", "ssim", "likelihood", "score", "mig", "dci"]
    if words.contains(where: { higher.contains(String($0)) }), !words.contains("negative") {
      return .higher
    }
    return words.contains("active") ? .none : .lower
  }

  /// The same of some runs: what an evaluator that measured any of them says.
  public static func direction(of name: String, in runs: [RunRecord]) -> Direction {
    runs.lazy.compactMap { $0.evaluations.direction(of: name) }.first ?? direction(of: name)
  }

  /// Whether a column says where training stands.
  public static func isPosition(_ name: String) -> Bool {
    ["epoch", "step", "skipped_steps"].contains(name)
  }

  /// Whether a column is a setting that a schedule changes.
  public static func isSchedule(_ name: String) -> Bool {
    name == "learning_rate" || name == "beta"
  }

  /// The best value of a column with its epoch; the first of several equal ones. NaN is never best.
  ///
  /// - Parameter direction: nil: what the name says.
  public static func best(
    of name: String, in table: MetricsTable, direction: Direction? = nil
  ) -> (value: Double, epoch: Int)? {
    let direction = direction ?? Self.direction(of: name)
    guard direction != .none, let values = table[name] else { return nil }
    var best: (value: Double, epoch: Int)?
    for (row, value) in values.enumerated() where !value.isNaN {
      let isBetter =
        best.map { direction == .lower ? value < $0.value : value > $0.value } ?? true
      if isBetter { best = (value, epoch(ofRow: row, in: table)) }
    }
    return best
  }

  /// The last value of a column with its epoch; of an evaluation, which not every epoch has, the last
  /// there is.
  public static func last(
    of name: String, in table: MetricsTable
  ) -> (value: Double, epoch: Int)? {
    guard let values = table[name], let last = values.indices.last else { return nil }
    let row =
      name.hasPrefix(RunEvaluations.prefix) ? values.lastIndex { !$0.isNaN } ?? last : last
    return (values[row], epoch(ofRow: row, in: table))
  }

  private static func epoch(ofRow row: Int, in table: MetricsTable) -> Int {
    guard let place = table.columns.firstIndex(of: "epoch") else { return row + 1 }
    return Int(exactly: table.rows[row][place]) ?? row + 1
  }
}
