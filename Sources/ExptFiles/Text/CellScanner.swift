/// Finds the cells of a delimited text file in one pass over its bytes.
struct CellScanner {
  let separator: UInt8
  let path: String
  private(set) var starts: [UInt32] = []
  private(set) var ends: [UInt32] = []
  private(set) var lines: [UInt32] = []
  private(set) var blankLines = 0
  /// Cells of the first row.
  private(set) var width = 0
  private var ragged = Ragged()

  /// Rows whose number of cells is another: the first few, and how many.
  private struct Ragged {
    var first: [(line: Int, cells: Int)] = []
    var count = 0
  }

  init(separator: UInt8, path: String) {
    self.separator = separator
    self.path = path
  }

  mutating func scan(
    _ bytes: UnsafeBufferPointer<UInt8>, from first: Int
  ) throws(FileProblem) {
    var (place, line) = (first, 1)
    while place < bytes.count {
      let rowLine = line
      if bytes[place] == 0x0a || bytes[place] == 0x0d {
        blankLines += 1
      } else {
        let before = starts.count
        repeat {
          let start = place
          place = try end(of: bytes, from: start, &line)
          starts.append(UInt32(truncatingIfNeeded: start))
          ends.append(UInt32(truncatingIfNeeded: place))
          guard place < bytes.count, bytes[place] == separator else { break }
          place += 1
        } while true
        endRow(before: before, line: rowLine)
      }
      guard place < bytes.count else { break }
      place += bytes[place] == 0x0d && place + 1 < bytes.count && bytes[place + 1] == 0x0a ? 2 : 1
      line += 1
    }
  }

  /// Where a cell that begins at `start` ends: at a separator, a line break or the end of the file.
  private func end(
    of bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ line: inout Int
  ) throws(FileProblem) -> Int {
    var place = start
    while place < bytes.count, bytes[place] == 0x20 || (bytes[place] == 0x09 && separator != 0x09) {
      place += 1
    }
    if place < bytes.count, bytes[place] == 0x22 {
      place = try endOfQuote(bytes, from: place, &line)
      while place < bytes.count, bytes[place] == 0x20 { place += 1 }
      guard place == bytes.count || isEnd(bytes[place]) else {
        throw FileProblem(
          .malformed, "there is text behind a quotation mark that ends a cell.",
          path: "\(path):\(line)")
      }
      return place
    }
    while place < bytes.count, !isEnd(bytes[place]) { place += 1 }
    return place
  }

  private func isEnd(_ byte: UInt8) -> Bool { byte == separator || byte == 0x0a || byte == 0x0d }

  /// The place behind the quotation mark that ends a cell.
  private func endOfQuote(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, _ line: inout Int
  ) throws(FileProblem) -> Int {
    let first = line
    var place = start + 1
    while place < bytes.count {
      if bytes[place] == 0x0a { line += 1 }
      guard bytes[place] == 0x22 else {
        place += 1
        continue
      }
      guard place + 1 < bytes.count, bytes[place + 1] == 0x22 else { return place + 1 }
      place += 2
    }
    throw FileProblem(
      .malformed, "a cell begins with a quotation mark, and no other ends it.",
      path: "\(path):\(first)")
  }

  private mutating func endRow(before: Int, line: Int) {
    let cells = starts.count - before
    if lines.isEmpty { width = cells }
    lines.append(UInt32(truncatingIfNeeded: line))
    guard cells != width else { return }
    ragged.count += 1
    if ragged.first.count < 4 { ragged.first.append((line, cells)) }
  }

  /// - Throws: `malformed`, naming the first rows with another number of cells than the first row.
  func checkWidths() throws(FileProblem) {
    guard let first = ragged.first.first else { return }
    let others = ragged.first.dropFirst().map { "line \($0.line) has \($0.cells)" }
    let more = ragged.count - ragged.first.count
    let rest = others + (more > 0 ? ["and so have \(more) more"] : [])
    throw FileProblem(
      .malformed,
      "has \(first.cells) \(first.cells == 1 ? "cell" : "cells"), and the first row has \(width)"
        + (rest.isEmpty ? "" : " (\(rest.joined(separator: ", ")))")
        + "; a cell that holds the separator must stand in quotation marks.",
      path: "\(path):\(first.line)")
  }
}
