/// Comma-separated values (RFC 4180), written with `\n` and read with `\n` or `\r\n`.
public enum CSV {
  /// One line with its end; fields with commas, quotes or line breaks are quoted.
  public static func line(_ fields: [String]) -> String {
    fields.map(quoted).joined(separator: ",") + "\n"
  }

  /// The shortest text that reads back as the same number; `nan`, `inf` and `-inf`, which NumPy and
  /// pandas read.
  public static func field(_ value: Double) -> String {
    // A NaN's sign differs between processors, so it is left out.
    value.isNaN ? "nan" : value.description
  }

  /// As above: the shortest text that reads back as the same Float.
  public static func field(_ value: Float) -> String {
    value.isNaN ? "nan" : value.description
  }

  private static func quoted(_ field: String) -> String {
    let special: Set<UInt8> = [0x22, 0x2c, 0x0a, 0x0d]
    guard field.utf8.contains(where: special.contains) else { return field }
    return "\""
      + field.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }
}

/// A CSV file in memory: a header and rows of as many fields.
public struct CSVTable: Sendable, Hashable {
  public var header: [String]
  public var rows: [[String]]
  /// The bytes up to here are whole lines: the file's size, unless its last line is unfinished.
  public var wholeSize: Int
  /// What is left of a last line that was never finished (no line end): a write that a kill cut
  /// short. It is in no row.
  public var unfinished: String?

  /// Reads a file whose every line ends in a line break.
  ///
  /// - Throws: `malformed` for a row with another number of fields than the header, a quote out of
  ///   place, or invalid UTF-8; and what reading files throws.
  public static func read(_ path: String, limit: Int = 1 << 30) throws(FileProblem) -> CSVTable {
    try parse(FileBytes.read(path, limit: limit), path: path)
  }

  public static func parse(_ bytes: [UInt8], path: String) throws(FileProblem) -> CSVTable {
    var table = CSVTable(header: [], rows: [], wholeSize: 0, unfinished: nil)
    var parser = LineParser(bytes: bytes, path: path)
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { parser.position = 3 }
    while let fields = try parser.nextLine() {
      if table.wholeSize == 0 {
        table.header = fields
      } else if fields.count != table.header.count {
        throw FileProblem(
          .malformed,
          "line \(parser.line) has \(fields.count) fields, and the header has "
            + "\(table.header.count).", path: path)
      } else {
        table.rows.append(fields)
      }
      table.wholeSize = parser.position
    }
    if table.wholeSize < bytes.count {
      table.unfinished = String(decoding: bytes[table.wholeSize...], as: UTF8.self)
    }
    return table
  }

  /// The place of a column by its name.
  public func column(_ name: String) -> Int? { header.firstIndex(of: name) }

  /// A column as numbers; a field that is not a number (an empty one, say) is NaN.
  public func numbers(_ name: String) -> [Double]? {
    guard let place = column(name) else { return nil }
    return rows.map { Double($0[place]) ?? .nan }
  }

  private struct LineParser {
    let bytes: [UInt8]
    let path: String
    var position = 0
    /// The number of the line that was read last, from 1.
    var line = 0

    /// The fields of the next whole line, or nil if none is left.
    mutating func nextLine() throws(FileProblem) -> [String]? {
      var place = position
      var fields: [String] = []
      var field: [UInt8] = []
      var inQuotes = false
      var wasQuoted = false
      var breaks = 0
      while place < bytes.count {
        let byte = bytes[place]
        place += 1
        if inQuotes {
          if byte == 10 { breaks += 1 }
          if byte != 0x22 {
            field.append(byte)
          } else if place < bytes.count, bytes[place] == 0x22 {
            field.append(byte)
            place += 1
          } else {
            inQuotes = false
          }
          continue
        }
        switch byte {
        case 0x22 where field.isEmpty && !wasQuoted:
          (inQuotes, wasQuoted) = (true, true)
        case 0x0d where place < bytes.count && bytes[place] == 0x0a: continue
        case 0x2c, 0x0a:
          fields.append(try text(field))
          (field, wasQuoted) = ([], false)
          if byte == 0x0a {
            position = place
            line += 1 + breaks
            return fields
          }
        case _ where wasQuoted, 0x22:
          throw FileProblem(
            .malformed, "line \(line + 1 + breaks) has a quotation mark out of place.",
            path: path, offset: place - 1)
        default: field.append(byte)
        }
      }
      return nil
    }

    private func text(_ field: [UInt8]) throws(FileProblem) -> String {
      guard let text = String(validating: field, as: UTF8.self) else {
        throw FileProblem(.malformed, "line \(line + 1) is not valid UTF-8 text.", path: path)
      }
      return text
    }
  }
}
