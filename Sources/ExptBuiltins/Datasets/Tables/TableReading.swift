import ExptComponents
import ExptData
import ExptTensor

/// A table read by the settings of its dataset: its columns, its parts, its rows.
struct TableReading {
  let table: TableColumns
  let parts: TableParts
  private let dataset: CSVDataset
  private let rows: TableRows
  /// Of a test file; nil without one.
  private let others: TableRows?
  private let notes: [String]

  /// The class of rows whose label is missing.
  static let missingLabel = "(missing)"

  init(_ dataset: CSVDataset, _ environment: DataEnvironment) throws(DataProblem) {
    self.dataset = dataset
    let file = try TableFile(DataFolder.resolve(dataset.path, environment), dataset)
    let other = try dataset.testPath.map { path throws(DataProblem) in
      try TableFile(DataFolder.resolve(path, environment), dataset)
    }
    for each in [file, other].compactMap(\.self) { try TimeOrder.check(each, dataset) }
    parts = try TableParts(dataset, rows: file.count, others: other?.count)
    var columns = ColumnChoice(dataset, file)
    var table = environment.table ?? TableColumns([])
    if environment.table == nil {
      let training = Self.rows(from: parts.train, dataset, limit: file.count)
      table.columns = try columns.find(rows: training)
      // Numbers that are not scaled stay as they are.
      for column in table.columns.indices where !dataset.standardize {
        table.columns[column].origin = 0
      }
    }
    (table.window, table.standardizes) = (dataset.window ?? 1, dataset.standardize)
    try checkMemory(forImages: parts.train.count + parts.test.count, of: table.shape)
    if let name = dataset.labels {
      table.classes = try Self.classes(
        name, [file, other].compactMap(\.self), known: table.classes)
    }
    let rows = try TableRows(file, table, dataset)
    let others = try other.map { file throws(DataProblem) in try TableRows(file, table, dataset) }
    if environment.table == nil { table.hasMissing = rows.hasMissing || others?.hasMissing == true }
    (self.table, self.rows, self.others) = (table, rows, others)
    notes =
      file.notes + columns.notes(table, labels: dataset.labels, rows: file.count) + rows.notes
      + (other?.notes ?? []) + (others?.notes ?? [])
  }

  /// The rows of the training examples, validation included.
  private static func rows(from starts: [Int], _ dataset: CSVDataset, limit: Int) -> [Int] {
    guard let window = dataset.window, window > 1, let first = starts.first, let last = starts.last
    else { return starts }
    return Array(first..<min(last + window, limit))
  }

  /// The names of all classes in the files, those that are known first.
  private static func classes(
    _ name: String, _ files: [TableFile], known: [String]
  ) throws(DataProblem) -> [String] {
    var (levels, isMissing) = (Set<String>(), false)
    for file in files {
      let place = try file.column(name, named: "labels")
      for row in 0..<file.count {
        if let level = file.level(row, place) { levels.insert(level) } else { isMissing = true }
      }
    }
    guard levels.count < 1 << 16 else {
      throw DataProblem(
        .malformed, "column '\(name)' has \(levels.count) different labels; there can be 65535",
        setting: "labels")
    }
    let new = FoundColumn.sorted(levels.subtracting(known))
    return known + new + (isMissing && !known.contains(missingLabel) ? [missingLabel] : [])
  }

  func data(_ wanted: DataParts) -> LoadedData {
    let test = others ?? rows
    var data = LoadedData(
      train: rows.examples(wanted.contains(.train) ? parts.train : [], table),
      test: test.examples(wanted.contains(.test) ? parts.test : [], table))
    data.notes = notes
    if let window = dataset.window {
      let left = parts.straddling
      let held =
        left > 0 ? ", \(left) left out that would reach into the test rows" : ""
      data.notes.append(
        "\(rows.path): \(parts.train.count + parts.test.count) windows of \(window) rows, one every "
          + "\(dataset.stride)\(held)")
    }
    return data
  }
}

/// Whether rows ascend in time.
enum TimeOrder {
  /// - Throws: `malformed` for the first row that is before the one above it, or has no time.
  static func check(_ file: TableFile, _ dataset: CSVDataset) throws(DataProblem) {
    guard let name = dataset.time else { return }
    let place = try file.column(name, named: "time")
    var last: TableFile.Cell?
    for row in 0..<file.count {
      let now = file.cell(row, place)
      let isLater =
        switch (last, now) {
        case (_, .missing): false
        case (nil, _): true
        case (.number(let before), .number(let now)): before.value <= now.value
        case (.text(let before), .text(let now)):
          !now.unicodeScalars.lexicographicallyPrecedes(before.unicodeScalars)
        default: false
        }
      guard isLater else {
        throw DataProblem(
          .malformed,
          "\(file.place(row)): the time '\(file.text(row, place))' does not follow the one above it; sort the rows "
            + "by '\(name)', with times as numbers or as 2026-01-31 12:00", setting: "time")
      }
      last = now
    }
  }
}
