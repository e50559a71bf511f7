import ExptFiles
public import ExptRunFolder

/// A run with its metrics read, and with those that follow from them.
public struct RunMetrics: Sendable {
  public let run: RunRecord
  public let table: MetricsTable
  /// Why the metrics cannot be read, in a sentence without the path.
  public let problem: String?

  public init(_ run: RunRecord) {
    self.run = run
    do {
      table = run.evaluations.joined(to: Self.extended(try run.metrics()))
      problem = nil
    } catch {
      table = MetricsTable(columns: [], rows: [])
      problem = "\(FilePath.name(of: error.path)): \(error.message)"
    }
  }

  /// The best value of a metric; of a loss the best on the scale that epochs are judged on.
  public func best(_ metric: String) -> (value: Double, epoch: Int)? {
    Metric.best(
      of: Metric.judged(metric, among: table.columns), in: table, direction: direction(of: metric))
  }

  /// Which values of a metric are better: an evaluator says so of its own.
  public func direction(of metric: String) -> Metric.Direction {
    run.evaluations.direction(of: metric) ?? Metric.direction(of: metric)
  }

  /// The last value of a metric, on the same scale.
  public func last(_ metric: String) -> (value: Double, epoch: Int)? {
    Metric.last(of: Metric.judged(metric, among: table.columns), in: table)
  }
  /// The values of a metric from the first epoch to the last, on the same scale.
  public func values(_ metric: String) -> [Double]? {
    table[Metric.judged(metric, among: table.columns)]
  }

  /// A metric over the epochs, on the same scale.
  public func points(_ metric: String) -> [(x: Double, y: Double)] {
    columnPoints(Metric.judged(metric, among: table.columns))
  }

  /// A column as it is over the epochs.
  public func columnPoints(_ column: String) -> [(x: Double, y: Double)] {
    guard let values = table[column] else { return [] }
    let epochs = table["epoch"] ?? values.indices.map { Double($0 + 1) }
    return zip(epochs, values).map { ($0, $1) }
  }

  /// Columns that a row implies: the negative ELBO is reconstruction and KL, whatever β weighs.
  private static func extended(_ table: MetricsTable) -> MetricsTable {
    var table = table
    for part in ["train", "validation"] {
      let name = "\(part)_negative_elbo"
      guard let reconstruction = table.columns.firstIndex(of: "\(part)_reconstruction"),
        let kl = table.columns.firstIndex(of: "\(part)_kl"), !table.columns.contains(name)
      else { continue }
      table.columns.append(name)
      for row in table.rows.indices {
        table.rows[row].append(table.rows[row][reconstruction] + table.rows[row][kl])
      }
    }
    return table
  }
}
