/// PGM and PPM images: P2 and P3 (text), P5 and P6 (binary), with any maximum up to 65535.
/// Samples are scaled to 0…255 and rounded.
///
/// Source: https://netpbm.sourceforge.net/doc/pgm.html and ppm.html.
public enum PNM {
  /// The bytes of a P5 (grey) or P6 (colour) file.
  public static func bytes(of image: Image8) -> [UInt8] {
    let magic = image.channels == 1 ? "P5" : "P6"
    return Array("\(magic)\n\(image.width) \(image.height)\n255\n".utf8) + image.samples
  }

  public static func parse(
    _ bytes: [UInt8], path: String, limit: Int = 64 << 20
  ) throws(FileProblem) -> Image8 {
    var scanner = Scanner(bytes: bytes, path: path)
    let kind = try scanner.magic()
    let channels = kind == 3 || kind == 6 ? 3 : 1
    let width = try scanner.number("width")
    let height = try scanner.number("height")
    let most = try scanner.number("maximum")
    guard (1...65535).contains(most) else {
      throw FileProblem(
        .malformed, "its largest sample value is \(most); it must be 1 to 65535.", path: path)
    }
    let count = try Image8.checkedCount(
      width: width, height: height, channels: channels, limit: limit, path: path)
    let samples =
      kind >= 5
      ? try scanner.binarySamples(count, most: most) : try scanner.textSamples(count, most: most)
    return Image8(width: width, height: height, channels: channels, samples: samples)
  }

  private struct Scanner {
    let bytes: [UInt8]
    let path: String
    var position = 0

    /// 2, 3, 5 or 6.
    mutating func magic() throws(FileProblem) -> Int {
      guard bytes.count >= 2, bytes[0] == UInt8(ascii: "P"),
        [2, 3, 5, 6].contains(Int(bytes[1]) - 48)
      else {
        throw FileProblem(
          .unsupported, "this is not a PGM or PPM image (P2, P3, P5 or P6).", path: path, offset: 0)
      }
      position = 2
      return Int(bytes[1]) - 48
    }

    /// The next number, after white space and comments.
    mutating func number(_ what: String) throws(FileProblem) -> Int {
      try skipSpace(what)
      let start = position
      var value = 0
      while position < bytes.count, (48...57).contains(bytes[position]) {
        value = value * 10 + Int(bytes[position]) - 48
        position += 1
        guard value <= Int(Int32.max) else {
          throw FileProblem(.tooLarge, "its \(what) is too large.", path: path, offset: start)
        }
      }
      guard position > start else {
        throw FileProblem(
          .malformed, "its \(what) is not a number.", path: path, offset: position)
      }
      return value
    }

    private mutating func skipSpace(_ what: String) throws(FileProblem) {
      var inComment = false
      while position < bytes.count {
        let byte = bytes[position]
        if inComment {
          inComment = byte != 10 && byte != 13
        } else if byte == UInt8(ascii: "#") {
          inComment = true
        } else if byte != 32 && !(9...13).contains(byte) {
          return
        }
        position += 1
      }
      throw FileProblem(.truncated, "it ends before its \(what).", path: path, offset: position)
    }

    mutating func textSamples(_ count: Int, most: Int) throws(FileProblem) -> [UInt8] {
      // Each sample takes a digit and, but for the last, a space.
      guard count <= bytes.count - position else { throw tooFew(count, bytes.count - position) }
      var samples: [UInt8] = []
      samples.reserveCapacity(count)
      for _ in 0..<count { samples.append(try scaled(number("sample"), most)) }
      return samples
    }

    mutating func binarySamples(_ count: Int, most: Int) throws(FileProblem) -> [UInt8] {
      guard position < bytes.count, bytes[position] == 32 || (9...13).contains(bytes[position])
      else {
        throw FileProblem(
          .malformed, "one space must follow its header.", path: path, offset: position)
      }
      position += 1
      let width = most > 255 ? 2 : 1
      let (size, overflow) = count.multipliedReportingOverflow(by: width)
      guard !overflow, size <= bytes.count - position else {
        throw tooFew(count, (bytes.count - position) / width)
      }
      let raw = bytes[position..<position + size]
      position += size
      if most == 255 { return Array(raw) }
      var samples: [UInt8] = []
      samples.reserveCapacity(count)
      for place in stride(from: raw.startIndex, to: raw.endIndex, by: width) {
        let value = width == 1 ? Int(raw[place]) : Int(raw[place]) << 8 | Int(raw[place + 1])
        samples.append(try scaled(value, most))
      }
      return samples
    }

    private func scaled(_ value: Int, _ most: Int) throws(FileProblem) -> UInt8 {
      guard value <= most else {
        throw FileProblem(
          .malformed, "holds the sample \(value), above its own maximum \(most).", path: path,
          offset: position)
      }
      return UInt8((value * 255 + most / 2) / most)
    }

    private func tooFew(_ count: Int, _ found: Int) -> FileProblem {
      FileProblem(
        .truncated, "its header declares \(count) samples, and at most \(found) follow.",
        path: path, offset: position)
    }
  }
}
