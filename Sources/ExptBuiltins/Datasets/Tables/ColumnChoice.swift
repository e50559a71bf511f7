import ExptComponents
import ExptTensor

/// Which columns of a file are values of its examples, and of what kind.
struct ColumnChoice {
  private let dataset: CSVDataset
  private let file: TableFile
  private var leftOut: [String] = []

  init(_ dataset: CSVDataset, _ file: TableFile) {
    (self.dataset, self.file) = (dataset, file)
  }

  /// - Parameter rows: The training rows.
  /// - Throws: `malformed`, at the setting, for a column that is named and not there, or is not what it is said to be.
  mutating func find(rows: [Int]) throws(DataProblem) -> [TableColumn] {
    let kinds = try kinds()
    var beside = Set(dataset.ignore + dataset.factors)
    for name in dataset.ignore { _ = try file.column(name, named: "ignore") }
    if let name = dataset.labels { beside.insert(name) }
    if let name = dataset.time { beside.insert(name) }
    var columns: [TableColumn] = []
    for (place, name) in file.names.enumerated() where !beside.contains(name) {
      let found = FoundColumn(file, place, rows: rows)
      switch try found.finding(as: kinds[name]) {
      case .useless(let reason): leftOut.append("'\(name)' \(reason)")
      case .column(var column):
        if column.kind == .binary || column.kind == .categorical {
          column.levels = try FoundColumn.levels(
            file, place, rows: rows, isBinary: column.kind == .binary)
        }
        columns.append(column)
      }
    }
    guard !columns.isEmpty else {
      throw DataProblem(
        .malformed,
        "\(file.path): no column is left to learn from"
          + (leftOut.isEmpty ? "" : ": \(leftOut.joined(separator: "; "))"))
    }
    return columns
  }

  private func kinds() throws(DataProblem) -> [String: TableColumn.Kind] {
    var kinds: [String: TableColumn.Kind] = [:]
    let lists: [(TableColumn.Kind, [String])] = [
      (.numeric, dataset.numeric), (.binary, dataset.binary), (.categorical, dataset.categorical),
      (.count, dataset.count),
    ]
    for (kind, names) in lists {
      for name in names {
        _ = try file.column(name, named: kind.rawValue)
        kinds[name] = kind
      }
    }
    return kinds
  }

  /// What columns were found to be, and what was left out.
  func notes(_ table: TableColumns, labels: String?, rows: Int) -> [String] {
    func few(_ words: [String]) -> String {
      words.prefix(30).joined(separator: ", ") + (words.count > 30 ? ", … (\(words.count))" : "")
    }
    var kinds: [String] = TableColumn.Kind.allCases.compactMap { kind in
      let own = table.columns.filter { $0.kind == kind }
      let names = own.map { $0.kind == .categorical ? "\($0.name) (\($0.levels.count))" : $0.name }
      return own.isEmpty ? nil : "\(kind.rawValue): \(few(names))"
    }
    if let labels {
      let classes = table.classes.enumerated().map { "\($0)" == $1 ? $1 : "\($0) \($1)" }
      kinds.append("labels: \(labels) (\(few(classes)))")
    }
    var notes = ["\(file.path): \(rows) rows; \(kinds.joined(separator: "; "))"]
    if !leftOut.isEmpty {
      notes.append("\(file.path): columns left out: \(few(leftOut))")
    }
    return notes
  }
}
