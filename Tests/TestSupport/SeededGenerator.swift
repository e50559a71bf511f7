/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the same numbers on every machine, so that a
/// failing case can be repeated from its seed.
public struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  public init(_ seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  public mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }

  /// Uniform in [-1, 1), with 24 bits.
  public mutating func float() -> Float {
    Float(Int32(truncatingIfNeeded: next() >> 40)) * 0x1p-23 - 1
  }

  public mutating func floats(_ count: Int, times scale: Float = 1) -> [Float] {
    var numbers = [Float](repeating: 0, count: count)
    for index in numbers.indices { numbers[index] = float() * scale }
    return numbers
  }
}
