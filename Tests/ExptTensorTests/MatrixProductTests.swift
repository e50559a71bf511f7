import ExptTensor
import ExptTesting
import Testing

@Suite("Matrix products")
struct MatrixProductTests {
  @Test(arguments: [(false, false), (false, true), (true, false), (true, true)])
  func `values and gradients are those of a loop in Double, on every instruction set`(
    transposeA: Bool, transposeB: Bool
  ) {
    let (m, n, k) = (17, 35, 19)
    let a = TestNumbers.normal(m * k, seed: 1)
    let b = TestNumbers.normal(k * n, seed: 2)
    let c = TestNumbers.normal(m * n, seed: 3)
    func ia(_ i: Int, _ q: Int) -> Int { transposeA ? q * m + i : i * k + q }
    func ib(_ q: Int, _ j: Int) -> Int { transposeB ? j * k + q : q * n + j }
    var y = [Double](repeating: 0, count: m * n)
    var da = [Double](repeating: 0, count: m * k)
    var db = [Double](repeating: 0, count: k * n)
    for i in 0..<m {
      for j in 0..<n {
        for q in 0..<k {
          y[i * n + j] += Double(a[ia(i, q)]) * Double(b[ib(q, j)])
          da[ia(i, q)] += Double(c[i * n + j]) * Double(b[ib(q, j)])
          db[ib(q, j)] += Double(c[i * n + j]) * Double(a[ia(i, q)])
        }
      }
    }
    withEachInstructionSet { instructionSet in
      let run = GraphRun(
        [(transposeA ? [k, m] : [m, k], a), (transposeB ? [n, k] : [k, n], b)], weights: c
      ) { _, t in matmul(t[0], t[1], transposeA: transposeA, transposeB: transposeB) }
      #expect(run.outputShape == [m, n])
      #expect(largestError(run.output, y) < 1e-5, "\(instructionSet)")
      #expect(largestError(run.inputGradients[0], da) < 1e-5, "\(instructionSet)")
      #expect(largestError(run.inputGradients[1], db) < 1e-5, "\(instructionSet)")
    }
  }

  @Test func `a matrix times itself and its transpose has the right gradient`() {
    let check = GradientCheck([.normal([7, 7])]) { _, t in
      matmul(matmul(t[0], t[0]), t[0], transposeB: true)
    }
    #expect(check.relativeError < 5e-3, "\(check)")
  }
}
