import ExptComponents
import Testing

@testable import ExptSweep

@Suite("The importance of settings") struct ImportanceTests {
  @Test func `is the share of the variance between the levels, less what chance gives`() {
    // y = 10 a + b with a, b in {0, 1}, each pair twice: the variance is 25 + 0.25. Adjusted as R²
    // of a regression on two levels among eight runs, by (8 - 1)/(8 - 2).
    let runs = [(0, 0), (0, 1), (1, 0), (1, 1)].flatMap { a, b in
      let run = (settings: ["a": "\(a)", "b": "\(b)"], value: Double(10 * a + b))
      return [run, run]
    }
    let found = Importance.of(["b", "a"], runs)
    #expect(found.map(\.key) == ["a", "b"])
    #expect(abs(found[0].share - (1 - (0.25 / 25.25) * 7 / 6)) < 1e-12)
    #expect(found[1].share == 0, "one part in a hundred is less than chance gives")
  }

  @Test func `of a setting that does nothing is near 0 over two hundred seeds`() {
    var sum = 0.0
    var uncorrected = 0.0
    for seed in 0..<200 {
      var random = SplitMix64(UInt64(seed), 1, 2, 3)
      let runs = (0..<12).map { (settings: ["x": "\($0 % 4)"], value: random.normal()) }
      sum += Importance.of(["x"], runs).first?.share ?? .nan
      uncorrected += 3.0 / 11
    }
    // Cut off at 0, the mean is a little above it; uncorrected, chance gives (4 - 1)/(12 - 1).
    #expect(sum / 200 < 0.15, "mean \(sum / 200)")
    #expect(sum < uncorrected / 2)
  }

  @Test func `cuts many numbers into four bins`() {
    let runs = (0..<40).map { (settings: ["x": "\($0)"], value: $0 < 20 ? 0.0 : 1.0) }
    #expect(Importance.of(["x"], runs) == [Importance(key: "x", share: 1)])
  }
}
