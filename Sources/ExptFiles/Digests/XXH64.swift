/// XXH64, with seed 0: fast enough to fingerprint a whole dataset at every start. It tells data
/// apart, and does not protect against somebody who wants two to look the same.
///
/// Source: https://github.com/Cyan4973/xxHash, "xxHash fast digest algorithm", version 0.1.1.
public struct XXH64: Digest {
  private static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
  private static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
  private static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
  private static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
  private static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5

  /// Four sums, each over every fourth word of 8 bytes.
  private var lanes = SIMD4<UInt64>(prime1 &+ prime2, prime2, 0, 0 &- prime1)
  /// Fewer than 32 bytes that are not in the lanes yet.
  private var rest: [UInt8] = []
  private var count: UInt64 = 0

  public init() {}

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    count &+= UInt64(bytes.count)
    var bytes = bytes[...]
    if !rest.isEmpty {
      let part = bytes.prefix(32 - rest.count)
      rest += part
      bytes = bytes.dropFirst(part.count)
      if rest.count < 32 { return }
      rest.withUnsafeBytes { absorb($0) }
      rest.removeAll(keepingCapacity: true)
    }
    let whole = bytes.count / 32 * 32
    absorb(UnsafeRawBufferPointer(rebasing: bytes.prefix(whole)))
    rest += bytes.dropFirst(whole)
  }

  public func finish() -> [UInt8] {
    var sum: UInt64
    if count >= 32 {
      sum = Self.rotate(lanes[0], 1) &+ Self.rotate(lanes[1], 7) &+ Self.rotate(lanes[2], 12)
      sum = sum &+ Self.rotate(lanes[3], 18)
      for lane in 0..<4 {
        sum = (sum ^ Self.round(0, lanes[lane])) &* Self.prime1 &+ Self.prime4
      }
    } else {
      sum = Self.prime5
    }
    sum &+= count
    var tail = rest[...]
    while tail.count >= 8 {
      sum ^= Self.round(0, Self.word(tail.prefix(8)))
      sum = Self.rotate(sum, 27) &* Self.prime1 &+ Self.prime4
      tail = tail.dropFirst(8)
    }
    if tail.count >= 4 {
      sum ^= Self.word(tail.prefix(4)) &* Self.prime1
      sum = Self.rotate(sum, 23) &* Self.prime2 &+ Self.prime3
      tail = tail.dropFirst(4)
    }
    for byte in tail {
      sum = Self.rotate(sum ^ (UInt64(byte) &* Self.prime5), 11) &* Self.prime1
    }
    sum = (sum ^ (sum >> 33)) &* Self.prime2
    sum = (sum ^ (sum >> 29)) &* Self.prime3
    sum ^= sum >> 32
    return withUnsafeBytes(of: sum.bigEndian) { Array($0) }
  }

  /// A whole number of blocks of 32 bytes.
  private mutating func absorb(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    var (a, b, c, d) = (lanes[0], lanes[1], lanes[2], lanes[3])
    func word(_ place: Int) -> UInt64 {
      UInt64(littleEndian: base.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }
    for place in stride(from: 0, to: bytes.count, by: 32) {
      a = Self.round(a, word(place))
      b = Self.round(b, word(place + 8))
      c = Self.round(c, word(place + 16))
      d = Self.round(d, word(place + 24))
    }
    lanes = SIMD4(a, b, c, d)
  }

  private static func round(_ sum: UInt64, _ word: UInt64) -> UInt64 {
    rotate(sum &+ word &* prime2, 31) &* prime1
  }

  private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
    (word &<< count) | (word &>> (64 &- count))
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
