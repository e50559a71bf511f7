/// A table of text with aligned columns, for terminals.
struct TextTable {
  private var rows: [[String]]
  private let alignedRight: Set<Int>

  /// - Parameter alignedRight: The columns of numbers.
  init(_ header: [String], alignedRight: Set<Int> = []) {
    rows = [header]
    self.alignedRight = alignedRight
  }

  mutating func add(_ row: [String]) { rows.append(row) }

  var text: String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return alignedRight.contains(column) ? space + cell : cell + space
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }
}
