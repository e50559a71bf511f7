extension PNG {
  public static func parse(
    _ bytes: [UInt8], path: String, limit: Int = 64 << 20
  ) throws(FileProblem) -> Image8 {
    try read(bytes, path: path, limit: limit).image
  }

  /// The image with what was skipped to get it.
  ///
  /// Damaged pixels are refused. What lies around them is not a reason to: a wrong checksum of a chunk
  /// that may be left out, which then is, bytes behind the pixels or behind the end, a missing end.
  ///
  /// - Parameter background: The grey, 0…255, that transparent pixels are drawn on.
  static func read(
    _ bytes: [UInt8], path: String, limit: Int, background: UInt8 = 0
  ) throws(FileProblem) -> ImageReading {
    guard isPNG(bytes) else {
      throw FileProblem(.malformed, "this is not a PNG image.", path: path, offset: 0)
    }
    var file = try PNGChunks(bytes, path: path)
    let header = file.header
    let count = try Image8.checkedCount(
      width: header.width, height: header.height, channels: header.channels, limit: limit,
      path: path)
    let rows = try inflate(&file, path: path)
    var decoder = PNGDecoder(
      header, palette: file.palette, transparency: file.transparency, background: background)
    var samples = [UInt8](repeating: 0, count: count)
    guard decoder.decode(rows, into: &samples) else {
      throw FileProblem(
        .malformed, "its pixels use a filter or a palette entry that does not exist.", path: path)
    }
    let image = Image8(
      width: header.width, height: header.height, channels: header.channels, samples: samples)
    return ImageReading(
      image: image, oddities: file.oddities, isTransparent: decoder.sawTransparency)
  }

  /// The filtered rows of all passes.
  private static func inflate(
    _ file: inout PNGChunks, path: String
  ) throws(FileProblem) -> [UInt8] {
    let size = file.header.sizeOfRows
    guard let size, size / deflateMostExpansion <= file.compressed.count else {
      throw FileProblem(
        .truncated,
        "its header declares more pixels than \(file.compressed.count) compressed bytes can hold.",
        path: path)
    }
    let inflater = Inflater(file.compressed, .zlib)
    var stop = Inflater.Stop.outputFull
    let rows = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      (filled, stop) = inflater.read(
        into: UnsafeMutableBufferPointer(rebasing: buffer[..<size]))
    }
    if rows.count == size, stop == .outputFull { stop = rest(of: inflater, &file) }
    if stop == .corrupt {
      throw FileProblem(.malformed, "its compressed pixels are damaged.", path: path)
    }
    guard rows.count == size else {
      throw FileProblem(
        .truncated, "holds \(rows.count) of the \(size) bytes of pixels that its header declares.",
        path: path)
    }
    if stop == .inputEmpty { file.oddities.append("the end of its compressed pixels is missing") }
    return rows
  }

  /// What follows the pixels, up to 16 MiB of it, so that their checksum is looked at.
  private static func rest(of inflater: Inflater, _ file: inout PNGChunks) -> Inflater.Stop {
    var extra = 0
    var stop = Inflater.Stop.outputFull
    var room = [UInt8](repeating: 0, count: 1 << 16)
    while stop == .outputFull, extra < 16 << 20 {
      let part = room.withUnsafeMutableBufferPointer { inflater.read(into: $0) }
      extra += part.count
      stop = part.stop
    }
    if extra > 0 || stop == .outputFull { file.oddities.append("more bytes follow its pixels") }
    return stop
  }
}
