/// A dataset whose examples are rows of a file with named columns: commands put what they find beside the
/// user's own cells.
public protocol TableDataset: Dataset {
  /// The cells of the file that some of its examples come from.
  func cells(
    of images: ImageSet, _ environment: DataEnvironment
  ) throws(DataProblem) -> TableCells
}

/// The cells of a table as the user's file has them.
public struct TableCells: Sendable {
  /// Of all columns, in the file's order.
  public var names: [String]
  /// Of those whose values no example has: labels, names, times.
  public var others: [String]
  /// The text of a cell, by row, from 0, and column.
  public var cell: @Sendable (_ row: Int, _ column: Int) -> String

  public init(
    names: [String], others: [String],
    cell: @escaping @Sendable (_ row: Int, _ column: Int) -> String
  ) {
    self.names = names
    self.others = others
    self.cell = cell
  }

  /// The cells of a row in some columns.
  public func row(_ row: Int, _ columns: [String]) -> [String] {
    columns.map { name in names.firstIndex(of: name).map { cell(row, $0) } ?? "" }
  }
}
