import ExptBuiltins
import ExptComponents
import Testing

extension ASHA {
  init(firstEpochs: Int, reduction: Int) {
    self.init()
    self.firstEpochs = firstEpochs
    self.reduction = reduction
  }
}

@Suite("Successive halving") struct ASHATests {
  private let asha = ASHA(firstEpochs: 1, reduction: 3)

  private func entry(
    _ done: Int, _ values: [Int: Double] = [:], stage: Trial.Stage = .waiting
  ) -> Trial {
    Trial(epochs: 9, done: done, stage: stage, values: values)
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
    let entries = [promoted, entry(1, [1: 5]), entry(1, [1: 6]), entry(0, stage: .running)]
    #expect(asha.next(entries) == nil)
    let out = entry(1, [1: 1], stage: .failed)
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

@Suite("Successive halving after a kill") struct CutShortTests {
  private let asha = ASHA(firstEpochs: 1, reduction: 2)

  private func entry(
    _ done: Int, _ values: [Int: Double], stage: Trial.Stage = .waiting
  ) -> Trial {
    Trial(epochs: 8, done: done, stage: stage, values: values)
  }

  @Test func `goes on with who was cut short within a rung, though others are better now`() throws {
    // Promoted from epoch 2 to 4 and killed in 3; two others that came later beat it at 2.
    let killed = entry(3, [1: 9, 2: 9, 3: 9])
    let better = entry(2, [1: 1, 2: 1])
    let entries = [killed, better, entry(2, [1: 0, 2: 0], stage: .running), entry(1, [1: 10])]
    #expect(try #require(asha.next(entries)) == (0, 4))
  }

  @Test func `counts who came to the end of a rung as waiting there`() {
    for done in [1, 2, 4] { #expect(asha.pauses(after: done, of: 8)) }
    for done in [0, 3, 5, 8, 9] { #expect(!asha.pauses(after: done, of: 8)) }
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
      #expect(entries.allSatisfy { $0.done == 8 || asha.pauses(after: $0.done, of: 8) })
      #expect(entries.contains { $0.done == 8 })
    }
  }
}
