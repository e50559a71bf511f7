import Testing

@testable import ExptTensor

@Suite("Random sequences")
struct RandomSequenceTests {
  // Known answers of Random123's kat_vectors for philox4x32, 10 rounds.
  @Test(arguments: [
    (
      SIMD4<UInt32>(repeating: 0), SIMD2<UInt32>(repeating: 0),
      SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
    ),
    (
      SIMD4(repeating: UInt32.max), SIMD2(repeating: UInt32.max),
      SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    ),
    (
      SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), SIMD2(0xa409_3822, 0x299f_31d0),
      SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    ),
  ])
  func `the bits are Philox's`(
    counter: SIMD4<UInt32>, key: SIMD2<UInt32>, expected: SIMD4<UInt32>
  ) {
    #expect(RandomSequence.philox(counter, key: key) == expected)
  }

  @Test func `seed, stream and position say which sequence it is`() {
    func first(_ seed: UInt64, _ stream: UInt64, _ position: UInt64) -> [UInt32] {
      var random = RandomSequence(seed: seed, stream: stream, position: position)
      return (0..<6).map { _ in random.word() }
    }
    #expect(first(1, 2, 3) == first(1, 2, 3))
    let all = [first(1, 2, 3), first(0, 2, 3), first(1, 3, 3), first(1, 2, 4), first(2, 1, 3)]
    #expect(Set(all).count == 5)
    #expect(Set(first(1, 2, 3)).count == 6)
  }

  @Test func `numbers below a bound are evenly spread and below it`() {
    var random = RandomSequence(seed: 5, stream: 0)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[random.below(7)] += 1 }
    let chiSquared = counts.reduce(0.0) { $0 + Double(($1 - 10_000) * ($1 - 10_000)) / 10_000 }
    #expect(chiSquared < 22.5)  // 6 degrees of freedom: exceeded once in a thousand
    #expect(random.below(1) == 0)
  }

  @Test func `fractions are even and bells are not`() {
    var random = RandomSequence(seed: 5, stream: 1)
    var (sum, squares, bells) = (0.0, 0.0, 0.0)
    let draws = 40_000
    for _ in 0..<draws {
      let value = Double(random.fraction())
      #expect(value >= 0 && value < 1)
      let bell = Double(random.bell())
      sum += value
      squares += value * value
      bells += bell * bell
    }
    #expect(abs(sum / Double(draws) - 0.5) < 0.006)
    #expect(abs(squares / Double(draws) - 1.0 / 3) < 0.006)
    #expect(abs(bells / Double(draws) - 1.0 / 12) < 0.003)
  }
}
