/// Random whole numbers and fractions, one after another, from a seed, a stream and a position.
///
///     var random = RandomSequence(seed: 7, stream: Random.stream("digits"), position: 41)
///     random.below(10)            // 0 … 9
///
/// A value: a copy continues with the same numbers. Sequences of different position (image 41, image
/// 42; epoch 1, epoch 2) are independent, so work can be cut by position and done in any order. Only
/// integers and exact conversions are used: the numbers are the same on every machine.
///
/// Source: Philox 4×32-10, Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
public struct RandomSequence: Sendable {
  private let key: SIMD2<UInt32>
  private let position: UInt64
  private var block: UInt64 = 0
  private var words = SIMD4<UInt32>()
  private var used = 4

  public init(seed: UInt64, stream: UInt64, position: UInt64 = 0) {
    let mixed = Self.mix(seed &+ Self.mix(stream))
    key = SIMD2(UInt32(truncatingIfNeeded: mixed), UInt32(truncatingIfNeeded: mixed >> 32))
    self.position = position
  }

  /// The next 32 random bits.
  public mutating func word() -> UInt32 {
    if used == 4 { refill() }
    defer { used += 1 }
    return words[used]
  }

  private mutating func refill() {
    let counter = SIMD4(
      UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32),
      UInt32(truncatingIfNeeded: position), UInt32(truncatingIfNeeded: position >> 32))
    words = Self.philox(counter, key: key)
    block += 1
    used = 0
  }

  /// The ten rounds of Philox 4×32 on one counter.
  static func philox(_ counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var (counter, key) = (counter, key)
    for _ in 0..<10 {
      let first = counter[0].multipliedFullWidth(by: 0xd251_1f53)
      let second = counter[2].multipliedFullWidth(by: 0xcd9e_8d57)
      counter = SIMD4(
        second.high ^ counter[1] ^ key[0], second.low, first.high ^ counter[3] ^ key[1], first.low)
      key = key &+ SIMD2(0x9e37_79b9, 0xbb67_ae85)
    }
    return counter
  }

  /// A number from 0 to `bound` − 1. Its bias is below `bound` / 2⁶⁴.
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "there is no number below \(bound)")
    let wide = UInt64(word()) << 32 | UInt64(word())
    return Int(wide.multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A multiple of 2⁻²⁴ in [0, 1).
  public mutating func fraction() -> Float { Float(word() >> 8) * 0x1p-24 }

  /// A number in [−1, 1) whose density is a bell: the mean of four uniform ones, deviation 0.29.
  public mutating func bell() -> Float {
    let sum = (fraction() + fraction()) + (fraction() + fraction())
    return sum * 0.5 - 1
  }

  /// The finaliser of SplitMix64: every bit of the result depends on every bit of the number.
  private static func mix(_ number: UInt64) -> UInt64 {
    var bits = number &+ 0x9e37_79b9_7f4a_7c15
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }
}
