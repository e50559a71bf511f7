/// A table in a text file, such as CSV, as anyone may have written it: its cells are found once and read
/// when they are asked for.
///
///     let text = try DelimitedText.read("penguins.csv")
///     text.text(row: 0, column: 2)          // "39.1"
///
/// Rows end in `\n`, `\r\n` or `\r`, the last one perhaps in nothing; a UTF-8 byte order mark is passed
/// over, and so are empty lines, which are counted. A cell in quotation marks may hold separators, line
/// breaks and, written twice, quotation marks; spaces around other cells are no part of them. Files ending
/// in `.gz` are unpacked. `CSV` and `CSVTable` are for files that this program wrote itself.
///
/// Memory: the file's bytes, and 8 bytes a cell.
public struct DelimitedText: Sendable {
  public enum Separator: UInt8, Sendable, CaseIterable {
    case comma = 0x2c
    case semicolon = 0x3b
    case tab = 0x09
    case bar = 0x7c
  }

  public let path: String
  public let separator: Separator
  /// Cells of each row.
  public let columnCount: Int
  /// Rows, the header included if there is one.
  public var rowCount: Int { lines.count }
  /// Lines without any character, outside quotation marks.
  public let blankLines: Int

  private let bytes: [UInt8]
  /// Where cells begin and end, quotation marks included.
  private let starts: [UInt32]
  private let ends: [UInt32]
  /// The line each row begins in, from 1.
  private let lines: [UInt32]

  /// - Parameters:
  ///   - separator: nil: the one of which the first lines have the same number, the most there is.
  ///   - decimalComma: Whether a comma is in numbers, and so no separator that is found.
  ///   - limit: The largest file accepted, in bytes.
  /// - Throws: `malformed` for rows with other numbers of cells than the first, quotation marks out of place and
  ///   what is no text; what reading files throws.
  public static func read(
    _ path: String, separator: Separator? = nil, decimalComma: Bool = false, limit: Int = 2 << 30
  ) throws(FileProblem) -> DelimitedText {
    var bytes = try FileBytes.read(path, limit: limit)
    if path.hasSuffix(".gz") { bytes = try Gzip.inflate(bytes, path: path, limit: limit) }
    return try DelimitedText(
      bytes, path: path, separator: separator, decimalComma: decimalComma)
  }

  public init(
    _ bytes: [UInt8], path: String, separator: Separator? = nil, decimalComma: Bool = false
  ) throws(FileProblem) {
    guard bytes.count < Int(UInt32.max) else {
      throw FileProblem(.tooLarge, "is larger than 4 GB.", path: path)
    }
    for (mark, name) in [([0xff, 0xfe], "UTF-16"), ([0xfe, 0xff], "UTF-16")] as [([UInt8], String)]
    where bytes.starts(with: mark) {
      throw FileProblem(.unsupported, "is \(name) text; save it as UTF-8.", path: path)
    }
    guard !bytes.prefix(1 << 16).contains(0) else {
      throw FileProblem(.malformed, "holds bytes of 0, and so is no text.", path: path)
    }
    let first = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    let candidates = Separator.allCases.filter { $0 != .comma || !decimalComma }
    self.separator =
      separator
      ?? bytes.withUnsafeBufferPointer {
        Self.guess(UnsafeBufferPointer(rebasing: $0[first...]), among: candidates)
      }
    var scanner = CellScanner(separator: self.separator.rawValue, path: path)
    try bytes.withUnsafeBufferPointer { bytes throws(FileProblem) in
      try scanner.scan(bytes, from: first)
    }
    try scanner.checkWidths()
    (self.path, self.bytes) = (path, bytes)
    (starts, ends, lines) = (scanner.starts, scanner.ends, scanner.lines)
    (columnCount, blankLines) = (scanner.width, scanner.blankLines)
  }

  /// The line that a row begins in, from 1.
  public func line(ofRow row: Int) -> Int { Int(lines[row]) }

  /// Where a cell lies, without spaces and quotation marks around it; and whether these were there, so that
  /// pairs of them inside mean one.
  private func place(
    _ row: Int, _ column: Int, _ bytes: UnsafeRawBufferPointer
  ) -> (cell: UnsafeRawBufferPointer, isQuoted: Bool) {
    let number = row * columnCount + column
    var (start, end) = (Int(starts[number]), Int(ends[number]))
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    while start < end, isSpace(bytes[start]) { start += 1 }
    while end > start, isSpace(bytes[end - 1]) { end -= 1 }
    let isQuoted = end - start >= 2 && bytes[start] == 0x22
    if isQuoted { (start, end) = (start + 1, end - 1) }
    return (UnsafeRawBufferPointer(rebasing: bytes[start..<end]), isQuoted)
  }

  /// A cell as text; nil if it is no UTF-8.
  public func text(row: Int, column: Int) -> String? {
    bytes.withUnsafeBytes { bytes in
      let (cell, isQuoted) = place(row, column, bytes)
      guard let text = String(validating: cell, as: UTF8.self) else { return nil }
      guard isQuoted, text.utf8.contains(0x22) else { return text }
      return text.split(separator: "\"\"", omittingEmptySubsequences: false)
        .joined(separator: "\"")
    }
  }

  /// A cell as a number, such as `-12.5`, `7`, `.5` or `1e-3`, whatever the language of the machine; nil if
  /// it is none.
  ///
  /// - Parameter point: The byte between whole and other digits, a point or a comma.
  public func number(row: Int, column: Int, point: UInt8 = 0x2e) -> DecimalNumber? {
    bytes.withUnsafeBytes { DecimalNumber(place(row, column, $0).cell, point: point) }
  }

  /// Looks at the first lines, whole ones: of the separators that each has as many of, the one with most.
  private static func guess(
    _ bytes: UnsafeBufferPointer<UInt8>, among candidates: [Separator]
  ) -> Separator {
    var counts: [[Int]] = []
    var own = [Int](repeating: 0, count: candidates.count)
    var (isQuoted, isEmpty) = (false, true)
    for byte in bytes.prefix(1 << 18) {
      if byte == 0x22 { isQuoted.toggle() }
      if isQuoted { continue }
      if byte == 0x0a || byte == 0x0d {
        if !isEmpty { counts.append(own) }
        if counts.count == 25 { break }
        (own, isEmpty) = (own.map { _ in 0 }, true)
        continue
      }
      isEmpty = false
      if let kind = candidates.firstIndex(where: { $0.rawValue == byte }) { own[kind] += 1 }
    }
    if counts.isEmpty, !isEmpty { counts = [own] }
    var best = (kind: 0, count: 0, isEven: false)
    for kind in own.indices {
      let each = counts.map { $0[kind] }
      guard let least = each.min(), let most = each.max(), most > 0 else { continue }
      let isEven = least == most
      if (isEven && !best.isEven) || (isEven == best.isEven && least > best.count) {
        best = (kind, least, isEven)
      }
    }
    return candidates[best.kind]
  }
}
