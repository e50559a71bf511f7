import ExptTestSupport
import Testing

@testable import ExptFiles

@Suite("PNG images")
struct PNGTests {
  struct Kind: Sendable, CustomTestStringConvertible {
    var colour: PNGHeader.Colour
    var depth: Int
    var isInterlaced: Bool
    var testDescription: String { "\(colour), \(depth) bits\(isInterlaced ? ", interlaced" : "")" }
  }
  static let kinds: [Kind] = [false, true].flatMap { interlaced in
    [
      (.grey, 1), (.grey, 2), (.grey, 4), (.grey, 8), (.grey, 16), (.rgb, 8), (.rgb, 16),
      (.palette, 1), (.palette, 2), (.palette, 4), (.palette, 8), (.greyAlpha, 8),
      (.greyAlpha, 16), (.rgbAlpha, 8), (.rgbAlpha, 16),
    ].map { Kind(colour: $0, depth: $1, isInterlaced: interlaced) }
  }

  @Test func `read back as they were written`() throws {
    var generator = SeededGenerator(8)
    let folder = TemporaryFolder()
    for channels in [1, 3] {
      let image = Image8(
        width: 7, height: 5, channels: channels, samples: generator.bytes(35 * channels))
      try image.writePNG(to: folder.file("a.png"))
      #expect(try Image8.read(folder.file("a.png")) == image)
    }
  }

  @Test func `are written without compression, the same bytes everywhere`() throws {
    let folder = TemporaryFolder()
    try Image8(width: 2, height: 1, channels: 1, samples: [7, 255]).writePNG(to: folder.file("a"))
    // Written out from RFC 1950, RFC 1951 and the PNG specification; the checksums by Python's zlib.
    let expected: [UInt8] = [
      0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0,
      2, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0xd1, 0x49, 0x20, 0x56, 0, 0, 0, 14, 0x49, 0x44, 0x41, 0x54,
      0x78, 0x01, 0x01, 3, 0, 0xfc, 0xff, 0, 7, 0xff,
    ]
    let bytes = try FileBytes.read(folder.file("a"))
    #expect(Array(bytes.prefix(expected.count)) == expected)
    #expect(Array(bytes[expected.count..<expected.count + 4]) == [0x01, 0x10, 0x01, 0x07])
  }

  @Test(arguments: [65_534, 65_535, 65_536, 200_000])
  func `of more than one block read back`(_ width: Int) throws {
    var generator = SeededGenerator(9)
    let image = Image8(
      width: width - 1, height: 1, channels: 1, samples: generator.bytes(width - 1))
    #expect(try PNG.parse(PNG.bytes(of: image, compressed: false), path: "a.png") == image)
  }

  @Test(arguments: kinds)
  func `of every kind decode to their samples`(kind: Kind) throws {
    for (width, height) in [(1, 1), (3, 2), (8, 8), (13, 11), (1, 9)] {
      var maker = PNGMaker(kind, width: width, height: height, seed: UInt64(width))
      let image = try PNG.parse(maker.bytes(), path: "a.png")
      #expect(image.samples == maker.expected, "\(width) × \(height)")
      #expect(image.channels == (maker.header.channels))
    }
  }

  @Test func `with one transparent colour show it black, or as the background asked for`() throws {
    var maker = PNGMaker(
      Kind(colour: .grey, depth: 8, isInterlaced: false), width: 4, height: 1, seed: 1)
    maker.pixels = [[9], [200], [9], [1]]
    #expect(try !ImageReading(maker.bytes(), path: "a").isTransparent)
    maker.transparency = [0, 200]
    let bytes = maker.bytes()
    #expect(try PNG.parse(bytes, path: "a").samples == [9, 0, 9, 1])
    let reading = try ImageReading(bytes, path: "a", background: 255)
    #expect(reading.image.samples == [9, 255, 9, 1])
    #expect(reading.isTransparent)
  }

  @Test(arguments: [PNGHeader.Colour.greyAlpha, .rgbAlpha], [8, 16])
  func `with alpha are mixed with the background`(colour: PNGHeader.Colour, depth: Int) throws {
    let kind = Kind(colour: colour, depth: depth, isInterlaced: false)
    var maker = PNGMaker(kind, width: 3, height: 1, seed: 1)
    let most = (1 << depth) - 1
    let colours = [Int](repeating: 0, count: maker.header.channels)
    // Opaque, half clear and clear black, on 200.
    maker.pixels = [colours + [most], colours + [most / 2], colours + [0]]
    let bytes = maker.bytes()
    let samples = try ImageReading(bytes, path: "a", background: 200).image.samples
    let half = (200 * 128 + 127) / 255
    #expect(samples == [0, half, 200].flatMap { grey in colours.map { _ in UInt8(grey) } })
    #expect(try ImageReading(bytes, path: "a").isTransparent)
    maker.pixels = [[Int]](repeating: colours + [most], count: 3)
    #expect(try !ImageReading(maker.bytes(), path: "a").isTransparent)
  }

  /// What libpng, Pillow and browsers pass over too.
  @Test func `with harmless mistakes are read, and what they are is said`() throws {
    let image = Image8(width: 3, height: 2, channels: 1, samples: [1, 2, 3, 4, 5, 6])
    let bytes = PNG.bytes(of: image)
    let rows: [UInt8] = [0, 1, 2, 3, 0, 4, 5, 6]
    func chunk(_ type: String, _ content: [UInt8], sum: UInt32? = nil) -> [UInt8] {
      let body = Array(type.utf8) + content
      return [UInt32(content.count)].flatMap { $0.big } + body
        + (sum ?? Zlib.crc32(body[...])).big
    }
    func file(_ pixels: [UInt8]) -> [UInt8] {
      Array(bytes[..<33]) + chunk("IDAT", pixels) + chunk("IEND", [])
    }
    let text = chunk("tEXt", Array("a\0b".utf8), sum: 7)
    let whole = Zlib.deflate(rows, .zlib)
    let cases: [(bytes: [UInt8], oddities: [String])] = [
      (bytes, []),
      (
        Array(bytes[..<33]) + text + bytes[33...],
        ["the checksum of its chunk 'tEXt', which is ignored, is wrong"]
      ),
      (
        Array(bytes.dropLast(12)) + text,
        ["the checksum of its chunk 'tEXt', which is ignored, is wrong", "its end is missing"]
      ),
      (Array(bytes.dropLast(12)), ["its end is missing"]),
      (Array(bytes.dropLast(5)), ["its end is missing"]),
      (bytes + [1, 2], ["2 bytes follow its end"]),
      (file(Zlib.deflate(rows + [0, 0], .zlib)), ["more bytes follow its pixels"]),
      (file(whole + [9]), []),
      (file(Array(whole.dropLast(4))), ["the end of its compressed pixels is missing"]),
    ]
    for (number, item) in cases.enumerated() {
      let reading = try ImageReading(item.bytes, path: "a")
      #expect(reading.image == image, "case \(number)")
      #expect(reading.oddities == item.oddities, "case \(number)")
    }
    // The checksum of the pixels themselves counts.
    let damaged = file(Array(whole.dropLast()) + [whole[whole.count - 1] ^ 1])
    #expect(throws: FileProblem.self) { try ImageReading(damaged, path: "a") }
    // A transparent colour whose checksum is wrong is none.
    var clear = Array(bytes[..<33]) + chunk("tRNS", [0, 1], sum: 7) + bytes[33...]
    #expect(try ImageReading(clear, path: "a", background: 99).image == image)
    clear.replaceSubrange(33..<47, with: chunk("tRNS", [0, 1]))
    #expect(try ImageReading(clear, path: "a", background: 99).image.samples[0] == 99)
  }

  @Test func `with a wrong checksum, a lying header or a chunk missing are refused`() throws {
    let image = Image8(width: 3, height: 2, channels: 1, samples: [1, 2, 3, 4, 5, 6])
    let bytes = PNG.bytes(of: image)
    func code(_ change: (inout [UInt8]) -> Void) -> FileProblem.Code? {
      var damaged = bytes
      change(&damaged)
      do {
        _ = try PNG.parse(damaged, path: "a")
        return nil
      } catch { return error.code }
    }
    #expect(code { $0[45] ^= 1 } == .checksum)
    #expect(code { $0.removeLast(13) } == .truncated)
    #expect(code { $0[29] ^= 1 } == .malformed)
    #expect(code { resign(&$0, width: 4) } == .truncated)
    #expect(code { resign(&$0, width: 60_000_000) } == .tooLarge)
    #expect(code { resign(&$0, width: 30_000_000) } == .truncated)
    #expect(code { resign(&$0, width: 0) } == .malformed)
  }

  /// Changes the width in the header and makes its checksum right again.
  private func resign(_ bytes: inout [UInt8], width: UInt32) {
    withUnsafeBytes(of: width.bigEndian) { bytes.replaceSubrange(16..<20, with: $0) }
    let sum = Zlib.crc32(bytes[12..<29])
    withUnsafeBytes(of: sum.bigEndian) { bytes.replaceSubrange(29..<33, with: $0) }
  }

  @Test(arguments: kinds.filter { $0.depth < 16 })
  func `cut short or damaged are read or refused`(kind: Kind) throws {
    var maker = PNGMaker(kind, width: 5, height: 4, seed: 2)
    let bytes = maker.bytes()
    // The last chunk is 12 bytes, and nobody needs it.
    let image = try PNG.parse(bytes, path: "a")
    for count in 0..<bytes.count {
      let cut = try? PNG.parse(Array(bytes.prefix(count)), path: "a")
      #expect(cut == (count < bytes.count - 12 ? nil : image), "cut to \(count)")
    }
    // Checksums hide the damage from what comes after them, so damage what they protect, too.
    try survivesMutations(bytes, rounds: 500) { try PNG.parse($0, path: "a") }
    try survivesMutations(maker.header13, rounds: 500) { damaged in
      try PNG.parse(maker.bytes(header: damaged), path: "a")
    }
    try survivesMutations(maker.rows, rounds: 500) { damaged in
      try PNG.parse(maker.bytes(rows: damaged), path: "a")
    }
  }

  @Test(.needs(.pillow))
  func `open with Pillow, and its files are read`() throws {
    let folder = TemporaryFolder()
    var generator = SeededGenerator(9)
    for (channels, mode) in [(1, "L"), (3, "RGB")] {
      let image = Image8(
        width: 17, height: 9, channels: channels, samples: generator.bytes(153 * channels))
      try image.writePNG(to: folder.file("ours.png"))
      let program = """
        import sys
        from PIL import Image
        i = Image.open(sys.argv[1])
        i.load()
        i.save(sys.argv[2], optimize=True)
        print(i.mode, i.size, list(i.tobytes()))
        """
      let printed = try Python.run(program, [folder.file("ours.png"), folder.file("theirs.png")])
      #expect(printed == "\(mode) (17, 9) \(image.samples)\n")
      #expect(try Image8.read(folder.file("theirs.png")) == image)
    }
  }
}

extension UInt32 {
  fileprivate var big: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}

/// Encodes random pixels as any kind of PNG, with a random filter for each row, and says what they
/// must decode to.
private struct PNGMaker {
  let header: PNGHeader
  let header13: [UInt8]
  var palette: [UInt8] = []
  var transparency: [UInt8] = []
  var pixels: [[Int]]
  private var generator: SeededGenerator

  init(_ kind: PNGTests.Kind, width: Int, height: Int, seed: UInt64) {
    header13 = [
      0, 0, 0, UInt8(width), 0, 0, 0, UInt8(height), UInt8(kind.depth), kind.colour.rawValue, 0, 0,
      kind.isInterlaced ? 1 : 0,
    ]
    guard let header = try? PNGHeader(header13, path: "") else { fatalError("bad test header") }
    self.header = header
    var generator = SeededGenerator(seed)
    let most = (1 << kind.depth) - 1
    pixels = (0..<width * height).map { _ in
      (0..<header.samplesPerPixel).map { _ in Int.random(in: 0...most, using: &generator) }
    }
    if kind.colour == .palette {
      palette = generator.bytes(3 << kind.depth)
      transparency = generator.bytes(most)  // one fewer than there are entries
    }
    self.generator = generator
  }

  var expected: [UInt8] {
    let most = Double((1 << header.depth) - 1)
    return pixels.flatMap { pixel -> [UInt8] in
      let eight = pixel.map { (Double($0) * 255 / most).rounded() }
      func over(_ value: Double, _ alpha: Double) -> UInt8 {
        UInt8((value * alpha / 255).rounded())
      }
      switch header.colour {
      case .grey: return [over(eight[0], 255)]
      case .greyAlpha: return [over(eight[0], eight[1])]
      case .rgb: return eight.map { over($0, 255) }
      case .rgbAlpha: return eight.prefix(3).map { over($0, eight[3]) }
      case .palette:
        let alpha = pixel[0] < transparency.count ? Double(transparency[pixel[0]]) : 255
        return palette[3 * pixel[0]..<3 * pixel[0] + 3].map { over(Double($0), alpha) }
      }
    }
  }

  /// The filtered rows of all passes, straight from the specification.
  var rows: [UInt8] {
    mutating get {
      var rows: [UInt8] = []
      let adam7 = [
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
        (0, 1, 1, 2),
      ]
      for (x0, y0, dx, dy) in header.isInterlaced ? adam7 : [(0, 0, 1, 1)] {
        if x0 >= header.width { continue }
        var above: [UInt8]?
        for y in stride(from: y0, to: header.height, by: dy) {
          let samples = stride(from: x0, to: header.width, by: dx).flatMap {
            pixels[y * header.width + $0]
          }
          let line = pack(samples)
          rows += filter(line, above ?? [UInt8](repeating: 0, count: line.count))
          above = line
        }
      }
      return rows
    }
  }

  private func pack(_ samples: [Int]) -> [UInt8] {
    if header.depth == 16 { return samples.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] } }
    var bits = samples.flatMap { sample in
      (0..<header.depth).reversed().map { sample >> $0 & 1 }
    }
    while bits.count % 8 != 0 { bits.append(0) }
    return stride(from: 0, to: bits.count, by: 8).map { start in
      bits[start..<start + 8].reduce(0) { $0 << 1 | UInt8($1) }
    }
  }

  private mutating func filter(_ line: [UInt8], _ above: [UInt8]) -> [UInt8] {
    let kind = UInt8.random(in: 0...4, using: &generator)
    let step = max(1, header.samplesPerPixel * header.depth / 8)
    return [kind]
      + line.indices.map { i in
        let a = i < step ? 0 : Int(line[i - step])
        let b = Int(above[i])
        let c = i < step ? 0 : Int(above[i - step])
        let nearest = [a, b, c].min { abs(a + b - c - $0) < abs(a + b - c - $1) } ?? 0
        let guess = [0, a, b, (a + b) / 2, nearest][Int(kind)]
        return line[i] &- UInt8(guess)
      }
  }

  mutating func bytes(header: [UInt8]? = nil, rows: [UInt8]? = nil) -> [UInt8] {
    let packed = Zlib.deflate(rows ?? self.rows, .zlib)
    let half = packed.count / 2
    var bytes = PNG.signature + chunk("IHDR", header ?? header13)
    bytes += chunk("tEXt", Array("made by\0a test".utf8))
    if !palette.isEmpty { bytes += chunk("PLTE", palette) }
    if !transparency.isEmpty { bytes += chunk("tRNS", transparency) }
    bytes += chunk("IDAT", Array(packed[..<half])) + chunk("IDAT", Array(packed[half...]))
    return bytes + chunk("IEND", [])
  }

  private func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
    func big(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
    let body = Array(type.utf8) + content
    return big(UInt32(content.count)) + body + big(Zlib.crc32(body[...]))
  }
}
