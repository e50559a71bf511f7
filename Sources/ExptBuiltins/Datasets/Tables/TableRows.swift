import ExptComponents
import ExptFiles
import ExptTensor

/// The rows of a file as numbers, column by column.
struct TableRows {
  let path: String
  let count: Int
  /// Of each column, `count` values; 0 where one is missing.
  private var values: [[Float]] = []
  /// 1 where a value is observed, else 0; nil for a column in which all are.
  private var masks: [[UInt8]?] = []
  private(set) var labels: [Int32]?
  private(set) var factors: [(name: String, values: [Float])] = []
  /// Cells with levels that no training row has.
  private(set) var notes: [String] = []

  var hasMissing: Bool { masks.contains { $0 != nil } }

  /// - Throws: `malformed` for a column that is not there, or a cell that its kind does not take, with its place.
  init(_ file: TableFile, _ table: TableColumns, _ dataset: CSVDataset) throws(DataProblem) {
    (path, count) = (file.path, file.count)
    for column in table.columns {
      let place = try file.column(column.name, named: "path")
      let (own, mask) = try read(file, place, column)
      values.append(own)
      masks.append(mask)
    }
    if let name = dataset.labels {
      let place = try file.column(name, named: "labels")
      let classes = Self.numbers(of: table.classes)
      labels = (0..<count).map { row in
        Int32(classes[file.level(row, place) ?? TableReading.missingLabel] ?? 0)
      }
    }
    for name in dataset.factors {
      factors.append((name, try factor(file, name)))
    }
  }

  private mutating func read(
    _ file: TableFile, _ place: Int, _ column: TableColumn
  ) throws(DataProblem) -> ([Float], [UInt8]?) {
    let levels = Self.numbers(of: column.levels)
    var (values, mask) = ([Float](repeating: 0, count: count), [UInt8](repeating: 1, count: count))
    var (missing, unknown) = (0, [String]())
    for row in 0..<count {
      switch column.kind {
      case .numeric, .count:
        guard let number = try number(file, row, place, column) else { break }
        values[row] = Float(column.kind == .numeric ? number - column.origin : number)
        continue
      case .binary, .categorical:
        guard let level = file.level(row, place) else { break }
        if let number = levels[level] {
          values[row] = Float(number)
          continue
        }
        unknown.append(level)
      }
      mask[row] = 0
      missing += 1
    }
    if let first = unknown.first {
      notes.append(
        "\(path): \(unknown.count) \(unknown.count == 1 ? "cell" : "cells") of column '\(column.name)', such as "
          + "'\(first)', \(unknown.count == 1 ? "has a level" : "have levels") that no training row has, and count "
          + "as missing")
    }
    return (values, missing > 0 ? mask : nil)
  }

  /// A cell of a numeric column or of counts; nil where it is missing.
  private func number(
    _ file: TableFile, _ row: Int, _ place: Int, _ column: TableColumn
  ) throws(DataProblem) -> Double? {
    let value: Double
    switch file.cell(row, place) {
    case .missing: return nil
    case .text(let text):
      throw DataProblem(
        .malformed,
        "\(file.place(row)): '\(text)' in column '\(column.name)' is not a number; write missing: [\(text)] if it "
          + "stands for none")
    case .number(let number): value = number.value
    }
    let isTooLarge = !Float(value - column.origin).isFinite
    if isTooLarge
      || (column.kind == .count && (value < 0 || value != value.rounded() || value > 0x1p24))
    {
      let number = TableFile.name(of: value)
      throw DataProblem(
        .malformed,
        isTooLarge
          ? "\(file.place(row)): \(number) in column '\(column.name)' is too large"
          : "\(file.place(row)): column '\(column.name)' holds counts, whole numbers from 0 to 16777216, and here "
            + "\(number); write numeric: [\(column.name)]")
    }
    return value
  }

  private func factor(_ file: TableFile, _ name: String) throws(DataProblem) -> [Float] {
    let place = try file.column(name, named: "factors")
    var values: [Float] = []
    values.reserveCapacity(count)
    for row in 0..<count {
      guard case .number(let number) = file.cell(row, place), Float(number.value).isFinite else {
        throw DataProblem(
          .malformed,
          "\(file.place(row)): the factor '\(name)' must be a number in every row, and is '\(file.text(row, place))'",
          setting: "factors")
      }
      values.append(Float(number.value))
    }
    return values
  }

  private static func numbers(of levels: [String]) -> [String: Int] {
    Dictionary(zip(levels, 0...), uniquingKeysWith: { first, _ in first })
  }

  /// Examples that begin in these rows.
  func examples(_ starts: [Int], _ table: TableColumns) -> ImageSet {
    let (window, size) = (table.window, table.shape.count)
    var pixels = [Float](repeating: 0, count: starts.count * size)
    var observed = [UInt8](repeating: 1, count: hasMissing ? pixels.count : 0)
    for column in table.columns.indices {
      for (example, start) in starts.enumerated() {
        let first = example * size + column * window
        for row in 0..<window {
          pixels[first + row] = values[column][start + row]
          if let mask = masks[column] { observed[first + row] = mask[start + row] }
        }
      }
    }
    let last = starts.map { $0 + window - 1 }
    var set = ImageSet(
      shape: table.shape, count: starts.count, pixels: .floats(pixels),
      labels: labels.map { labels in last.map { labels[$0] } },
      factors: factors.map { factor in (factor.name, last.map { factor.values[$0] }) },
      rows: starts, source: path)
    (set.isTable, set.table) = (true, table)
    if observed.contains(0) { set.observed = observed }
    return set
  }
}
