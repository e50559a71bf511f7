/// The first chunk of a PNG file.
struct PNGHeader {
  enum Colour: UInt8 { case grey = 0, rgb = 2, palette = 3, greyAlpha = 4, rgbAlpha = 6 }

  let width: Int
  let height: Int
  /// Bits a sample: 1, 2, 4, 8 or 16.
  let depth: Int
  let colour: Colour
  let isInterlaced: Bool

  /// From the chunk's 13 bytes.
  init(_ content: [UInt8], path: String) throws(FileProblem) {
    var reader = ByteReader(content, path: path, part: "the PNG header")
    width = Int(try reader.integer(UInt32.self, .big))
    height = Int(try reader.integer(UInt32.self, .big))
    depth = Int(try reader.byte())
    let colour = Colour(rawValue: try reader.byte())
    let rest = try reader.slice(3)
    let depths: [Int] =
      switch colour {
      case .grey: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .rgb, .greyAlpha, .rgbAlpha: [8, 16]
      case nil: []
      }
    guard let colour, depths.contains(depth), Array(rest.dropLast()) == [0, 0],
      (0...1).contains(content[12])
    else {
      throw FileProblem(.malformed, "its header does not describe a valid PNG image.", path: path)
    }
    self.colour = colour
    isInterlaced = content[12] == 1
  }

  /// Channels of the decoded image.
  var channels: Int { colour == .grey || colour == .greyAlpha ? 1 : 3 }

  /// Samples a pixel in the file.
  var samplesPerPixel: Int {
    switch colour {
    case .grey, .palette: 1
    case .greyAlpha: 2
    case .rgb: 3
    case .rgbAlpha: 4
    }
  }

  /// One pass over the image: the pixels at `x + i·dx, y + j·dy`.
  struct Pass {
    var x: Int, y: Int, dx: Int, dy: Int
    var columns: Int, rows: Int
  }

  /// The passes that hold pixels, in file order: one, or up to seven when interlaced (Adam7).
  var passes: [Pass] {
    let steps: [(Int, Int, Int, Int)] =
      isInterlaced
      ? [
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
        (0, 1, 1, 2),
      ] : [(0, 0, 1, 1)]
    return steps.map { x, y, dx, dy in
      Pass(
        x: x, y: y, dx: dx, dy: dy, columns: max(0, (width - x + dx - 1) / dx),
        rows: max(0, (height - y + dy - 1) / dy))
    }.filter { $0.columns > 0 && $0.rows > 0 }
  }

  /// Bytes of a row of `columns` pixels, without the filter's byte.
  func rowSize(_ columns: Int) -> Int { (columns * samplesPerPixel * depth + 7) / 8 }

  /// Bytes of all rows of all passes with their filter bytes; nil if Int cannot hold it.
  /// (Sizes are below 2³², so that a row's size cannot overflow.)
  var sizeOfRows: Int? {
    var total = 0
    for pass in passes {
      guard let size = checkedProduct([rowSize(pass.columns) + 1, pass.rows]) else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(size)
      if overflow { return nil }
      total = sum
    }
    return total
  }
}

/// Turns filtered rows into samples.
struct PNGDecoder {
  private let header: PNGHeader
  private let palette: [UInt8]
  /// Alpha by palette entry, or one colour that is transparent.
  private let transparency: [UInt8]
  /// The grey that transparent pixels are drawn on.
  private let background: Int
  /// Whether any pixel is not wholly opaque.
  private(set) var sawTransparency = false

  init(_ header: PNGHeader, palette: [UInt8], transparency: [UInt8], background: UInt8) {
    (self.header, self.palette, self.transparency) = (header, palette, transparency)
    self.background = Int(background)
  }

  /// Fills `samples`, shape [height, width, channels]. False if the rows make no sense.
  mutating func decode(_ rows: [UInt8], into samples: inout [UInt8]) -> Bool {
    let pixelSize = max(1, header.samplesPerPixel * header.depth / 8)
    var position = 0
    for pass in header.passes {
      let size = header.rowSize(pass.columns)
      var above = [UInt8](repeating: 0, count: size)
      for row in 0..<pass.rows {
        var line = Array(rows[position + 1..<position + 1 + size])
        guard Self.unfilter(&line, above: above, kind: rows[position], step: pixelSize) else {
          return false
        }
        position += size + 1
        let start = (pass.y + row * pass.dy) * header.width + pass.x
        for column in 0..<pass.columns {
          let target = (start + column * pass.dx) * header.channels
          guard store(pixel(column, of: line), at: target, in: &samples) else { return false }
        }
        above = line
      }
    }
    return true
  }

  private static func unfilter(
    _ line: inout [UInt8], above: [UInt8], kind: UInt8, step: Int
  ) -> Bool {
    for i in line.indices {
      let left = i >= step ? line[i - step] : 0
      switch kind {
      case 0: return true
      case 1: line[i] &+= left
      case 2: line[i] &+= above[i]
      case 3: line[i] &+= UInt8((Int(left) + Int(above[i])) / 2)
      case 4: line[i] &+= paeth(left, above[i], i >= step ? above[i - step] : 0)
      default: return false
      }
    }
    return true
  }

  /// Whichever of left, above and above-left is nearest to left + above − above-left.
  private static func paeth(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> UInt8 {
    let guess = Int(a) + Int(b) - Int(c)
    let (toA, toB, toC) = (abs(guess - Int(a)), abs(guess - Int(b)), abs(guess - Int(c)))
    if toA <= toB && toA <= toC { return a }
    return toB <= toC ? b : c
  }

  /// A pixel's samples as the file holds them, 0…2^depth − 1. Unused ones are 0.
  private func pixel(_ column: Int, of line: [UInt8]) -> (Int, Int, Int, Int) {
    func sample(_ channel: Int) -> Int {
      if channel >= header.samplesPerPixel { return 0 }
      let place = column * header.samplesPerPixel + channel
      switch header.depth {
      case 16: return Int(line[2 * place]) << 8 | Int(line[2 * place + 1])
      case 8: return Int(line[place])
      default:
        let bit = place * header.depth
        let shift = 8 - header.depth - bit % 8
        return Int(line[bit / 8]) >> shift & ((1 << header.depth) - 1)
      }
    }
    return (sample(0), sample(1), sample(2), sample(3))
  }

  private mutating func store(
    _ pixel: (Int, Int, Int, Int), at target: Int, in samples: inout [UInt8]
  ) -> Bool {
    let most = (1 << header.depth) - 1
    func scaled(_ value: Int) -> Int { (value * 255 + most / 2) / most }
    func composed(_ value: Int, _ alpha: Int) -> UInt8 {
      UInt8((value * alpha + background * (255 - alpha) + 127) / 255)
    }
    func colour(_ place: Int) -> Int {
      Int(transparency[2 * place]) << 8 | Int(transparency[2 * place + 1])
    }
    switch header.colour {
    case .grey:
      let isClear = !transparency.isEmpty && pixel.0 == colour(0)
      if isClear { sawTransparency = true }
      samples[target] = composed(scaled(pixel.0), isClear ? 0 : 255)
    case .greyAlpha:
      if pixel.1 < most { sawTransparency = true }
      samples[target] = composed(scaled(pixel.0), scaled(pixel.1))
    case .palette:
      let entry = pixel.0 * 3
      guard entry + 2 < palette.count else { return false }
      let alpha = pixel.0 < transparency.count ? Int(transparency[pixel.0]) : 255
      if alpha < 255 { sawTransparency = true }
      for channel in 0..<3 {
        samples[target + channel] = composed(Int(palette[entry + channel]), alpha)
      }
    case .rgb, .rgbAlpha:
      var alpha = header.colour == .rgbAlpha ? scaled(pixel.3) : 255
      if header.colour == .rgb, !transparency.isEmpty,
        pixel.0 == colour(0), pixel.1 == colour(1), pixel.2 == colour(2)
      {
        alpha = 0
      }
      if alpha < 255 { sawTransparency = true }
      samples[target] = composed(scaled(pixel.0), alpha)
      samples[target + 1] = composed(scaled(pixel.1), alpha)
      samples[target + 2] = composed(scaled(pixel.2), alpha)
    }
    return true
  }
}
