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

  /// The bytes of a PNG file. They depend on the zlib version, the pixels do not.
  public static func bytes(of image: Image8) -> [UInt8] {
    let rowSize = image.width * image.channels
    var rows: [UInt8] = []
    rows.reserveCapacity(image.samples.count + image.height)
    for y in 0..<image.height {
      rows.append(0)  // filter "none": best for the tiled, mostly black images we write
      rows += image.samples[y * rowSize..<(y + 1) * rowSize]
    }
    var header = bigEndian(UInt32(image.width)) + bigEndian(UInt32(image.height))
    header += [8, image.channels == 1 ? 0 : 2, 0, 0, 0]
    return signature + chunk("IHDR", header) + chunk("IDAT", Zlib.deflate(rows, .zlib))
      + chunk("IEND", [])
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
  /// Writes a PNG file.
  public func writePNG(to path: String) throws(FileProblem) {
    try AtomicFile.write(PNG.bytes(of: self), to: path)
  }
}
