import ExptBuiltins
import ExptComponents
import ExptDocument
import Foundation
import Testing

extension TPE {
  init(trials: Int, seed: UInt64, startup: Int, candidates: Int, settings: [Draws.Setting]) {
    self.init()
    shared.trials = trials
    shared.seed = seed
    shared.settings = settings.map { setting in
      var value = DistributionSettings()
      switch setting.distribution {
      case .uniform(let low, let high): value.uniform = [low, high]
      case .logUniform(let low, let high): value.logUniform = [low, high]
      case .integer(let low, let high): value.integer = [low, high]
      case .logInteger(let low, let high): value.logInteger = [low, high]
      case .choice(let nodes): value.choice = nodes.compactMap(WrittenValue.read)
      }
      return Entry(key: setting.key, value: value)
    }
    self.startup = startup
    self.candidates = candidates
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

  private func search(_ tpe: TPE) -> [TrialResult] {
    (0..<tpe.shared.trials).reduce(into: []) { results, number in
      let point = tpe.propose(number, after: results)
      results.append(TrialResult(settings: point, value: loss(point)))
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

@Suite("A search over a region that fails") struct FailingSearchTests {
  private func choice(_ key: String, _ values: [String]) -> Draws.Setting {
    Draws.Setting(
      key: key,
      distribution: .choice(values.map { Node(.scalar(Scalar($0)), origin: .defaultValue) }))
  }

  private func number(_ point: [Assignment], _ key: String) -> Double {
    point.first { $0.key == key }?.meaning.double ?? .nan
  }

  private func text(_ point: [Assignment], _ key: String) -> String {
    point.first { $0.key == key }?.text ?? ""
  }

  /// The share of the trials after the first ten that failed, over ten seeds, and the mean best.
  private func failures(
    _ settings: [Draws.Setting], _ loss: ([Assignment]) -> Double
  ) -> (share: Double, best: Double) {
    var failed = 0
    var best = 0.0
    for seed in 0..<10 {
      let tpe = TPE(trials: 40, seed: UInt64(seed), startup: 10, candidates: 24, settings: settings)
      var results: [TrialResult] = []
      for number in 0..<40 {
        let point = tpe.propose(number, after: results)
        let value = loss(point)
        if number >= 10, !value.isFinite { failed += 1 }
        results.append(TrialResult(settings: point, value: value))
      }
      best += results.map(\.value).filter(\.isFinite).min() ?? 100
    }
    return (Double(failed) / 300, best / 10)
  }

  @Test func `leaves a choice that always fails alone`() {
    let settings = [
      choice("kind", ["bad", "good", "fair"]),
      Draws.Setting(key: "x", distribution: .uniform(0, 1)),
    ]
    let found = failures(settings) { point in
      text(point, "kind") == "bad" ? .infinity : number(point, "x")
    }
    #expect(found.share < 0.1, "\(found)")
    #expect(found.best < 0.05, "\(found)")
  }

  @Test func `leaves the half of a range that fails alone, also next to the best values`() {
    let settings = [
      Draws.Setting(key: "rate", distribution: .logUniform(1e-5, 1e3)),
      Draws.Setting(key: "x", distribution: .uniform(-1, 1)),
    ]
    // The best rate is 0.1, and anything above diverges.
    let found = failures(settings) { point in
      let rate = number(point, "rate")
      return rate > 0.1 ? .nan : pow(log10(rate) + 1, 2) + pow(number(point, "x"), 2)
    }
    #expect(found.share < 0.35, "\(found)")
    #expect(found.best < 0.5, "\(found)")
  }

  @Test func `learns which two values fail only together`() {
    let settings = [
      choice("kernel", ["3", "7"]), choice("depth", ["1", "3"]),
      Draws.Setting(key: "rate", distribution: .logUniform(1e-4, 1e-2)),
    ]
    // Each of the two is the better one by itself.
    let found = failures(settings) { point in
      let (kernel, depth) = (number(point, "kernel"), number(point, "depth"))
      return kernel == 7 && depth == 3
        ? .infinity : 10 - kernel - depth + abs(log10(number(point, "rate")) + 3)
    }
    #expect(found.share < 0.15, "\(found)")
    #expect(found.best < 3, "\(found)")
  }

  @Test func `finds the corner that works when nearly everything fails`() {
    let settings = (0..<2).map { Draws.Setting(key: "x\($0)", distribution: .uniform(0, 1)) }
    let found = failures(settings) { point in
      let (x, y) = (number(point, "x0"), number(point, "x1"))
      return x > 0.4 || y > 0.4 ? .infinity : x + y
    }
    #expect(found.share < 0.6, "\(found)")
  }

  @Test func `where everything fails goes on drawing`() {
    let settings = [
      choice("a", ["1", "2"]), Draws.Setting(key: "x", distribution: .integer(1, 3)),
    ]
    let found = failures(settings) { _ in .infinity }
    #expect(found.share == 1 && found.best == 100)
  }
}
