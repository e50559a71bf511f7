import ExptComponents
import Testing

@Suite("Limits")
struct LimitsTests {
  static let cases: [(Limits, description: String?, inside: [Double], outside: [Double])] = [
    (.none, nil, [-1e300, 0, 1e300], []),
    (.within(0...1), "from 0 to 1", [0, 0.5, 1], [-0.1, 1.1]),
    (.within(0..<1), "at least 0 and below 1", [0, 0.999], [-0.1, 1]),
    (.atLeast(2), "at least 2", [2, 3], [1.9]),
    (.above(0), "above 0", [1e-300, 5], [0, -1]),
    (.above(0, upTo: 1.5), "above 0 and at most 1.5", [0.1, 1.5], [0, 1.6]),
    (Limits(upper: 3), "at most 3", [-5, 3], [3.1]),
  ]

  @Test(arguments: cases)
  func `say what they allow, and allow it`(
    _ limits: Limits, _ description: String?, _ inside: [Double], _ outside: [Double]
  ) {
    #expect(limits.description == description)
    for number in inside { #expect(limits.contains(number), "\(number)") }
    for number in outside { #expect(!limits.contains(number), "\(number)") }
  }
}
