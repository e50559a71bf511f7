/// PNG images: every colour type, bit depth and interlacing read as 8-bit grey or RGB; grey and RGB
/// written.
///
/// Reading: samples of other depths are scaled to 0…255 and rounded; a palette becomes RGB; alpha is
/// composed over a background, black unless asked otherwise; gamma and colour profiles are ignored.
///
/// Source: W3C, "Portable Network Graphics (PNG) Specification (Third Edition)".
public enum PNG {
  static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  public static func isPNG(_ bytes: [UInt8]) -> Bool { bytes.starts(with: signature) }

  /// The bytes of a PNG file.
  ///
  /// - Parameter compressed: Compressed bytes depend on the zlib version, though the pixels do not;
  ///   without compression the same pixels are the same bytes everywhere.
  public static func bytes(of image: Image8, compressed: Bool = true) -> [UInt8] {
    let rowSize = image.width * image.channels
    var rows: [UInt8] = []
    rows.reserveCapacity(image.samples.count + image.height)
    for y in 0..<image.height {
      rows.append(0)  // filter "none": best for the tiled, mostly black images we write
      rows += image.samples[y * rowSize..<(y + 1) * rowSize]
    }
    var header = bigEndian(UInt32(image.width)) + bigEndian(UInt32(image.height))
    header += [8, image.channels == 1 ? 0 : 2, 0, 0, 0]
    let data = compressed ? Zlib.deflate(rows, .zlib) : stored(rows)
    return signature + chunk("IHDR", header) + chunk("IDAT", data) + chunk("IEND", [])
  }

  /// A zlib stream of blocks that are stored as they are.
  ///
  /// Source: RFC 1950, section 2.2; RFC 1951, section 3.2.4.
  private static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    stream.reserveCapacity(bytes.count + bytes.count / 65_535 * 5 + 16)
    var position = 0
    repeat {
      let count = min(65_535, bytes.count - position)
      let isLast = position + count == bytes.count
      let (low, high) = (UInt8(count & 0xff), UInt8(count >> 8))
      stream += [isLast ? 1 : 0, low, high, ~low, ~high]
      stream += bytes[position..<position + count]
      position += count
    } while position < bytes.count
    return stream + bigEndian(adler32(bytes))
  }

  /// Source: RFC 1950, section 8.2.
  private static func adler32(_ bytes: [UInt8]) -> UInt32 {
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return b << 16 | a
  }

  private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + content
    return bigEndian(UInt32(content.count)) + body + bigEndian(Zlib.crc32(body[...]))
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }
}

extension Image8 {
  /// Writes a PNG file, the same bytes for the same pixels everywhere.
  public func writePNG(to path: String) throws(FileProblem) {
    try AtomicFile.write(PNG.bytes(of: self, compressed: false), to: path)
  }
}
