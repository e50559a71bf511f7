import CKernels
import Foundation
import Testing

@Suite("Random numbers")
struct VectorRandomTests {
  /// Salmon et al.'s known answers for philox4x32-10 (Random123, kat_vectors).
  static let knownAnswers: [(counter: [UInt32], key: [UInt32], words: [UInt32])] = [
    (
      [0, 0, 0, 0], [0, 0],
      [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
    ),
    (
      [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff], [0xffff_ffff, 0xffff_ffff],
      [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
    ),
    (
      [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0],
      [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
    ),
  ]

  @Test(arguments: knownAnswers)
  func `philox gives its authors' answers`(
    _ known: (counter: [UInt32], key: [UInt32], words: [UInt32])
  ) {
    var words = [UInt32](repeating: 0, count: 4)
    ck_philox(known.counter, known.key, &words)
    #expect(words == known.words)
  }

  private func bits(_ n: Int, seed: UInt64 = 1, stream: UInt64 = 2, position: UInt64 = 3)
    -> [UInt32]
  {
    let floats = everywhere { pool in
      filled(n) { memory in
        memory?.withMemoryRebound(to: UInt32.self, capacity: n) {
          ck_random_bits(pool, seed, stream, position, n, $0)
        }
      }
    }
    return floats.map(\.bitPattern)
  }

  @Test(arguments: oddLengths + [5000])
  func `bits are philox words in the documented places`(n: Int) {
    // `everywhere` lets NaN equal NaN, so compare the words themselves.
    var seen = [UInt32](repeating: 0, count: n)
    ck_random_bits(nil, 1, 2, 1 << 40 | 3, n, &seen)
    var key = [UInt32](repeating: 0, count: 4)
    ck_philox([2, 0, 0, 1], [1, 0], &key)
    for element in stride(from: 0, to: n, by: 7) {
      let (group, word, lane) = (element / 64, element / 16 % 4, element % 16)
      var words = [UInt32](repeating: 0, count: 4)
      ck_philox([UInt32(16 * group + lane), 3, 1 << 8, 0], Array(key[..<2]), &words)
      #expect(seen[element] == words[word])
    }
  }

  @Test func `an element depends on seed, stream, position and index only`() {
    let long = bits(1000)
    for n in [1, 15, 63, 64, 65, 999] { #expect(bits(n) == Array(long[..<n])) }
    #expect(bits(1000, seed: 2) != long)
    #expect(bits(1000, stream: 3) != long)
    #expect(bits(1000, position: 4) != long)
    #expect(bits(1000, seed: 1 << 63 | 1) != long)
    #expect(bits(1000, stream: 1 << 63 | 2) != long)
    #expect(bits(1000, position: 1 << 63 | 3) != long)
  }

  @Test func `uniform numbers are the upper bits`() {
    let words = bits(5000)
    let uniform = everywhere { pool in filled(5000) { ck_random_uniform(pool, 1, 2, 3, 5000, $0) } }
    #expect(uniform == words.map { Float($0 >> 8) * 0x1p-24 })
    let coins = everywhere { pool in
      filled(5000) { ck_random_bernoulli(pool, 1, 2, 3, 5000, 0.3, $0) }
    }
    #expect(coins == uniform.map { $0 < 0.3 ? 1 : 0 })
  }

  @Test func `normal numbers are the transform of Box and Muller`() {
    let n = 6400, words = bits(n)
    let seen = everywhere { pool in filled(n) { ck_random_normal(pool, 1, 2, 3, n, $0) } }
    for element in 0..<n where element / 16 % 2 == 0 {
      let u = (Double(words[element] >> 1) + 0.5) * 0x1p-31
      let angle = Double(words[element + 16] >> 8) * 0x1p-24 * 2 * Double.pi
      let radius = (-2 * log(u)).squareRoot()
      expectClose(
        [seen[element], seen[element + 16]], [radius * cos(angle), radius * sin(angle)],
        relative: 1e-6, absolute: 1e-6)
    }
  }

  @Test func `normal numbers have the moments and tails of the normal distribution`() {
    let n = 1 << 18
    let x = filled(n) { ck_random_normal(nil, 11, 12, 13, n, $0) }
    func mean(_ f: (Double) -> Double) -> Double {
      x.withUnsafeBufferPointer { $0.reduce(0.0) { $0 + f(Double($1)) } } / Double(n)
    }
    // Five standard errors of each moment.
    let error = 5 / Double(n).squareRoot()
    #expect(abs(mean { $0 }) < error)
    #expect(abs(mean { $0 * $0 } - 1) < error * 2.0.squareRoot())
    #expect(abs(mean { $0 * $0 * $0 }) < error * 15.0.squareRoot())
    #expect(abs(mean { $0 * $0 * $0 * $0 } - 3) < error * 96.0.squareRoot())
    #expect(abs(mean { abs($0) > 3 ? 1 : 0 } - 0.0026998) < error * 0.0519)
    #expect(x.max() ?? 0 > 4 && x.max() ?? 9 < 6.8)
    // Neighbours are independent.
    let product = zip(x, x.dropFirst()).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(product / Double(n)) < error)
  }
}
