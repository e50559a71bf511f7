import CKernels
import ExptTestSupport
import Testing

/// A step by the gradient op(A)·B of a weight [m, n] that lies from `first` on.
private struct UpdateCase: CustomTestStringConvertible, Sendable {
  var m: Int
  var n: Int
  var k: Int
  var first = 0
  var testDescription: String { "\(m)×\(n)×\(k) from \(first)" }

  /// Heights around those of blocks and tiles, widths that end within a vector or a panel, depths
  /// beyond one pass, empty sizes; the weights of a small autoencoder.
  static let all = [
    UpdateCase(m: 1, n: 1, k: 1), UpdateCase(m: 3, n: 17, k: 5, first: 7),
    UpdateCase(m: 28, n: 32, k: 20, first: 16), UpdateCase(m: 29, n: 33, k: 257),
    UpdateCase(m: 57, n: 200, k: 20, first: 3), UpdateCase(m: 200, n: 50, k: 21),
    UpdateCase(m: 40, n: 100, k: 600), UpdateCase(m: 61, n: 7, k: 300),
    UpdateCase(m: 99, n: 530, k: 270, first: 5),
    UpdateCase(m: 5, n: 9, k: 0), UpdateCase(m: 0, n: 4, k: 3),
  ]
}

@Suite("The product that updates")
struct MatrixUpdateTests {
  private let pools = [1, 2, 5].map(TestPool.init)

  private struct State {
    var values, mean, square: [Float]
    var bits: [UInt32] { (values + mean + square).map(\.bitPattern) }
  }

  private let step = ck_step(learning_rate: 0.01, weight_decay: 0.1, gradient_scale: 1)

  /// Two matrices, and arrays with numbers around the weight.
  private func make(_ shape: UpdateCase) -> (a: [Float], b: [Float], state: State) {
    var numbers = SeededGenerator(UInt64(shape.m * 1009 + shape.n * 31 + shape.k))
    let count = shape.first + shape.m * shape.n + 20
    let state = State(
      values: numbers.floats(count), mean: numbers.floats(count),
      square: numbers.floats(count).map { $0 * $0 })
    let a = numbers.floats(max(1, shape.m * shape.k))
    return (a, numbers.floats(max(1, shape.k * shape.n)), state)
  }

  @Test("is ck_gemm, then the step, bit by bit", arguments: UpdateCase.all, [false, true])
  fileprivate func sameBits(_ shape: UpdateCase, transposed: Bool) {
    let (m, n, k, first) = (shape.m, shape.n, shape.k, shape.first)
    let (a, b, start) = make(shape)
    let lda = transposed ? m : k
    var apart = start
    with(CK_ISA_PORTABLE) {
      var gradient = [Float](repeating: 0, count: max(1, m * n))
      ck_gemm(nil, transposed ? 1 : 0, 0, m, n, k, a, lda, b, n, &gradient, n, 0, nil)
      var update = ck_adam_update(
        step, 0, 0.9, 0.999, 1e-8, 3, &apart.values, &apart.mean, &apart.square)
      ck_update_run(nil, &update, first, m * n, gradient)
    }
    for isa in instructionSets {
      for pool in pools {
        var together = start
        with(isa) {
          var update = ck_adam_update(
            step, 0, 0.9, 0.999, 1e-8, 3, &together.values, &together.mean, &together.square)
          ck_gemm_update(pool.raw, transposed ? 1 : 0, m, n, k, a, lda, b, n, &update, first)
        }
        #expect(together.bits == apart.bits, "\(isa), \(ck_pool_threads(pool.raw)) threads")
      }
    }
  }

  @Test("steps by the product computed in Double", arguments: UpdateCase.all)
  fileprivate func againstDouble(_ shape: UpdateCase) {
    let (m, n, k, first) = (shape.m, shape.n, shape.k, shape.first)
    let (a, b, start) = make(shape)
    for isa in instructionSets {
      var values = start.values
      with(isa) {
        var update = ck_sgd_update(
          ck_step(learning_rate: 0.5, weight_decay: 0, gradient_scale: 1), 0, 0, &values, nil)
        ck_gemm_update(nil, 1, m, n, k, a, m, b, n, &update, first)
      }
      for index in values.indices {
        let place = index - first
        var expected = Double(start.values[index])
        if place >= 0, place < m * n {
          let (i, j) = (place / n, place % n)
          for depth in 0..<k {
            expected -= 0.5 * Double(a[depth * m + i]) * Double(b[depth * n + j])
          }
        }
        let error = abs(Double(values[index]) - expected)
        #expect(error < 5e-5, "\(isa), element \(index): \(values[index]) for \(expected)")
      }
    }
  }
}
