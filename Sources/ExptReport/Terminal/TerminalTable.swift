/// A table of text: whole, or as it fits a window.
///
///     var table = TerminalTable(["layer", .number("parameters")])
///     table.add(["encoder.0", "314,000"])
///     table.text
public struct TerminalTable: Sendable {
  public struct Column: Sendable {
    public var title: String
    /// Aligned to the right.
    public var isNumber: Bool
    /// Columns that are not may be left out, or put below, where the window is narrow.
    public var isKept: Bool
    /// Of those that may be left out, the ones with less go first, and of equal ones the last.
    public var weight: Int

    public init(_ title: String, isNumber: Bool = false, isKept: Bool = false, weight: Int = 0) {
      self.title = title
      self.isNumber = isNumber
      self.isKept = isKept
      self.weight = weight
    }

    public static func number(_ title: String) -> Column { Column(title, isNumber: true) }
  }

  public var columns: [Column]
  public private(set) var rows: [[String]] = []

  public init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row; characters that could steer the terminal become `�`.
  public mutating func add(_ row: [String]) {
    precondition(row.count == columns.count, "\(row.count) cells in \(columns.count) columns")
    rows.append(row.map { Words.printable($0) })
  }

  /// The table, however wide it gets.
  public var text: String {
    lines(Array(columns.indices), widths, .max).joined(separator: "\n")
  }

  /// The table, without the columns that do not fit, whose titles are returned.
  public func fitting(_ width: Int) -> (text: String, hidden: [String]) {
    let widths = self.widths
    var room =
      width + 2
      - columns.indices.filter { columns[$0].isKept }.map { widths[$0] + 2 }
      .reduce(0, +)
    var shown = columns.indices.filter { columns[$0].isKept }
    var hidden: [Int] = []
    let others = columns.indices.filter { !columns[$0].isKept }
    for index in others.sorted(by: { (-columns[$0].weight, $0) < (-columns[$1].weight, $1) }) {
      if widths[index] + 2 <= room {
        shown.append(index)
        room -= widths[index] + 2
      } else {
        hidden.append(index)
      }
    }
    return (
      lines(shown.sorted(), widths, width).joined(separator: "\n"),
      hidden.sorted().map { columns[$0].title }
    )
  }

  /// The table in as many blocks below each other as the width asks for, the kept columns in each.
  public func wrapped(_ width: Int) -> String {
    let widths = self.widths
    let kept = columns.indices.filter { columns[$0].isKept }
    let keptWidth = kept.map { widths[$0] + 2 }.reduce(0, +)
    var blocks: [[Int]] = [[]]
    var room = width + 2 - keptWidth
    for index in columns.indices where !columns[index].isKept {
      if widths[index] + 2 > room, blocks.last?.isEmpty == false {
        blocks.append([])
        room = width + 2 - keptWidth
      }
      blocks[blocks.count - 1].append(index)
      room -= widths[index] + 2
    }
    return blocks.map { block in
      lines((kept + block).sorted(), widths, width).joined(separator: "\n")
    }.joined(separator: "\n\n")
  }

  private var widths: [Int] {
    columns.indices.map { column in
      max(columns[column].title.count, rows.map { $0[column].count }.max() ?? 0)
    }
  }

  private func lines(_ shown: [Int], _ widths: [Int], _ width: Int) -> [String] {
    ([columns.map(\.title)] + rows).map { row in
      let cells = shown.map { index in
        let space = String(repeating: " ", count: widths[index] - row[index].count)
        return columns[index].isNumber ? space + row[index] : row[index] + space
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line.count > width ? String(line.prefix(max(1, width - 1))) + "…" : line
    }
  }
}

extension TerminalTable.Column: ExpressibleByStringLiteral {
  public init(stringLiteral title: String) { self.init(title) }
}
