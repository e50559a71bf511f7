import ExptComponents

/// Images of only black and white in memory, eight pixels a byte.
struct PackedPixels: PixelSource {
  let count: Int
  let size: Int
  /// Each image from a byte of its own on, its first pixel in the lowest bit.
  private let bits: [UInt8]

  var holdsBytes: Bool { true }
  var isInMemory: Bool { true }

  private init(count: Int, size: Int, bits: [UInt8]) {
    (self.count, self.size, self.bits) = (count, size, bits)
  }

  /// Takes images one after another, black where a value is 0.
  struct Packing {
    private let size: Int
    private var bits: [UInt8] = []
    private var count = 0

    init(size: Int, count: Int) {
      self.size = size
      bits.reserveCapacity(count * ((size + 7) / 8))
    }

    mutating func add(_ values: [UInt8]) {
      values.withUnsafeBufferPointer { values in
        for start in stride(from: 0, to: values.count, by: max(1, size)) {
          for place in stride(from: start, to: start + size, by: 8) {
            var byte: UInt8 = 0
            for bit in 0..<min(8, start + size - place) where values[place + bit] != 0 {
              byte |= 1 << UInt8(bit)
            }
            bits.append(byte)
          }
        }
      }
      count += values.count / max(1, size)
    }

    var pixels: PackedPixels { PackedPixels(count: count, size: size, bits: bits) }
  }

  func read(_ images: Range<Int>, into target: UnsafeMutableRawBufferPointer) {
    let width = (size + 7) / 8
    bits.withUnsafeBufferPointer { bits in
      Self.eights.withUnsafeBufferPointer { eights in
        for (row, image) in images.enumerated() {
          for place in 0..<size / 8 {
            target.storeBytes(
              of: eights[Int(bits[image * width + place])], toByteOffset: row * size + place * 8,
              as: UInt64.self)
          }
          for pixel in size / 8 * 8..<size {
            let byte = bits[image * width + pixel / 8]
            target[row * size + pixel] = byte >> UInt8(pixel % 8) & 1 == 0 ? 0 : 255
          }
        }
      }
    }
  }

  /// The eight pixels of a byte, the lowest bit in the first byte of memory.
  private static let eights: [UInt64] = (0..<256).map { byte in
    var pixels: UInt64 = 0
    for bit in 0..<8 where byte & (1 << bit) != 0 { pixels |= 0xff << UInt64(8 * bit) }
    return pixels.littleEndian
  }
}
