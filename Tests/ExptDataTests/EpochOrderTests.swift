import ExptData
import Testing

@Suite("The order of an epoch")
struct EpochOrderTests {
  private func order(_ range: Range<Int>, seed: UInt64 = 1, epoch: Int = 0) -> [Int] {
    var order = [Int](repeating: -1, count: range.count)
    EpochOrder.write(range, into: &order, seed: seed, epoch: epoch)
    return order
  }

  @Test func `every image comes once`() {
    #expect(order(100..<1100).sorted() == Array(100..<1100))
    #expect(order(5..<6) == [5])
    #expect(order(0..<0) == [])
  }

  @Test func `seed and epoch say which order it is`() {
    #expect(order(0..<100) == order(0..<100))
    #expect(order(0..<100) != order(0..<100, epoch: 1))
    #expect(order(0..<100) != order(0..<100, seed: 2))
  }

  // A snapshot: another order would change every run.
  @Test func `the order is the same on every machine and in every version`() {
    #expect(order(0..<10, seed: 1, epoch: 0) == [7, 5, 1, 2, 3, 8, 6, 4, 9, 0])
  }

  @Test func `all orders of four are equally frequent`() {
    var counts: [[Int]: Int] = [:]
    let draws = 24_000
    for epoch in 0..<draws { counts[order(0..<4, epoch: epoch), default: 0] += 1 }
    let expected = Double(draws) / 24
    let chiSquared = counts.values.reduce(0) { sum, count in
      sum + (Double(count) - expected) * (Double(count) - expected) / expected
    }
    #expect(counts.count == 24)
    #expect(chiSquared < 49.7)  // 23 degrees of freedom: exceeded once in a thousand
  }
}
