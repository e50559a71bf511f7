import ExptComponents
import ExptFiles

/// The rows of a text file whose cells are separated by commas, or by blanks where its first line has
/// no comma.
struct NamedCells: Sendable {
  /// The first line, if it names columns and no picture.
  let header: [String]?
  /// Never empty, and all of `width` cells, without blanks around them.
  let rows: [[String]]
  let width: Int

  init(_ path: String) throws(DataProblem) {
    var bytes = try DataProblem.translating { () throws(FileProblem) in
      try FileBytes.read(path, limit: 1 << 30)
    }
    // One line break at the end, whether there were several or none.
    while let last = bytes.last, last == 0x0a || last == 0x0d { bytes.removeLast() }
    bytes.append(UInt8(ascii: "\n"))
    let first = bytes.prefix { $0 != UInt8(ascii: "\n") }
    let all =
      first.contains(UInt8(ascii: ","))
      ? try Self.separatedByCommas(bytes, path: path)
      : try Self.separatedByBlanks(bytes, path: path)
    let hasHeader = all.count > 1 && Self.namesColumns(all[0])
    header = hasHeader ? all.first : nil
    rows = Array(hasHeader ? all.dropFirst() : all[...])
    width = rows.first?.count ?? 0
    guard width > 0 else {
      throw DataProblem(.malformed, "\(path): names no pictures")
    }
  }

  /// What a column is called in messages, and as a factor.
  func title(_ column: Int) -> String { header?[column] ?? "column_\(column + 1)" }

  private static func separatedByCommas(
    _ bytes: [UInt8], path: String
  ) throws(DataProblem) -> [[String]] {
    let table = try DataProblem.translating { () throws(FileProblem) in
      try CSVTable.parse(bytes, path: path)
    }
    return ([table.header] + table.rows).map { $0.map(trimmed) }
  }

  private static func separatedByBlanks(
    _ bytes: [UInt8], path: String
  ) throws(DataProblem) -> [[String]] {
    var rows: [[String]] = []
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let cells = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }
      if cells.isEmpty { continue }
      if let width = rows.first?.count, width != cells.count {
        throw DataProblem(
          .malformed,
          "\(path): row \(rows.count + 1) has \(cells.count) words, and the first has \(width)")
      }
      rows.append(cells.map { String(decoding: $0, as: UTF8.self) })
    }
    return rows
  }

  private static func trimmed(_ cell: String) -> String {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    guard cell.utf8.first.map(isBlank) == true || cell.utf8.last.map(isBlank) == true else {
      return cell
    }
    let text = cell.utf8.drop(while: isBlank)
    let kept = text.count - text.reversed().prefix(while: isBlank).count
    return String(decoding: text.prefix(kept), as: UTF8.self)
  }

  /// Whether a first line is one of names of columns: names that are known, or else several words of
  /// which none is a number; but never the name of a picture.
  private static func namesColumns(_ cells: [String]) -> Bool {
    if cells.contains(where: namesPicture) { return false }
    let names = ImageTable.columnNames
    let known = Set(names.files + names.labels + names.parts)
    return cells.contains { known.contains($0.lowercased()) }
      || (cells.count > 1 && cells.allSatisfy { Double($0) == nil })
  }

  /// Whether a cell is the name of a picture.
  private static func namesPicture(_ cell: String) -> Bool {
    let name = cell.lowercased()
    return [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".pgm", ".ppm", ".pnm"]
      .contains { name.hasSuffix($0) }
  }
}
