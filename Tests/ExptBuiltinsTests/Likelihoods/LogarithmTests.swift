import Foundation
import Testing

@testable import ExptBuiltins

@Suite("The repeatable logarithm")
struct LogarithmTests {
  @Test func `it is the logarithm from the smallest to the largest numbers`() {
    var x = Double.leastNormalMagnitude
    while x < Double.greatestFiniteMagnitude / 1.37 {
      let expected = log(x)
      #expect(
        abs(repeatableLog(x) - expected) < 2e-15 * max(1, abs(expected)), "log(\(x))")
      x *= 1.37
    }
    #expect(repeatableLog(1) == 0)
    #expect(repeatableLogit(0.5) == 0)
  }
}
