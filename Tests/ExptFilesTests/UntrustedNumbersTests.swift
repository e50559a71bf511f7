import ExptFiles
import Synchronization
import Testing

@Suite("Numbers from files")
struct UntrustedNumbersTests {
  @Test(arguments: [
    (0.0, 0), (-0.0, 0), (2.5, 3), (-2.5, -3), (1e15, 1_000_000_000_000_000), (1e19, Int.max),
    (9.3e18, .max), (-1e19, .min), (-9_223_372_036_854_775_808, .min), (1e308, .max),
    (.infinity, .max), (-.infinity, .min), (.nan, 0), (.leastNonzeroMagnitude, 0),
    (9_223_372_036_854_774_784, 9_223_372_036_854_774_784),
  ])
  func `become the nearest whole number there is`(_ value: Double, _ expected: Int) {
    #expect(Int(nearest: value) == expected)
  }

  @Test func `are asked for as memory before they are taken`() {
    #expect(Memory.has(0) && Memory.has(1 << 20) && Memory.has(32 << 20))
    #expect(!Memory.has(.max / 2))
  }

  @Test func `of work on several threads are each done once`() {
    for count in [0, 1, 2, 7, 1000] {
      let done = Done()
      Threads.perform(count) { done.add($0) }
      #expect(done.sorted == Array(0..<count))
    }
  }
}

private final class Done: Sendable {
  private let numbers = Mutex<[Int]>([])
  func add(_ number: Int) { numbers.withLock { $0.append(number) } }
  var sorted: [Int] { numbers.withLock { $0.sorted() } }
}
