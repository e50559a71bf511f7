import ExptComponents
import ExptFiles
import ExptTensor

/// What a column of a file is found to hold, from its training rows.
///
/// | cells | kind |
/// | --- | --- |
/// | two values, texts or numbers | `binary` |
/// | other texts, at most 100 of them and fewer than half as many as rows | `categorical` |
/// | up to five whole numbers, the least 1 or more and none above 20, such as 1, 2, 3 | `categorical` |
/// | other whole numbers, the least 0 or 1 | `count` |
/// | other numbers | `numeric` |
///
/// One value, the numbers of the rows, and nothing are no columns to learn from.
struct FoundColumn {
  enum Finding {
    case column(TableColumn)
    /// Why it is left out: `is 'x' in every training row`.
    case useless(String)
  }

  static let mostTexts = 100

  private let file: TableFile
  private let place: Int
  private var name: String { file.names[place] }
  private var numbers = 0
  private var texts: [String: Int] = [:]
  /// The first rows with a text and with no whole number from 0 on.
  private var firstText: (row: Int, text: String)?
  private var observed = 0
  private var values: Set<Double> = []
  private var (least, greatest) = (Double.infinity, -Double.infinity)
  private var areWhole = true
  private var decimals: Int? = 0
  private var origin: Double?
  private var numbersRows = true

  init(_ file: TableFile, _ place: Int, rows: [Int]) {
    self.file = file
    self.place = place
    for row in rows { add(row) }
  }

  private mutating func add(_ row: Int) {
    switch file.cell(row, place) {
    case .missing:
      numbersRows = false
      return
    case .text(let text):
      if firstText == nil { firstText = (row, text) }
      if texts.count <= Self.mostTexts || texts[text] != nil { texts[text, default: 0] += 1 }
    case .number(let number):
      let value = number.value
      numbers += 1
      if values.count <= Self.mostTexts { values.insert(value) }
      (least, greatest) = (min(least, value), max(greatest, value))
      areWhole = areWhole && value == value.rounded()
      decimals = decimals.flatMap { most in number.decimals.map { max(most, $0) } }
      if origin == nil { origin = value }
      numbersRows = numbersRows && value == Double(row) + (origin ?? 0) - Double(firstRow ?? row)
      if firstRow == nil { firstRow = row }
    }
    observed += 1
  }

  private var firstRow: Int?

  /// - Parameter kind: What somebody said it is; nil: what it looks like.
  /// - Throws: `malformed` where that cannot be.
  func finding(as kind: TableColumn.Kind?) throws(DataProblem) -> Finding {
    guard observed > 0 else { return .useless("is empty in every training row") }
    if let kind { return .column(try column(kind)) }
    let levels = texts.count + values.count
    if levels == 1 {
      let value = texts.first?.key ?? values.first.map(TableFile.name(of:)) ?? ""
      return .useless("is '\(value)' in every training row")
    }
    if texts.isEmpty, areWhole, numbersRows, numbers > 2, values.count > 2 {
      return .useless("numbers the rows")
    }
    return .column(try column(likelyKind(levels)))
  }

  private func likelyKind(_ levels: Int) throws(DataProblem) -> TableColumn.Kind {
    if levels == 2 { return .binary }
    if let firstText {
      try checkTexts(firstText)
      return .categorical
    }
    guard areWhole, least >= 0, greatest < 0x1p24 else { return .numeric }
    if least >= 1, greatest <= 20, levels <= 5 { return .categorical }
    return least <= 1 ? .count : .numeric
  }

  /// Whether its texts are nearly all different, such as names of the rows.
  var areNames: Bool {
    let levels = texts.count + values.count
    return firstText != nil && numbers * 2 < observed
      && (levels > Self.mostTexts || (levels > 10 && 2 * levels > observed))
  }

  /// Texts that are no categories: misspelt numbers, and names.
  private func checkTexts(_ first: (row: Int, text: String)) throws(DataProblem) {
    if numbers * 2 >= observed {
      throw DataProblem(
        .malformed,
        "\(file.place(first.row)): '\(first.text)' in column '\(name)' is not a number, as \(numbers) others are; "
          + "write missing: [\(first.text)] if it stands for none, or categorical: [\(name)]")
    }
    guard areNames else { return }
    let levels = texts.count + values.count
    let many = levels > Self.mostTexts ? "more than \(Self.mostTexts)" : "\(levels)"
    throw DataProblem(
      .malformed,
      "\(file.path): column '\(name)' has \(many) different texts in \(observed) rows, such as '\(first.text)'; "
        + "write ignore: [\(name)], or categorical: [\(name)]")
  }

  private func column(_ kind: TableColumn.Kind) throws(DataProblem) -> TableColumn {
    switch kind {
    case .numeric, .count:
      if let firstText {
        throw DataProblem(
          .malformed,
          "\(file.place(firstText.row)): column '\(name)' is \(kind.rawValue), and '\(firstText.text)' is not a number",
          setting: kind.rawValue)
      }
      var column = TableColumn(name, kind)
      if kind == .numeric { (column.origin, column.decimals) = (origin ?? 0, decimals) }
      return column
    case .binary, .categorical: return TableColumn(name, kind)
    }
  }
}

extension FoundColumn {
  /// The levels of a binary or categorical column in some rows, sorted: numbers by their size; a binary
  /// text column has no, false and the like first.
  ///
  /// - Throws: `malformed` for more than two of a binary column, and for 65536 or more.
  static func levels(
    _ file: TableFile, _ place: Int, rows: [Int], isBinary: Bool
  ) throws(DataProblem) -> [String] {
    var found: Set<String> = []
    for row in rows {
      guard let level = file.level(row, place), found.insert(level).inserted else { continue }
      guard found.count <= (isBinary ? 2 : 65_535) else {
        let name = file.names[place]
        throw DataProblem(
          .malformed,
          "\(file.place(row)): column '\(name)' has "
            + (isBinary
              ? "more than two values: \(found.sorted().joined(separator: ", "))" : "65536 levels"),
          setting: isBinary ? "binary" : "categorical")
      }
    }
    return sorted(found)
  }

  static func sorted(_ levels: Set<String>) -> [String] {
    let numbers = levels.compactMap { level in DecimalNumber(level).map { (level, $0.value) } }
    if numbers.count == levels.count { return numbers.sorted { $0.1 < $1.1 }.map(\.0) }
    let negative: Set<String> = [
      "no", "n", "false", "f", "off", "0", "negative", "absent", "never", "normal", "-",
    ]
    func rank(_ level: String) -> Int { negative.contains(level.lowercased()) ? 0 : 1 }
    return levels.sorted {
      levels.count == 2 && rank($0) != rank($1)
        ? rank($0) < rank($1) : $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
    }
  }
}
