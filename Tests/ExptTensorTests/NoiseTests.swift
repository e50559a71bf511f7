import ExptTensor
import ExptTesting
import Testing

@Suite("Noise")
struct NoiseTests {
  /// What three streams draw at a position: normal "a" and "b", uniform "a", at the path "latent".
  private func draw(
    seed: UInt64 = 1, position: UInt64 = 0, path: String = "latent", threads: Int = 1,
    count: Int = 40_000
  ) -> [[Float]] {
    let graph = Graph(mode: .training, parameters: ParameterSet())
    let noise = graph.within(path) {
      [
        graph.normal([count], stream: "a"), graph.normal([count], stream: "b"),
        graph.uniform([count / 8, 8], stream: "a"),
      ]
    }
    let run = RunContext(pool: ThreadPool(threads: threads), seed: seed)
    run.position = position
    let plan = Plan(
      graph, outputs: noise, store: ParameterStore(graph.parameters), arena: Arena(), run: run)
    plan.forward()
    let first = noise.map { Array(plan.value(of: $0)) }
    plan.forward()
    let second = noise.map { Array(plan.value(of: $0)) }
    let isSame = first == second
    #expect(isSame, "a second run at the same position must draw the same numbers")
    return first
  }

  /// Two examples with three samples each, in one plan and a sample at a time.
  @Test func `keyed by example and sample does not depend on how they are divided`() {
    func draw(_ examples: Range<Int>, _ samples: Range<Int>, threads: Int) -> [[Float]] {
      let graph = Graph(mode: .evaluation, parameters: ParameterSet())
      let rows = examples.count * samples.count
      let noise = [
        graph.normal([rows, 5], stream: "latent"), graph.gumbel([2 * rows, 3], stream: "a"),
        graph.gamma(graph.constant(2, [rows, 4]), stream: "a"),
      ]
      let run = RunContext(pool: ThreadPool(threads: threads), seed: 7)
      run.rows = NoiseRows(examples: examples, samples: samples)
      let plan = Plan(
        graph, outputs: noise, store: ParameterStore(graph.parameters), arena: Arena(), run: run)
      plan.forward()
      return noise.map { Array(plan.value(of: $0)) }
    }
    let whole = draw(10..<12, 0..<3, threads: 3)
    for (row, (example, sample)) in [(10, 0), (10, 1), (10, 2), (11, 0), (11, 1), (11, 2)]
      .enumerated()
    {
      let one = draw(example..<example + 1, sample..<sample + 1, threads: 1)
      for (all, alone) in zip(whole, one) {
        #expect(Array(all[row * alone.count..<(row + 1) * alone.count]) == alone)
      }
    }
    #expect(Set(whole[0]).count == 30)
  }

  @Test func `has the moments of its distribution`() {
    let drawn = draw()
    for (numbers, mean, variance) in [(drawn[0], 0.0, 1.0), (drawn[2], 0.5, 1 / 12.0)] {
      let count = Double(numbers.count)
      let seenMean = numbers.reduce(0) { $0 + Double($1) } / count
      let squares = numbers.reduce(0) { $0 + (Double($1) - seenMean) * (Double($1) - seenMean) }
      // Five standard errors of either.
      #expect(abs(seenMean - mean) < 5 * (variance / count).squareRoot())
      #expect(abs(squares / count - variance) < 5 * variance * (2 / count).squareRoot())
    }
    let isUnit = drawn[2].allSatisfy { $0 >= 0 && $0 < 1 }
    #expect(isUnit)
  }

  @Test func `is decided by seed, path, stream and position`() {
    let drawn = draw(count: 64)
    #expect(drawn[0] == draw(count: 64)[0])
    #expect(drawn[0] != drawn[1])
    #expect(drawn[0] != draw(seed: 2, count: 64)[0])
    #expect(drawn[0] != draw(position: 1, count: 64)[0])
    #expect(drawn[0] != draw(path: "encoder", count: 64)[0])
  }

  @Test func `is the same for any number of threads, on every instruction set`() {
    let one = draw().map { $0.map(\.bitPattern) }
    withEachInstructionSet { instructionSet in
      for threads in [2, 5] {
        let isSame = draw(threads: threads).map { $0.map(\.bitPattern) } == one
        #expect(isSame, "\(instructionSet), \(threads) threads")
      }
    }
  }
}
