/// The bytes of one source, checked to be UTF-8 that YAML allows, with the index that turns a
/// position into a place.
///
/// Positions are scalar indices from 0, as libyaml counts them. A byte order mark is left out.
struct SourceText: Sendable {
  let file: String
  let bytes: [UInt8]
  /// Whether it is a command-line argument rather than a file.
  let isArgument: Bool
  private(set) var scalarCount = 0
  /// The byte offset of every 64th scalar, so that a position is found in bounded time.
  private var checkpoints: [Int] = []
  /// The position of each line's first scalar.
  private var lineStarts = [0]
  private var directiveCount = 0

  private static let checkpointStride = 64

  /// A command-line argument.
  init(argument: String, of option: String) throws(Diagnostics) {
    file = option
    isArgument = true
    bytes = Array(argument.utf8)
    try index(firstByte: 0)
  }

  /// A file's content.
  ///
  /// - Throws: A diagnostic with the line for bytes that are not UTF-8, NUL and other control
  ///   characters, and UTF-16.
  init(file: String, bytes: [UInt8]) throws(Diagnostics) {
    self.file = file
    isArgument = false
    let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    self.bytes = hasMark ? Array(bytes.dropFirst(3)) : bytes
    if Self.looksLikeUTF16(bytes) {
      throw Diagnostics(
        .error(
          .encoding, "\(Diagnostic.quote(path: file)) is not UTF-8; it looks like UTF-16 or UTF-32",
          help: "save it as UTF-8"))
    }
    try index(firstByte: hasMark ? 3 : 0)
  }

  private static func looksLikeUTF16(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 2, bytes.count.isMultiple(of: 2) else { return false }
    let pair = (bytes[0], bytes[1])
    if pair == (0xFF, 0xFE) || pair == (0xFE, 0xFF) || (pair.0 == 0) != (pair.1 == 0) {
      return true
    }
    return bytes.starts(with: [0, 0])
      && bytes.dropFirst(2).first.map { $0 == 0 || $0 == 0xFE } == true
  }

  /// Decodes the bytes once: finds lines, sets checkpoints, refuses what is not text.
  private mutating func index(firstByte: Int) throws(Diagnostics) {
    var offset = 0
    while offset < bytes.count {
      if scalarCount.isMultiple(of: Self.checkpointStride) { checkpoints.append(offset) }
      guard let (scalar, length) = UTF8Decoder.scalar(in: bytes, at: offset) else {
        throw problem(
          "byte \(Self.hex(bytes[offset])) at offset \(offset + firstByte) is not valid UTF-8",
          help: "save the file as UTF-8")
      }
      if let refusal = Self.refusal(of: scalar) { throw problem(refusal, help: nil) }
      if scalar == 0x25, lineStarts.last == scalarCount { try countDirective() }
      offset += length
      scalarCount += 1
      let isCarriageReturn = scalar == 0x0D && !(offset < bytes.count && bytes[offset] == 0x0A)
      if scalar == 0x0A || isCarriageReturn { lineStarts.append(scalarCount) }
    }
  }

  private mutating func countDirective() throws(Diagnostics) {
    directiveCount += 1
    if directiveCount > Limits.directives {
      throw Diagnostics(
        .error(
          .syntax, "more than \(Limits.directives) lines begin with '%'",
          at: span(scalarCount..<scalarCount), help: "an experiment file needs no directives"))
    }
  }

  /// A diagnostic at the scalar about to be decoded, when lines up to it are known.
  private func problem(_ message: String, help: String?) -> Diagnostics {
    Diagnostics(.error(.encoding, message, at: span(scalarCount..<scalarCount), help: help))
  }

  /// Why YAML does not allow a scalar in a text, if it does not (YAML 1.2, section 5.1).
  private static func refusal(of scalar: UInt32) -> String? {
    switch scalar {
    case 0: "a NUL byte is not allowed in an experiment file"
    case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xFEFE, 0xFF00...0xFFFD, 0x10000...: nil
    case 0xFEFF: "a byte order mark is only allowed at the start of a file"
    default:
      "the control character U+\(hex(scalar, digits: 4)) is not allowed in an experiment file"
    }
  }

  private static func hex(_ number: some BinaryInteger, digits: Int = 2) -> String {
    let text = String(number, radix: 16, uppercase: true)
    let zeros = String(repeating: "0", count: max(0, digits - text.count))
    return digits == 2 ? "0x\(zeros)\(text)" : zeros + text
  }
}

extension SourceText {
  /// The span from one position to just before another; positions past the end are clamped.
  func span(_ positions: Range<Int>) -> SourceSpan {
    let start = location(of: positions.lowerBound)
    let (line, column) = excerpt(of: start)
    return SourceSpan(
      file: file, start: start, end: location(of: positions.upperBound), sourceLine: line,
      sourceLineColumn: column)
  }

  /// The line and column of a position.
  func location(of position: Int) -> SourceLocation {
    let position = min(max(position, 0), scalarCount)
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= position { low = middle } else { high = middle }
    }
    return SourceLocation(line: low + 1, column: position - lineStarts[low] + 1)
  }

  /// The byte at a position, if that scalar is ASCII.
  func ascii(at position: Int) -> Unicode.Scalar? {
    guard position >= 0, position < scalarCount else { return nil }
    let byte = bytes[byteOffset(of: position)]
    return byte < 0x80 ? Unicode.Scalar(byte) : nil
  }

  /// The text between two positions.
  func text(_ positions: Range<Int>) -> String {
    let range = positions.clamped(to: 0..<scalarCount)
    return String(
      decoding: bytes[byteOffset(of: range.lowerBound)..<byteOffset(of: range.upperBound)],
      as: UTF8.self)
  }

  /// The position of the value behind the `&anchor` and `!tag` with which an event begins.
  func start(behindPropertiesIn event: Range<Int>) -> Int {
    var position = event.lowerBound
    while let mark = ascii(at: position), mark == "&" || mark == "!", event.contains(position) {
      while position < event.upperBound, !isBlank(at: position) { position += 1 }
      while position < event.upperBound, isBlank(at: position) { position += 1 }
    }
    return position
  }

  private func isBlank(at position: Int) -> Bool {
    switch ascii(at: position) {
    case " ", "\t", "\r", "\n": true
    default: false
    }
  }

  func byteOffset(of position: Int) -> Int {
    let checkpoint = position / Self.checkpointStride
    guard checkpoint < checkpoints.count else { return bytes.count }
    var offset = checkpoints[checkpoint]
    for _ in checkpoint * Self.checkpointStride..<position where offset < bytes.count {
      offset += UTF8Decoder.length(startingWith: bytes[offset])
    }
    return min(offset, bytes.count)
  }

  /// The line a place is on and the column it begins at. Of a line over 160 scalars, the part
  /// around the place, with an ellipsis standing for what is left out on either side.
  private func excerpt(of place: SourceLocation) -> (text: String, column: Int) {
    let start = lineStarts[place.line - 1]
    let end = lineEnd(place.line)
    if end - start <= 160 { return (text(start..<end), 1) }
    let first = start + max(0, (place.column - 1) / 40 * 40 - 40)
    let last = min(end, first + 120)
    var excerpt = text(first..<last)
    if last < end { excerpt += "…" }
    return first > start
      ? ("…" + excerpt, first - start) : (excerpt, 1)
  }

  /// The position just after a line's text, before its line break.
  private func lineEnd(_ line: Int) -> Int {
    guard line < lineStarts.count else { return endOfIndexedText }
    var end = lineStarts[line] - 1
    if end > lineStarts[line - 1], ascii(at: end) == "\n", ascii(at: end - 1) == "\r" { end -= 1 }
    return end
  }

  /// Where the line before that of `position` begins, or its own where it is the first.
  func lineBefore(_ position: Int) -> Int {
    lineStarts[max(0, location(of: position).line - 2)]
  }

  /// The position just after the text of the line that `position` is on.
  func endOfLine(at position: Int) -> Int { lineEnd(location(of: position).line) }

  /// The end of the last line known: the end of the text, or, while indexing, of what has been
  /// decoded so far.
  private var endOfIndexedText: Int { scalarCount }
}
