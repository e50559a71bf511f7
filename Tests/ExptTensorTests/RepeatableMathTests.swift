import ExptTensor
import Foundation
import Testing

@Suite("Repeatable mathematics")
struct RepeatableMathTests {
  @Test func `the logarithm is one from the smallest to the largest numbers`() {
    var x = Double.leastNormalMagnitude
    while x < Double.greatestFiniteMagnitude / 1.37 {
      let expected = log(x)
      #expect(
        abs(RepeatableMath.log(x) - expected) < 2e-15 * max(1, abs(expected)), "log(\(x))")
      x *= 1.37
    }
    #expect(RepeatableMath.log(1) == 0)
    #expect(RepeatableMath.logit(0.5) == 0)
  }

  @Test func `exponentials and broken powers agree with libm`() {
    for index in -7000...7000 {
      let x = Double(index) / 10
      let (seen, expected) = (RepeatableMath.exp(x), exp(x))
      let error = abs(seen - expected) / expected
      #expect(error < 1e-15 + 2e-16 * abs(x), "exp(\(x))")
    }
    #expect(RepeatableMath.exp(0) == 1 && RepeatableMath.exp(-1e9) == 0)
    #expect(RepeatableMath.exp(1e9) == .infinity && RepeatableMath.exp(.nan).isNaN)
    for (base, exponent) in [(0.3, 0.5), (0.97, 2.75), (1, 0.1), (0.001, 1.5), (0.5, 3.0)] {
      let (seen, expected) = (RepeatableMath.power(base, exponent), pow(base, exponent))
      #expect(abs(seen - expected) <= 1e-14 * expected, "\(base) to the power of \(exponent)")
    }
    #expect(RepeatableMath.power(0.0, 0.5) == 0 && RepeatableMath.power(0.0, 0.0) == 1)
  }

  @Test func `powers and cosines agree with libm`() {
    for exponent in 0...300 {
      let (seen, expected) = (RepeatableMath.power(0.97, exponent), pow(0.97, Double(exponent)))
      #expect(abs(seen - expected) <= 1e-13 * expected, "0.97 to the power of \(exponent)")
    }
    for index in 0...1000 {
      let x = Double(index) / 1000
      let (seen, expected) = (RepeatableMath.cosineOfPi(x), cos(Double.pi * x))
      #expect(abs(seen - expected) < 1e-15, "cos(\(x)·π)")
    }
  }
}
