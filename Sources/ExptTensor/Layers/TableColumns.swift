/// What the numbers of a table's rows mean: the columns of the user's own file, in their order.
///
/// An example is a row, `[1, 1, columns]`, or a window of rows that follow one another, `[columns, 1,
/// window]`: either way all values of a column lie side by side. Cells that are missing hold 0.
public struct TableColumns: Sendable, Hashable {
  public var columns: [TableColumn]
  /// Rows of an example.
  public var window = 1
  /// Whether any cell is missing.
  public var hasMissing = false
  /// The names of the classes 0, 1, … of the labels.
  public var classes: [String] = []
  /// Whether numeric columns are brought to mean 0 and variance 1 over the training rows.
  public var standardizes = true

  public init(_ columns: [TableColumn], window: Int = 1) {
    self.columns = columns
    self.window = max(1, window)
  }

  /// The shape of an example.
  public var shape: Shape { window == 1 ? [1, 1, columns.count] : [columns.count, 1, window] }

  /// The values of a column in an example.
  public func values(of column: Int) -> Range<Int> { column * window..<(column + 1) * window }

  /// The column that a value of an example is of, and its row in the window.
  public func place(of value: Int) -> (column: Int, row: Int) { (value / window, value % window) }

  /// A value in words: `column 'age'`, or `column 'age', row 3 of the window`.
  public func name(ofPlace value: Int) -> String {
    let (column, row) = place(of: value)
    guard columns.indices.contains(column) else { return "column \(column)" }
    let name = "column '\(columns[column].name)'"
    return window == 1 ? name : "\(name), row \(row) of the window"
  }
}

/// A column of a table.
public struct TableColumn: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    /// Real numbers x, kept as (x − origin − mean) / scale.
    case numeric
    /// 0 or 1, for one of two levels.
    case binary
    /// 0, 1, …, for levels in no order.
    case categorical
    /// Whole numbers from 0 on, as they are.
    case count
  }

  /// As in the header of the file.
  public var name: String
  public var kind: Kind
  /// The texts that 0, 1, … stand for, where it is binary or categorical.
  public var levels: [String] = []
  /// Of a numeric column: what is taken away first, so that a Float holds what is left.
  public var origin = 0.0
  /// Over the training rows; of a count, those of log(1 + x), by which an encoder sees it.
  public var mean = 0.0
  public var scale = 1.0
  /// The digits behind the point that the numbers of a numeric column have at most; nil: any.
  public var decimals: Int?

  public init(_ name: String, _ kind: Kind, levels: [String] = []) {
    self.name = name
    self.kind = kind
    self.levels = levels
  }

  /// The number in the user's units that a value stands for.
  public func number(_ value: Float) -> Double {
    kind == .numeric ? origin + (mean + scale * Double(value)) : Double(value)
  }

  /// The cell of the user's file that a value was made of: the number rounded to the digits that the column
  /// has, or the level.
  ///
  /// Exact where the numbers of the column, without the point, spread over less than 2²² of them.
  public func cell(_ value: Float) -> String {
    switch kind {
    case .numeric: text(number(value), decimals: decimals)
    case .count: text(Double(value), decimals: 0)
    case .binary, .categorical: level(value)
    }
  }

  /// The same of what a model makes of a cell: means, with two more digits, and the nearest level.
  public func cell(ofMean value: Float) -> String {
    switch kind {
    case .numeric: text(number(value), decimals: decimals.map { $0 + 2 })
    case .count: text(Double(value), decimals: 2)
    case .binary, .categorical: level(value)
    }
  }

  private func level(_ value: Float) -> String {
    guard value.isFinite, !levels.isEmpty else { return "" }
    let place = min(max(value.rounded(), 0), Float(levels.count - 1))
    return levels[Int(place)]
  }

  /// The shortest text that reads back as the same number, without a point where it is whole.
  private func text(_ number: Double, decimals: Int?) -> String {
    var number = number
    if let decimals, (0...9).contains(decimals) {
      let power = (0..<decimals).reduce(1.0) { power, _ in power * 10 }
      let scaled = (number * power).rounded()
      if abs(scaled) < 0x1p53 { number = scaled / power }
    }
    return Int64(exactly: number).map { "\($0)" } ?? "\(number)"
  }
}
