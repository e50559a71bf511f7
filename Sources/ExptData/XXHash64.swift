/// XXH64: a fast 64-bit hash, for telling data apart; no protection against forgery.
///
/// Source: Yann Collet, "xxHash fast digest algorithm", format version 0.1.1.
enum XXHash64 {
  private static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
  private static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
  private static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
  private static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
  private static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5

  static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    var position = 0
    var sum = seed &+ prime5
    if bytes.count >= 32 { sum = stripes(bytes, seed, &position) }
    sum = sum &+ UInt64(bytes.count)
    while bytes.count - position >= 8 {
      sum ^= round(0, word(bytes, position))
      sum = rotate(sum, 27) &* prime1 &+ prime4
      position += 8
    }
    if bytes.count - position >= 4 {
      let half = bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)
      sum ^= UInt64(UInt32(littleEndian: half)) &* prime1
      sum = rotate(sum, 23) &* prime2 &+ prime3
      position += 4
    }
    while position < bytes.count {
      sum ^= UInt64(bytes[position]) &* prime5
      sum = rotate(sum, 11) &* prime1
      position += 1
    }
    sum = (sum ^ (sum >> 33)) &* prime2
    sum = (sum ^ (sum >> 29)) &* prime3
    return sum ^ (sum >> 32)
  }

  /// All whole stripes of 32 bytes, in four lanes.
  private static func stripes(
    _ bytes: UnsafeRawBufferPointer, _ seed: UInt64, _ position: inout Int
  ) -> UInt64 {
    var (a, b) = (seed &+ prime1 &+ prime2, seed &+ prime2)
    var (c, d) = (seed, seed &- prime1)
    while bytes.count - position >= 32 {
      a = round(a, word(bytes, position))
      b = round(b, word(bytes, position + 8))
      c = round(c, word(bytes, position + 16))
      d = round(d, word(bytes, position + 24))
      position += 32
    }
    var sum = rotate(a, 1) &+ rotate(b, 7) &+ rotate(c, 12) &+ rotate(d, 18)
    for lane in [a, b, c, d] { sum = (sum ^ round(0, lane)) &* prime1 &+ prime4 }
    return sum
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
  }

  private static func round(_ sum: UInt64, _ word: UInt64) -> UInt64 {
    rotate(sum &+ word &* prime2, 31) &* prime1
  }

  private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
    (word &<< count) | (word &>> (64 &- count))
  }
}
