import ExptComponents
public import ExptTensor

/// What the cells of a table's column hold in some of its rows, in the user's own units.
public struct ColumnSummary: Sendable, Hashable {
  public var name: String
  public var kind: TableColumn.Kind
  /// Cells that are missing.
  public var missing: Int
  /// Of numbers and counts; nil for levels, and where all cells are missing.
  public var values: ValueSummary?
  /// How many cells have each level of a binary or categorical column, in the order of the levels.
  public var levels: [Level]

  public struct Level: Sendable, Hashable {
    public var name: String
    public var count: Int
  }

  /// Of each column.
  ///
  /// - Parameter images: As they were loaded, before anything is standardised.
  static func all(of images: ImageSet, _ numbers: Range<Int>) -> [ColumnSummary] {
    guard let table = images.table, case .floats(let floats) = images.pixels else { return [] }
    return table.columns.indices.map { column in
      var cells: [Float] = []
      for number in numbers {
        for value in table.values(of: column) {
          let place = number * images.shape.count + value
          if images.observed?[place] != 0 { cells.append(floats[place]) }
        }
      }
      return ColumnSummary(
        table.columns[column], cells,
        missing: numbers.count * table.values(of: column).count - cells.count)
    }
  }

  private init(_ column: TableColumn, _ cells: [Float], missing: Int) {
    (name, kind, self.missing) = (column.name, column.kind, missing)
    switch column.kind {
    case .numeric, .count:
      values = ValueSummary(values: cells.map { Float(column.number($0)) })
      levels = []
    case .binary, .categorical:
      values = nil
      levels = column.levels.enumerated().map { place, name in
        Level(name: name, count: cells.count { $0 == Float(place) })
      }
    }
  }
}
