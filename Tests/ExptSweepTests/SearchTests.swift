import ExptDocument
import Foundation
import Testing

@testable import ExptSweep

@Suite("Successive halving") struct ASHATests {
  private let asha = ASHA(firstEpochs: 1, reduction: 3)

  private func entry(
    _ done: Int, goal: Int? = nil, hasFailed: Bool = false, _ values: [Int: Double] = [:]
  ) -> ASHA.Entry {
    ASHA.Entry(epochs: 9, done: done, goal: goal, hasFailed: hasFailed, values: values)
  }

  @Test func `has rungs up to the last epoch`() {
    #expect(asha.rungs(epochs: 9) == [1, 3, 9])
    #expect(asha.rungs(epochs: 10) == [1, 3, 9, 10])
    #expect(asha.rungs(epochs: 1) == [1])
  }

  @Test func `starts a new run until a third of a rung can be promoted`() throws {
    let two = [entry(1, [1: 5]), entry(1, [1: 4]), entry(0)]
    let start = try #require(asha.next(two))
    #expect(start == (2, 1))
    let three = [entry(1, [1: 5]), entry(1, [1: 4]), entry(1, [1: 6]), entry(0)]
    let promotion = try #require(asha.next(three))
    #expect(promotion == (1, 3))
  }

  @Test func `promotes nobody twice, nor who failed or runs`() throws {
    let promoted = entry(3, [1: 4, 3: 3])
    let entries = [promoted, entry(1, [1: 5]), entry(1, [1: 6]), entry(0, goal: 1)]
    #expect(asha.next(entries) == nil)
    let out = entry(1, goal: .max, hasFailed: true, [1: 1])
    let failed = [out, entry(1, [1: 5]), entry(1, [1: 6])]
    #expect(try #require(asha.next(failed)) == (1, 3))
  }

  @Test func `trains the best of 27 to the end and spends less than half of the epochs`() {
    var entries = (0..<27).map { _ in entry(0) }
    // The final order shows from the start: run 13 is the best, in no order otherwise.
    while let (index, until) = asha.next(entries) {
      entries[index].done = until
      for epoch in 1...until {
        entries[index].values[epoch] = Double((index - 13 + 27) * 10 % 27) + 1 / Double(epoch)
      }
    }
    #expect(entries.allSatisfy { $0.done >= 1 })
    #expect(entries[13].done == 9)
    #expect(entries.reduce(0) { $0 + $1.done } < 27 * 9 / 2)
  }
}

@Suite("The Parzen estimator") struct TPETests {
  private let settings = [
    Draws.Setting(key: "x", distribution: .uniform(-5, 5)),
    Draws.Setting(key: "rate", distribution: .logUniform(1e-5, 1)),
    Draws.Setting(
      key: "kind",
      distribution: .choice(
        ["a", "b", "c"].map { Node(.scalar(Scalar($0)), origin: .defaultValue) })),
  ]

  private func loss(_ point: [Assignment]) -> Double {
    func number(_ key: String) -> Double {
      point.first { $0.key == key }.flatMap { Double($0.text) } ?? .nan
    }
    let kind = point.first { $0.key == "kind" }?.text
    return pow(number("x") - 2, 2) + pow(log10(number("rate")) + 3, 2) + (kind == "b" ? 0 : 3)
  }

  private func search(_ tpe: TPE) -> [TPE.Result] {
    (0..<tpe.trials).reduce(into: []) { results, number in
      let point = tpe.propose(number, after: results)
      results.append(TPE.Result(point: point, value: loss(point)))
    }
  }

  @Test func `finds better points than chance, over twenty seeds`() {
    var better = 0
    for seed in 0..<20 {
      func best(startup: Int) -> Double {
        let tpe = TPE(
          trials: 60, seed: UInt64(seed), startup: startup, candidates: 24, settings: settings)
        return search(tpe).map(\.value).min() ?? .infinity
      }
      if best(startup: 10) < best(startup: 60) { better += 1 }
    }
    #expect(better >= 16, "better with \(better) of 20 seeds")
  }

  @Test func `proposes the same after the same results`() {
    let tpe = TPE(trials: 30, seed: 4, startup: 5, candidates: 24, settings: settings)
    #expect(search(tpe).map(\.value) == search(tpe).map(\.value))
  }
}

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
