import CKernels
import ExptTestSupport
import Foundation
import Testing

/// A product to try: op(A) is [m, k], op(B) is [k, n].
struct ProductCase: CustomStringConvertible, Sendable {
  var m: Int
  var n: Int
  var k: Int
  var transposeA = false
  var transposeB = false
  var accumulate = false
  var description: String {
    "\(m)×\(n)×\(k)\(transposeA ? " Aᵀ" : "")\(transposeB ? " Bᵀ" : "")\(accumulate ? " +=" : "")"
  }

  /// Tile edges (4, 6, 9, 14 rows; 16, 32, 48 columns; 512 rows), primes and empty sizes; depths of
  /// several parts, and rows of A a multiple of 512 apart (see `lda`).
  static let all: [ProductCase] = {
    let sizes = [
      (1, 1, 1), (1, 1, 0), (3, 17, 5), (17, 3, 31), (14, 32, 16), (15, 33, 17), (29, 31, 37),
      (13, 64, 101), (20, 50, 200), (2, 100, 3), (5, 18, 1100), (601, 3, 4), (61, 1, 7),
      (9, 48, 20), (28, 49, 345), (19, 130, 509), (33, 20, 1021),
      (0, 3, 3), (3, 0, 3),
    ]
    return sizes.flatMap { m, n, k in
      (0..<8).map {
        ProductCase(
          m: m, n: n, k: k, transposeA: $0 & 1 != 0, transposeB: $0 & 2 != 0,
          accumulate: $0 & 4 != 0)
      }
    }
  }()
}

/// The operands of a product, with rows further apart than they are long.
struct ProductData {
  let shape: ProductCase
  let lda, ldb, ldc: Int
  let a, b, c: [Float]

  init(_ shape: ProductCase) {
    self.shape = shape
    var numbers = SeededGenerator(UInt64(shape.m * 1_000_003 + shape.n * 1009 + shape.k))
    lda = (shape.transposeA ? shape.m : shape.k) + 3
    ldb = (shape.transposeB ? shape.k : shape.n) + 1
    ldc = shape.n + 2
    a = numbers.floats((shape.transposeA ? shape.k : shape.m) * lda)
    b = numbers.floats((shape.transposeB ? shape.n : shape.k) * ldb)
    c = numbers.floats(shape.m * ldc)
  }

  func a(_ i: Int, _ k: Int) -> Float { a[shape.transposeA ? k * lda + i : i * lda + k] }
  func b(_ k: Int, _ j: Int) -> Float { b[shape.transposeB ? j * ldb + k : k * ldb + j] }

  /// C as the documented chain of fused multiply-adds gives it.
  func chained() -> [Float] {
    var result = c
    for i in 0..<shape.m {
      for j in 0..<shape.n {
        var sum: Float = shape.accumulate ? c[i * ldc + j] : 0
        for k in 0..<shape.k { sum.addProduct(a(i, k), b(k, j)) }
        result[i * ldc + j] = sum
      }
    }
    return result
  }

  func multiply(_ pool: TestPool, epilogue: UnsafePointer<ck_epilogue>? = nil) -> [Float] {
    var result = c
    ck_gemm(
      pool.raw, shape.transposeA ? 1 : 0, shape.transposeB ? 1 : 0, shape.m, shape.n, shape.k, a,
      lda, b, ldb, &result, ldc, shape.accumulate ? 1 : 0, epilogue)
    return result
  }
}

@Suite("The matrix product")
struct MatrixProductTests {
  let pools = [1, 2, 5].map(TestPool.init)

  @Test("is one chain over k on every instruction set and thread count", arguments: ProductCase.all)
  func chain(_ shape: ProductCase) {
    let data = ProductData(shape)
    let expected = data.chained()
    for isa in instructionSets {
      for pool in pools {
        let seen = with(isa) { data.multiply(pool) }
        #expect(firstDifference(seen, expected) == nil, "isa \(isa.rawValue)")
      }
    }
  }

  @Test("is close to the product in Double", arguments: ProductCase.all.filter { !$0.accumulate })
  func double(_ shape: ProductCase) {
    let data = ProductData(shape)
    let seen = data.multiply(pools[1])
    for i in 0..<shape.m {
      for j in 0..<shape.n {
        let terms = (0..<shape.k).map { Double(data.a(i, $0)) * Double(data.b($0, j)) }
        let error = abs(Double(seen[i * data.ldc + j]) - terms.reduce(0, +))
        #expect(error <= 1e-6 * (terms.map(abs).reduce(0, +) + 1e-6))
      }
    }
  }

  /// Large enough that several threads and all blockings take part, by columns and by rows.
  @Test("gives the same bits for larger sizes", arguments: 0..<4, [130, 530])
  func larger(transposes: Int, m: Int) {
    let data = ProductData(
      ProductCase(
        m: m, n: 161, k: 523, transposeA: transposes & 1 != 0, transposeB: transposes & 2 != 0))
    let expected = with(CK_ISA_PORTABLE) { data.multiply(pools[0]) }
    for isa in instructionSets {
      for pool in pools {
        #expect(firstDifference(with(isa) { data.multiply(pool) }, expected) == nil)
      }
    }
  }

  @Test(
    "in halves is two chains, added",
    arguments: [
      (1, 1, 1), (2, 3, 2), (3, 17, 5), (20, 200, 100), (20, 50, 201), (7, 33, 1100), (4, 5, 0),
      (130, 161, 523), (0, 3, 3),
    ], [false, true])
  func halves(sizes: (Int, Int, Int), accumulate: Bool) {
    let (m, n, k) = sizes
    var numbers = SeededGenerator(UInt64(m + 1000 * n + 7 * k))
    let (a, b, old) = (numbers.floats(m * k), numbers.floats(k * n), numbers.floats(m * n))
    var expected = old
    for i in 0..<m {
      for j in 0..<n {
        var (first, second): (Float, Float) = (accumulate ? old[i * n + j] : 0, 0)
        for l in 0..<k / 4 * 2 { first.addProduct(a[i * k + l], b[l * n + j]) }
        for l in k / 4 * 2..<k { second.addProduct(a[i * k + l], b[l * n + j]) }
        expected[i * n + j] = first + second
      }
    }
    for isa in instructionSets {
      for pool in pools {
        var seen = old
        with(isa) { ck_gemm_halves(pool.raw, m, n, k, a, b, &seen, accumulate ? 1 : 0) }
        #expect(firstDifference(seen, expected) == nil, "isa \(isa.rawValue)")
      }
    }
  }

  @Test("adds the bias after the chain, by column or by row", arguments: [0, 1])
  func bias(perRow: Int32) {
    for shape in [ProductCase(m: 15, n: 37, k: 19), ProductCase(m: 3, n: 5, k: 1)] {
      let data = ProductData(shape)
      var numbers = SeededGenerator(7)
      let bias = numbers.floats(max(shape.m, shape.n))
      var expected = data.chained()
      for i in 0..<shape.m {
        for j in 0..<shape.n {
          expected[i * data.ldc + j] = max(
            0, expected[i * data.ldc + j] + bias[perRow == 1 ? i : j])
        }
      }
      bias.withUnsafeBufferPointer { values in
        var epilogue = ck_epilogue()
        epilogue.bias = values.baseAddress
        epilogue.bias_per_row = perRow
        epilogue.activation = CK_ACTIVATION_RELU
        for isa in instructionSets {
          for pool in pools {
            let seen = with(isa) { data.multiply(pool, epilogue: &epilogue) }
            #expect(firstDifference(seen, expected) == nil)
          }
        }
      }
    }
  }

  /// Each activation of a last pass in Double; `s` is the slope.
  static let activations: [(ck_activation, @Sendable (Double, Double) -> Double)] = [
    (CK_ACTIVATION_NONE, { x, _ in x }),
    (CK_ACTIVATION_RELU, { x, _ in max(0, x) }),
    (CK_ACTIVATION_LEAKY_RELU, { x, s in x > 0 ? x : s * x }),
    (CK_ACTIVATION_TANH, { x, _ in tanh(x) }),
    (CK_ACTIVATION_SIGMOID, { x, _ in 1 / (1 + exp(-x)) }),
    (CK_ACTIVATION_ELU, { x, s in x > 0 ? x : s * expm1(x) }),
    (CK_ACTIVATION_SOFTPLUS, { x, _ in log1p(exp(x)) }),
  ]

  @Test("applies every activation to whole and partial vectors", arguments: activations.indices)
  func activation(index: Int) {
    let (activation, expected) = Self.activations[index]
    let data = ProductData(ProductCase(m: 4, n: 37, k: 11))
    let plain = data.chained()
    var epilogue = ck_epilogue()
    epilogue.activation = activation
    epilogue.slope = 0.3
    let first = with(CK_ISA_PORTABLE) { data.multiply(pools[0], epilogue: &epilogue) }
    for i in 0..<4 {
      for j in 0..<37 {
        let value = expected(Double(plain[i * data.ldc + j]), Double(epilogue.slope))
        let seen = Double(first[i * data.ldc + j])
        #expect(abs(seen - value) <= 5e-7 * max(1, abs(value)))
      }
    }
    for isa in instructionSets {
      let seen = with(isa) { data.multiply(pools[1], epilogue: &epilogue) }
      #expect(firstDifference(seen, first) == nil)
    }
  }

  @Test("passes infinities and NaN on")
  func notFinite() {
    let a: [Float] = [.infinity, 1, .nan, 1]
    let b: [Float] = [1, -1, 0, 0]
    var c: [Float] = [0, 0, 0, 0]
    ck_gemm(nil, 0, 0, 2, 2, 2, a, 2, b, 2, &c, 2, 0, nil)
    #expect(c[0] == .infinity && c[1] == -.infinity && c[2].isNaN && c[3].isNaN)
  }
}
