import ExptDocument
import Foundation
import Testing

@testable import ExptSweep

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
      var results: [TPE.Result] = []
      for number in 0..<tpe.trials {
        let point = tpe.propose(number, after: results)
        let value = loss(point)
        if number >= 10, !value.isFinite { failed += 1 }
        results.append(TPE.Result(point: point, value: value))
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

@Suite("Successive halving after a kill") struct CutShortTests {
  private let asha = ASHA(firstEpochs: 1, reduction: 2)

  private func entry(_ done: Int, goal: Int? = nil, _ values: [Int: Double]) -> ASHA.Entry {
    ASHA.Entry(epochs: 8, done: done, goal: goal, hasFailed: false, values: values)
  }

  @Test func `goes on with who was cut short within a rung, though others are better now`() throws {
    // Promoted from epoch 2 to 4 and killed in 3; two others that came later beat it at 2.
    let killed = entry(3, [1: 9, 2: 9, 3: 9])
    let better = entry(2, [1: 1, 2: 1])
    let entries = [killed, better, entry(2, goal: 4, [1: 0, 2: 0]), entry(1, [1: 10])]
    #expect(try #require(asha.next(entries)) == (0, 4))
  }

  @Test func `counts who came to the end of a rung as waiting there`() {
    for done in [1, 2, 4] { #expect(asha.isAtEndOfRung(done: done, of: 8)) }
    for done in [0, 3, 5, 8, 9] { #expect(!asha.isAtEndOfRung(done: done, of: 8)) }
    #expect(ASHA(firstEpochs: 1 << 40, reduction: 1 << 30).rungs(epochs: .max) == [1 << 40, .max])
  }

  @Test func `whatever is killed wherever, all entries end finished or at the end of a rung`()
    throws
  {
    for seed in 0..<200 {
      var random = SplitMix64(UInt64(seed), 7)
      var entries = (0..<12).map { _ in entry(0, [:]) }
      var starts = 0
      while let (index, until) = asha.next(entries), starts < 1000 {
        starts += 1
        let from = entries[index].done
        // A third of the starts are killed, after some epochs or none.
        let isKilled = random.next() % 3 == 0
        let done = isKilled ? from + Int(random.next() % UInt64(until - from + 1)) : until
        entries[index].done = done
        for epoch in (from + 1)..<(done + 1) {
          entries[index].values[epoch] = Double(index * 7 % 12) + 1 / Double(epoch)
        }
      }
      #expect(starts < 1000)
      #expect(entries.allSatisfy { $0.done == 8 || asha.isAtEndOfRung(done: $0.done, of: 8) })
      #expect(entries.contains { $0.done == 8 })
    }
  }
}

@Suite("The end of a process") struct ProcessEndTests {
  @Test func `that a machine brought about says nothing of the run`() {
    for signal in [SIGKILL, SIGTERM, SIGHUP, SIGBUS, SIGXFSZ, SIGXCPU] {
      #expect(ProcessEnd.signalled(signal).isKill)
      #expect(ProcessEnd.exited(128 + signal).isKill, "as a shell reports it")
    }
    #expect(ProcessEnd.lost("it needed more memory").isKill)
    for code: Int32 in [0, 1, 64, 65, 66, 70, 74, 128] { #expect(!ProcessEnd.exited(code).isKill) }
    #expect(!ProcessEnd.signalled(SIGSEGV).isKill && !ProcessEnd.signalled(SIGABRT).isKill)
    #expect(ProcessEnd.exited(74).isInputOutput && !ProcessEnd.exited(70).isInputOutput)
  }
}
