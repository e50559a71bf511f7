import ExptTestSupport
import Testing

@testable import ExptFiles

/// Every proper beginning of `bytes` must be refused with a `FileProblem`.
func expectTruncationRefused<Value>(
  _ bytes: [UInt8], _ parse: ([UInt8]) throws -> Value
) throws {
  _ = try parse(bytes)
  for count in 0..<bytes.count {
    #expect(throws: FileProblem.self, "cut to \(count) of \(bytes.count) bytes") {
      try parse(Array(bytes.prefix(count)))
    }
  }
}

/// Damaged files must be read or refused: a trap would end the test process. Returns how many of
/// the damaged files were refused.
@discardableResult
func survivesMutations<Value>(
  _ bytes: [UInt8], rounds: Int = 3000, seed: UInt64 = 1, _ parse: ([UInt8]) throws -> Value
) throws -> Int {
  var generator = SeededGenerator(seed)
  let extremes: [UInt8] = [0, 1, 0x7f, 0x80, 0xfe, 0xff]
  var refused = 0
  for _ in 0..<rounds {
    var damaged = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) where !damaged.isEmpty {
      let place = Int.random(in: 0..<damaged.count, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: damaged[place] = UInt8.random(in: 0...255, using: &generator)
      case 1: damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 2: damaged[place] = extremes.randomElement(using: &generator) ?? 0
      case 3: damaged.removeSubrange(place..<min(damaged.count, place + 3))
      default: damaged.insert(damaged[place], at: place)
      }
    }
    do {
      _ = try parse(damaged)
    } catch is FileProblem {
      refused += 1
    }
  }
  return refused
}
