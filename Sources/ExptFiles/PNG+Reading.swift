extension PNG {
  public static func parse(
    _ bytes: [UInt8], path: String, limit: Int = 64 << 20
  ) throws(FileProblem) -> Image8 {
    guard isPNG(bytes) else {
      throw FileProblem(.malformed, "this is no PNG image.", path: path, offset: 0)
    }
    let file = try Chunks(bytes, path: path)
    let header = file.header
    let count = try Image8.checkedCount(
      width: header.width, height: header.height, channels: header.channels, limit: limit,
      path: path)
    let rows = try inflate(file, path: path)
    var decoder = PNGDecoder(header, palette: file.palette, transparency: file.transparency)
    var samples = [UInt8](repeating: 0, count: count)
    guard decoder.decode(rows, into: &samples) else {
      throw FileProblem(
        .malformed, "its pixels use a filter or a palette entry that does not exist.", path: path)
    }
    return Image8(
      width: header.width, height: header.height, channels: header.channels, samples: samples)
  }

  /// The filtered rows of all passes.
  private static func inflate(_ file: Chunks, path: String) throws(FileProblem) -> [UInt8] {
    let size = file.header.sizeOfRows
    guard let size, size / deflateMostExpansion <= file.compressed.count else {
      throw FileProblem(
        .truncated,
        "its header promises more pixels than \(file.compressed.count) compressed bytes can hold.",
        path: path)
    }
    let inflater = Inflater(file.compressed, .zlib)
    var stop = Inflater.Stop.outputFull
    let rows = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      (filled, stop) = inflater.read(
        into: UnsafeMutableBufferPointer(rebasing: buffer[..<size]))
    }
    if stop == .corrupt {
      throw FileProblem(.malformed, "its compressed pixels are damaged.", path: path)
    }
    guard rows.count == size else {
      throw FileProblem(
        .truncated, "holds \(rows.count) of the \(size) bytes of pixels that its header promises.",
        path: path)
    }
    if stop != .streamEnd {
      var extra: UInt8 = 0
      let (count, stop) = withUnsafeMutablePointer(to: &extra) {
        inflater.read(into: UnsafeMutableBufferPointer(start: $0, count: 1))
      }
      guard count == 0, stop == .streamEnd else {
        throw FileProblem(
          .malformed, "its compressed pixels do not end where they should.", path: path)
      }
    }
    return rows
  }

  /// The chunks that matter, each with its checksum verified.
  private struct Chunks {
    var header: PNGHeader
    var palette: [UInt8] = []
    var transparency: [UInt8] = []
    /// The contents of all IDAT chunks.
    var compressed: [UInt8] = []

    init(_ bytes: [UInt8], path: String) throws(FileProblem) {
      var reader = ByteReader(bytes, path: path, part: "the PNG header", from: 8)
      let first = try Self.next(&reader)
      guard first.type == "IHDR", first.content.count == 13 else {
        throw FileProblem(.malformed, "its first chunk is no IHDR.", path: path, offset: 8)
      }
      header = try PNGHeader(Array(first.content), path: path)
      while true {
        let (type, content) = try Self.next(&reader)
        switch type {
        case "PLTE": palette = Array(content)
        case "tRNS": transparency = Array(content)
        case "IDAT": compressed += content
        case "IEND":
          try check(path)
          return
        default:
          guard type.utf8.first.map({ $0 & 0x20 != 0 }) == true else {
            throw FileProblem(
              .unsupported, "needs the chunk '\(type)', which is not known here.", path: path,
              offset: reader.position)
          }
        }
      }
    }

    private static func next(
      _ reader: inout ByteReader
    ) throws(FileProblem) -> (type: String, content: ArraySlice<UInt8>) {
      reader.part = "a PNG chunk"
      let start = reader.position
      let size = Int(try reader.integer(UInt32.self, .big))
      let body = try reader.slice(size + 4)
      let sum = try reader.integer(UInt32.self, .big)
      let type = String(decoding: body.prefix(4), as: UTF8.self)
      guard sum == Zlib.crc32(body) else {
        throw FileProblem(
          .checksum, "the checksum of its chunk '\(type)' is wrong; get the file again.",
          path: reader.path, offset: start)
      }
      return (type, body.dropFirst(4))
    }

    private func check(_ path: String) throws(FileProblem) {
      let isPalette = header.colour == .palette
      if isPalette && palette.isEmpty || palette.count % 3 != 0 || palette.count > 768 {
        throw FileProblem(.malformed, "its palette is missing or no list of colours.", path: path)
      }
      let expected: [PNGHeader.Colour: Int] = [.grey: 2, .rgb: 6]
      if let size = expected[header.colour], !transparency.isEmpty, transparency.count != size {
        throw FileProblem(.malformed, "its transparent colour is no colour.", path: path)
      }
    }
  }
}
