public import ExptFiles

/// `metrics.csv` or `timing.csv` in memory.
public struct MetricsTable: Sendable, Hashable {
  public var columns: [String]
  /// One row per epoch, each as long as `columns`; NaN where a field is empty.
  public var rows: [[Double]]

  public init(columns: [String], rows: [[Double]]) {
    self.columns = columns
    self.rows = rows
  }

  /// Reads a table, also while it is being written: a last row that is not finished is left out.
  public static func read(_ path: String) throws(FileProblem) -> MetricsTable {
    try parse(FileBytes.read(path), path: path)
  }

  static func parse(_ bytes: [UInt8], path: String) throws(FileProblem) -> MetricsTable {
    let table = try CSVTable.parse(bytes, path: path)
    return MetricsTable(
      columns: table.header, rows: table.rows.map { row in row.map { Double($0) ?? .nan } })
  }

  /// A column's values from the first row to the last; nil if there is no such column.
  public subscript(column: String) -> [Double]? {
    guard let place = columns.firstIndex(of: column) else { return nil }
    return rows.map { $0[place] }
  }
}

/// One field of a row.
public enum MetricValue: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral
{
  case integer(Int)
  case double(Double)
  case float(Float)
  /// Left empty, for example a validation loss if there is no validation.
  case none

  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .double(value) }

  /// The shortest text that reads back as the same value.
  var text: String {
    switch self {
    case .integer(let value): String(value)
    case .double(let value): CSV.field(value)
    case .float(let value): CSV.field(value)
    case .none: ""
    }
  }
}

/// Writes `metrics.csv` or `timing.csv`, whose columns are fixed from the start and whose first
/// column is the epoch. The same values always give the same bytes.
///
/// A row is one write and on disk when `append` returns. A row that a kill cut short is left out by
/// every reader and dropped on resuming. Append an epoch's row before saving its checkpoint: then
/// every epoch that a checkpoint has behind it has its row.
public final class MetricsWriter {
  public let columns: [String]
  private let file: AppendingFile

  /// Makes the table with its header, in place of one that may be there.
  public init(_ path: String, columns: [String]) throws(FileProblem) {
    try AtomicFile.write(CSV.line(columns), to: path)
    self.columns = columns
    file = try AppendingFile(path)
  }

  /// Goes on with a table: keeps the rows of the epochs up to `epoch`, byte for byte, and drops
  /// those after it. Where there is no table, or its header was cut short, it is made again.
  ///
  /// - Throws: `malformed` when the table has other columns.
  public init(
    resuming path: String, columns: [String], keepingThrough epoch: Int
  ) throws(FileProblem) {
    var kept: [[String]] = []
    if FilePath.exists(path) {
      let table = try CSVTable.read(path)
      guard table.header == columns || table.header.isEmpty else {
        throw FileProblem(
          .malformed,
          "its columns are \(table.header.joined(separator: ",")), and this run "
            + "writes \(columns.joined(separator: ",")).", path: path)
      }
      kept = table.rows.filter { row in row.first.flatMap { Int($0) }.map { $0 <= epoch } ?? false }
    }
    try AtomicFile.write(CSV.line(columns) + kept.map(CSV.line).joined(), to: path)
    self.columns = columns
    file = try AppendingFile(path)
  }

  /// Appends a row: as many values as there are columns.
  public func append(_ row: [MetricValue]) throws(FileProblem) {
    precondition(
      row.count == columns.count, "\(row.count) values for the columns \(columns)")
    try file.append(CSV.line(row.map(\.text)), isDurable: true)
  }
}
