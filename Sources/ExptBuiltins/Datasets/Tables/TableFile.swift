import ExptComponents
import ExptDocument
import ExptFiles

/// A text file with a table, its columns by name.
struct TableFile: Sendable {
  /// What a cell holds.
  enum Cell {
    case missing
    case number(DecimalNumber)
    case text(String)
  }

  let path: String
  /// Of the columns; those without a name are called `column_2`, by their place from 0.
  let names: [String]
  /// What is to be said about how it was read.
  let notes: [String]
  private let text: DelimitedText
  /// Rows in front of the first one of data.
  private let headerRows: Int
  private let point: UInt8
  private let markers: Set<String>
  private let hasNumericMarkers: Bool

  /// - Throws: `malformed` for a file that is no table, or names a column twice.
  init(_ path: String, _ dataset: CSVDataset) throws(DataProblem) {
    let separator: DelimitedText.Separator? =
      switch dataset.separator {
      case .auto: nil
      case .comma: .comma
      case .semicolon: .semicolon
      case .tab: .tab
      case .bar: .bar
      }
    let text = try DataProblem.translating { () throws(FileProblem) in
      try DelimitedText.read(
        path, separator: separator, decimalComma: dataset.decimal == .comma)
    }
    self.path = path
    self.text = text
    point = dataset.decimal == .comma ? 0x2c : 0x2e
    markers = Set(dataset.missing.map { $0.lowercased() })
    hasNumericMarkers = dataset.missing.contains { [point] marker in
      DecimalNumber(marker, point: point) != nil
    }
    guard text.rowCount > 0 else { throw DataProblem(.malformed, "\(path): holds no table") }
    let first = (0..<text.columnCount).map { text.text(row: 0, column: $0) ?? "" }
    let hasHeader =
      dataset.header
      ?? first.allSatisfy { [point] in !$0.isEmpty && DecimalNumber($0, point: point) == nil }
    headerRows = hasHeader ? 1 : 0
    names = first.enumerated().map { number, name in
      hasHeader && !name.isEmpty ? name : "column_\(number)"
    }
    var notes: [String] = []
    if !hasHeader, dataset.header == nil {
      notes.append(
        "\(path): its first row holds numbers or nothing, so that columns are called column_0, …; write "
          + "'header: true' if it names them")
    }
    if text.blankLines > 0 {
      notes.append(
        "\(path): \(text.blankLines) empty \(text.blankLines == 1 ? "line" : "lines") skipped")
    }
    self.notes = notes
    try checkNames(hasHeader, first)
  }

  private func checkNames(_ hasHeader: Bool, _ first: [String]) throws(DataProblem) {
    if hasHeader, (0..<text.columnCount).contains(where: { text.text(row: 0, column: $0) == nil }) {
      throw DataProblem(.malformed, "\(path):1: is no UTF-8 text; save the file as UTF-8")
    }
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw DataProblem(.malformed, "\(path):1: two columns are called '\(name)'; rename one")
    }
    guard text.rowCount > headerRows else {
      throw DataProblem(.malformed, "\(path): holds a header, and no row below it")
    }
  }

  /// Rows of data.
  var count: Int { text.rowCount - headerRows }

  /// `penguins.csv:17`, of a row of data.
  func place(_ row: Int) -> String { "\(path):\(text.line(ofRow: row + headerRows))" }

  /// The place of a column.
  ///
  /// - Throws: `malformed`, at the setting that names it.
  func column(_ name: String, named setting: String) throws(DataProblem) -> Int {
    if let place = names.firstIndex(of: name) { return place }
    let help =
      closestMatch(to: name, among: names).map { "did you mean '\($0)'?" }
      ?? "its columns: \(names.prefix(40).joined(separator: ", "))\(names.count > 40 ? ", …" : "")"
    throw DataProblem(.malformed, "\(path): has no column '\(name)'; \(help)", setting: setting)
  }

  func cell(_ row: Int, _ column: Int) -> Cell {
    let row = row + headerRows
    if !hasNumericMarkers, let number = text.number(row: row, column: column, point: point) {
      return .number(number)
    }
    let text = text.text(row: row, column: column) ?? "\u{fffd}"
    if text.isEmpty || markers.contains(text.lowercased()) { return .missing }
    return DecimalNumber(text, point: point).map(Cell.number) ?? .text(text)
  }

  /// A cell as it stands in the file.
  func text(_ row: Int, _ column: Int) -> String {
    text.text(row: row + headerRows, column: column) ?? "\u{fffd}"
  }

  /// What tells a cell's level from others: its text, numbers by their value; nil where it is missing.
  func level(_ row: Int, _ column: Int) -> String? {
    switch cell(row, column) {
    case .missing: nil
    case .number(let number): Self.name(of: number.value)
    case .text(let text): text
    }
  }

  /// `2` for 2.0.
  static func name(of number: Double) -> String {
    Int64(exactly: number).map { "\($0)" } ?? "\(number)"
  }
}
