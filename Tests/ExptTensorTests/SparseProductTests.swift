import ExptTensor
import ExptTesting
import Testing

@Suite("Products without zeros")
struct SparseProductTests {
  private let m = 9
  private let k = 300
  private let n = 37

  /// `perRow` numbers of each row are not 0, at places that rows share.
  private func sparse(_ perRow: Int) -> [Float] {
    let values = TestNumbers.normal(m * perRow, seed: 1)
    var f = [Float](repeating: 0, count: m * k)
    for row in 0..<m {
      for index in 0..<perRow {
        f[row * k + (row % 3 * 7 + index * (k / perRow)) % k] = values[row * perRow + index]
      }
    }
    return f
  }

  /// f·w, and the gradients of Σ c·f·w by f (where f is not 0, or everywhere) and by w.
  private func expected(
    _ f: [Float], _ w: [Float], _ c: [Float], everywhere: Bool
  ) -> (y: [Double], df: [Double], dw: [Double]) {
    var y = [Double](repeating: 0, count: m * n)
    var df = [Double](repeating: 0, count: m * k)
    var dw = [Double](repeating: 0, count: k * n)
    for i in 0..<m {
      for q in 0..<k {
        for j in 0..<n {
          let (a, b, g) = (Double(f[i * k + q]), Double(w[q * n + j]), Double(c[i * n + j]))
          y[i * n + j] += a * b
          if everywhere || a != 0 { df[i * k + q] += g * b }
          dw[q * n + j] += a * g
        }
      }
    }
    return (y, df, dw)
  }

  /// 18 numbers of 300 are few enough to leave zeros out, 19 and 150 are not.
  @Test(arguments: [0, 1, 7, 18, 19, 150], [false, true])
  func `are those of a loop in Double, on every instruction set and any threads`(
    perRow: Int, everywhere: Bool
  ) {
    let f = perRow == 0 ? [Float](repeating: 0, count: m * k) : sparse(perRow)
    let (w, c) = (TestNumbers.normal(k * n, seed: 2), TestNumbers.normal(m * n, seed: 3))
    // Where zeros are not left out the whole gradient is there, which what is before f stops.
    let isDense = perRow > k / 16
    let wanted = expected(f, w, c, everywhere: everywhere || isDense)
    var seen: [[Float]] = []
    withEachInstructionSet { instructionSet in
      for threads in [1, 3] {
        let run = GraphRun(
          [([m, k], f), ([k, n], w)], weights: c, threads: threads
        ) { _, t in sparseMatmul(t[0], t[1], passingWhereOff: everywhere) }
        #expect(largestError(run.output, wanted.y) < 1e-5, "\(instructionSet)")
        #expect(largestError(run.inputGradients[0], wanted.df) < 1e-5, "\(instructionSet)")
        #expect(largestError(run.inputGradients[1], wanted.dw) < 1e-5, "\(instructionSet)")
        seen.append(run.output + run.inputGradients[0] + run.inputGradients[1])
      }
    }
    #expect(seen.allSatisfy { $0 == seen[0] })
  }

  @Test func `a layer whose output is used in few places has the gradients of one that is not`() {
    let x = TestNumbers.normal(m * n, seed: 4)
    let w = TestNumbers.normal(k * n, seed: 5)
    let bias = TestNumbers.normal(k, seed: 6)
    let weights = sparse(12)
    func run(_ isSparse: Bool) -> GraphRun {
      GraphRun([([m, n], x), ([k, n], w), ([k], bias)], weights: weights) { _, t in
        linear(t[0], weight: t[1], bias: t[2], sparseGradient: isSparse)
      }
    }
    let (plain, found) = (run(false), run(true))
    #expect(found.output == plain.output)
    for (a, b) in zip(found.inputGradients, plain.inputGradients) {
      #expect(largestError(a, b.map(Double.init)) < 1e-5)
    }
  }

  @Test func `gradients add up where a matrix is used twice`() {
    let check = GradientCheck([.normal([5, 6]), .normal([256, 6])]) { _, t in
      let on = linear(t[0], weight: t[1], sparseGradient: true)
      let few = relu(on) * on.topMask(4)
      return sparseMatmul(few, t[1], passingWhereOff: false)
        + sparseMatmul(few * 2, t[1], passingWhereOff: false)
    }
    #expect(check.relativeError < 5e-3, "\(check)")
  }

  /// Σ over the greatest of a layer, and of those among some columns, of a dictionary's rows: by lists, or by the
  /// dense operations that say the same.
  private func chosen(
    _ t: [Tensor], count: Int, others: Int, isDense: Bool
  ) -> (sum: Tensor, counts: Tensor) {
    let (x, w, bias, dictionary, among) = (t[0], t[1], t[2], t[3], t[4])
    guard isDense else {
      let (greatest, rest) = greatestOfLinear(
        x, weight: w, bias: bias, count: count, among: among, others: others)
      return (
        greatest.product(dictionary) + rest.product(dictionary) * 0.5,
        greatest.counts + rest.counts * 100
      )
    }
    let results = linear(x, weight: w, bias: bias)
    let first = results.rectifiedTop(count)
    let ranked = results * among - (1 - among) * 1e30
    let second = relu(results) * (ranked.topMask(others) * among)
    return (
      matmul(first, dictionary) + matmul(second, dictionary) * 0.5,
      step(first).sumOverBatch() + step(second).sumOverBatch() * 100
    )
  }

  /// Rows beyond one block, columns that both lists name, fewer columns than are asked for, and none.
  @Test(arguments: [(9, 300, 12, 40), (530, 260, 3, 5), (9, 40, 50, 3), (7, 300, 4, 0)])
  func `the greatest of a layer are those of the whole layer`(
    rows: Int, width: Int, count: Int, named: Int
  ) {
    let others = 7
    let x = TestNumbers.normal(rows * n, seed: 7)
    let w = TestNumbers.normal(width * n, seed: 8)
    let dictionary = TestNumbers.normal(width * 11, seed: 9)
    let among = (0..<width).map { $0 % 7 < named * 7 / width + (named > 0 ? 1 : 0) ? Float(1) : 0 }
    let inputs: [(shape: Shape, values: [Float])] = [
      ([rows, n], x), ([width, n], w), ([width], TestNumbers.normal(width, seed: 10)),
      ([width, 11], dictionary), ([width], named > 0 ? among : among.map { _ in 0 }),
    ]
    let weights = TestNumbers.normal(rows * 11, seed: 11)
    let dense = GraphRun(inputs, weights: weights) { _, t in
      chosen(t, count: count, others: others, isDense: true).sum
    }
    let counts = [true, false].map { isDense in
      GraphRun(inputs, weights: TestNumbers.normal(width, seed: 12)) { _, t in
        chosen(t, count: count, others: others, isDense: isDense).counts
      }.output
    }
    #expect(counts[0] == counts[1] && counts[0].contains { $0 > 0 })
    var seen: [[Float]] = []
    withEachInstructionSet { instructionSet in
      for threads in [1, 3] {
        let run = GraphRun(inputs, weights: weights, threads: threads) { _, t in
          chosen(t, count: count, others: others, isDense: false).sum
        }
        #expect(largestError(run.output, dense.output.map(Double.init)) < 1e-5, "\(instructionSet)")
        for (a, b) in zip(run.inputGradients, dense.inputGradients).prefix(4) {
          #expect(largestError(a, b.map(Double.init)) < 1e-5, "\(instructionSet)")
        }
        seen.append(run.output + run.inputGradients[1])
      }
    }
    #expect(seen.allSatisfy { $0 == seen[0] })
  }

  @Test func `gradients of lists add up where they are used twice`() {
    let check = GradientCheck([.normal([5, 6]), .normal([256, 6]), .normal([256])]) { _, t in
      let (few, _) = greatestOfLinear(t[0], weight: t[1], bias: t[2], count: 4)
      return few.product(t[1]) + few.product(t[1] * 2)
    }
    #expect(check.relativeError < 5e-3, "\(check)")
  }

  /// Else a model whose weights are NaN would have a loss.
  @Test func `what is no number is chosen, and not lost`() {
    var x = TestNumbers.normal(3 * n, seed: 13)
    x[n + 4] = .nan
    let inputs: [(shape: Shape, values: [Float])] = [
      ([3, n], x), ([300, n], TestNumbers.normal(300 * n, seed: 14)),
      ([300], TestNumbers.normal(300, seed: 15)),
    ]
    let run = GraphRun(inputs) { _, t in
      greatestOfLinear(t[0], weight: t[1], bias: t[2], count: 4).greatest.product(t[1])
    }
    for row in 0..<3 {
      #expect(run.output[row * n..<(row + 1) * n].contains { !$0.isFinite } == (row == 1))
    }
  }
}
