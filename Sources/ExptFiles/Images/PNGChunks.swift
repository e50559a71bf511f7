/// The chunks of a PNG file that matter, each with its checksum verified, and what was skipped.
struct PNGChunks {
  let header: PNGHeader
  private(set) var palette: [UInt8] = []
  private(set) var transparency: [UInt8] = []
  /// The contents of all IDAT chunks.
  private(set) var compressed: [UInt8] = []
  /// What is wrong with the file and does no harm, as clauses: `its end is missing`.
  var oddities: [String] = []

  init(_ bytes: [UInt8], path: String) throws(FileProblem) {
    var reader = ByteReader(bytes, path: path, part: "the PNG header", from: 8)
    let first = try Self.next(&reader)
    guard first.type == "IHDR", first.content.count == 13, first.isWhole else {
      throw FileProblem(
        .malformed, "its first chunk is damaged or not IHDR; get the file again.", path: path,
        offset: 8)
    }
    header = try PNGHeader(Array(first.content), path: path)
    while try take(from: &reader) {}
    try check(path)
  }

  private struct Chunk {
    let type: String
    let content: ArraySlice<UInt8>
    /// Whether its checksum is right.
    let isWhole: Bool
    let start: Int
    /// Whether a reader may leave it out.
    var isAncillary: Bool { type.utf8.first.map { $0 & 0x20 != 0 } ?? false }
  }

  /// Takes the next chunk; false at the end.
  private mutating func take(from reader: inout ByteReader) throws(FileProblem) -> Bool {
    let start = reader.position
    let chunk: Chunk
    do { chunk = try Self.next(&reader) } catch {
      // All pixels may be there: whether they are shows when they are unpacked.
      let isPixels = reader.bytes[start...].dropFirst(4).starts(with: "IDAT".utf8)
      if compressed.isEmpty || isPixels { throw error }
      oddities.append("its end is missing")
      return false
    }
    if chunk.type == "IEND" {
      if reader.remaining > 0 { oddities.append("\(reader.remaining) bytes follow its end") }
      return false
    }
    guard chunk.isWhole else {
      guard chunk.isAncillary else {
        throw FileProblem(
          .checksum, "the checksum of its chunk '\(chunk.type)' is wrong; get the file again.",
          path: reader.path, offset: chunk.start)
      }
      oddities.append("the checksum of its chunk '\(chunk.type)', which is ignored, is wrong")
      return true
    }
    switch chunk.type {
    case "PLTE": palette = Array(chunk.content)
    case "tRNS": transparency = Array(chunk.content)
    case "IDAT": compressed += chunk.content
    case _ where chunk.isAncillary: break
    default:
      throw FileProblem(
        .unsupported, "needs the chunk '\(chunk.type)', which is not supported.",
        path: reader.path, offset: reader.position)
    }
    return true
  }

  private static func next(_ reader: inout ByteReader) throws(FileProblem) -> Chunk {
    reader.part = "a PNG chunk"
    let start = reader.position
    let size = Int(try reader.integer(UInt32.self, .big))
    let body = try reader.slice(size + 4)
    let sum = try reader.integer(UInt32.self, .big)
    return Chunk(
      type: String(decoding: body.prefix(4), as: UTF8.self), content: body.dropFirst(4),
      isWhole: sum == Zlib.crc32(body), start: start)
  }

  private func check(_ path: String) throws(FileProblem) {
    let isPalette = header.colour == .palette
    if isPalette && palette.isEmpty || palette.count % 3 != 0 || palette.count > 768 {
      throw FileProblem(.malformed, "its palette is missing or invalid.", path: path)
    }
    let expected: [PNGHeader.Colour: Int] = [.grey: 2, .rgb: 6]
    if let size = expected[header.colour], !transparency.isEmpty, transparency.count != size {
      throw FileProblem(.malformed, "its tRNS chunk is invalid.", path: path)
    }
  }
}
