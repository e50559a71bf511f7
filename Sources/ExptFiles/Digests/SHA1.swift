/// SHA-1 (RFC 3174): only for what asks for it by name, such as the beginning of a WebSocket, never for
/// safety.
public struct SHA1: Digest {
  private var blocks = DigestBlocks()
  private var words: [UInt32] = [
    0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0,
  ]

  public init() {}

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var words = self.words
    blocks.feed(bytes) { Self.compress($0, into: &words) }
    self.words = words
  }

  public func finish() -> [UInt8] {
    var last = words
    let padding = blocks.padding(bigEndian: true)
    padding.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      for start in stride(from: 0, to: bytes.count, by: 64) {
        Self.compress(base + start, into: &last)
      }
    }
    return last.flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }
  }

  private static func compress(_ block: UnsafeRawPointer, into words: inout [UInt32]) {
    var schedule = (0..<16).map { place in
      UInt32(bigEndian: block.loadUnaligned(fromByteOffset: 4 * place, as: UInt32.self))
    }
    for i in 16..<80 {
      schedule.append(
        rotated(schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16], 1))
    }
    var (a, b, c, d, e) = (words[0], words[1], words[2], words[3], words[4])
    for i in 0..<80 {
      let (mix, constant): (UInt32, UInt32) =
        switch i / 20 {
        case 0: ((b & c) | (~b & d), 0x5a82_7999)
        case 1: (b ^ c ^ d, 0x6ed9_eba1)
        case 2: ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc)
        default: (b ^ c ^ d, 0xca62_c1d6)
        }
      let sum = rotated(a, 5) &+ mix &+ e &+ constant &+ schedule[i]
      (e, d, c, b, a) = (d, c, rotated(b, 30), a, sum)
    }
    words = zip(words, [a, b, c, d, e]).map { $0 &+ $1 }
  }

  private static func rotated(_ word: UInt32, _ turn: UInt32) -> UInt32 {
    word &<< turn | word &>> (32 &- turn)
  }
}
