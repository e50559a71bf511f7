/// MD5 (RFC 1321): only for comparing with published checksums, never for safety.
public struct MD5: Digest {
  private var blocks = DigestBlocks()
  private var words: (UInt32, UInt32, UInt32, UInt32) = (
    0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476
  )

  public init() {}

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var words = self.words
    blocks.feed(bytes) { Self.compress($0, into: &words) }
    self.words = words
  }

  public func finish() -> [UInt8] {
    var last = words
    let padding = blocks.padding(bigEndian: false)
    padding.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      for start in stride(from: 0, to: bytes.count, by: 64) {
        Self.compress(base + start, into: &last)
      }
    }
    return [last.0, last.1, last.2, last.3].flatMap { word in
      withUnsafeBytes(of: word.littleEndian) { Array($0) }
    }
  }

  private static func compress(
    _ block: UnsafeRawPointer, into words: inout (UInt32, UInt32, UInt32, UInt32)
  ) {
    var (a, b, c, d) = words
    constants.withUnsafeBufferPointer { constants in
      for i in 0..<64 {
        let mix: UInt32
        let place: Int
        switch i >> 4 {
        case 0: (mix, place) = ((b & c) | (~b & d), i)
        case 1: (mix, place) = ((d & b) | (~d & c), (5 * i + 1) & 15)
        case 2: (mix, place) = (b ^ c ^ d, (3 * i + 5) & 15)
        default: (mix, place) = (c ^ (b | ~d), (7 * i) & 15)
        }
        let input = block.loadUnaligned(fromByteOffset: 4 * place, as: UInt32.self)
        let sum = a &+ mix &+ constants[i] &+ UInt32(littleEndian: input)
        let turn = rotation(i)
        (a, d, c) = (d, c, b)
        b = b &+ ((sum &<< turn) | (sum &>> (32 &- turn)))
      }
    }
    words = (words.0 &+ a, words.1 &+ b, words.2 &+ c, words.3 &+ d)
  }

  private static func rotation(_ i: Int) -> UInt32 {
    let turns: UInt32 =
      switch i >> 4 {
      case 0: 0x1611_0c07
      case 1: 0x140e_0905
      case 2: 0x1710_0b04
      default: 0x150f_0a06
      }
    return (turns >> UInt32(8 * (i & 3))) & 0xff
  }

  /// floor(2³² · |sin(i + 1)|).
  private static let constants: [UInt32] = [
    0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613,
    0xfd46_9501, 0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193,
    0xa679_438e, 0x49b4_0821, 0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d,
    0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8, 0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed,
    0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a, 0xfffa_3942, 0x8771_f681, 0x6d9d_6122,
    0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70, 0x289b_7ec6, 0xeaa1_27fa,
    0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665, 0xf429_2244,
    0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
    0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb,
    0xeb86_d391,
  ]
}
