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
}
