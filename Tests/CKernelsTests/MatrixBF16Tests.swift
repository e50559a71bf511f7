import CKernels
import ExptTestSupport
import Testing

/// Pools of 1, 2 and 5 threads that multiply in bf16; none where the machine cannot.
private final class BF16Pools: Sendable {
  let raw: [UInt]
  init() {
    raw = [1, 2, 5].compactMap { threads in
      guard let pool = ck_pool_create(Int32(threads)), ck_pool_set_precision(pool, CK_BF16) == 0
      else { return nil }
      return UInt(bitPattern: pool)
    }
  }
  deinit { for pool in raw { ck_pool_destroy(OpaquePointer(bitPattern: pool)) } }

  /// Runs a kernel with each pool. All must give the same bits.
  func result(
    from output: [Float], _ what: String,
    _ kernel: (OpaquePointer?, UnsafeMutablePointer<Float>) -> Void
  ) -> [Float] {
    let seen = with(CK_ISA_AVX512) {
      raw.map { pool in
        var seen = output + [123]  // a guard behind the output
        kernel(OpaquePointer(bitPattern: pool), &seen)
        return seen
      }
    }
    for other in seen.dropFirst() {
      #expect(firstDifference(other, seen[0]) == nil, "\(what): another number of threads")
    }
    #expect(seen[0].last == 123, "\(what) writes too far")
    return Array(seen[0].dropLast())
  }
}

/// To the nearest bfloat16, ties to even: the upper half of a Float.
private func rounded(_ value: Float) -> Float {
  let bits = value.bitPattern
  return Float(bitPattern: (bits + 0x7FFF + (bits >> 16) & 1) & 0xFFFF_0000)
}

@Suite("Products in bf16", .needs(.bf16))
struct MatrixBF16Tests {
  private let pools = BF16Pools()

  @Test("are sums of products of rounded factors", arguments: ProductCase.all)
  func product(_ shape: ProductCase) {
    let data = ProductData(shape)
    let seen = pools.result(from: data.c, "\(shape)") {
      ck_gemm(
        $0, shape.transposeA ? 1 : 0, shape.transposeB ? 1 : 0, shape.m, shape.n, shape.k, data.a,
        data.lda, data.b, data.ldb, $1, data.ldc, shape.accumulate ? 1 : 0, nil)
    }
    for i in 0..<shape.m {
      for j in 0..<data.ldc {
        let place = i * data.ldc + j
        guard j < shape.n else {
          #expect(seen[place] == data.c[place], "written beside the product")
          continue
        }
        let start = shape.accumulate ? Double(data.c[place]) : 0
        let terms = (0..<shape.k).map {
          Double(rounded(data.a(i, $0))) * Double(rounded(data.b($0, j)))
        }
        let size = abs(start) + terms.map(abs).reduce(0, +)
        let error = abs(Double(seen[place]) - terms.reduce(start, +))
        #expect(error <= 1e-6 * (size + 1e-6), "row \(i), column \(j)")
      }
    }
  }

  @Test("of halves are one product", arguments: [98, 785])
  func halves(k: Int) {
    let (m, n) = (20, 117)
    var numbers = SeededGenerator(6)
    let (a, b, old) = (numbers.floats(m * k), numbers.floats(k * n), numbers.floats(m * n))
    for accumulates: Int32 in [0, 1] {
      let product = pools.result(from: old, "product") {
        ck_gemm($0, 0, 0, m, n, k, a, k, b, n, $1, n, accumulates, nil)
      }
      let seen = pools.result(from: old, "halves") {
        ck_gemm_halves($0, m, n, k, a, b, $1, accumulates)
      }
      #expect(firstDifference(seen, product) == nil)
    }
  }

  @Test("make the optimizer's step as the product and the step do")
  func update() {
    let (m, n, k) = (57, 117, 300)
    var numbers = SeededGenerator(5)
    let (a, b) = (numbers.floats(k * m), numbers.floats(k * n))
    let start = numbers.floats(m * n)
    let step = ck_step(learning_rate: 0.01, weight_decay: 0.1, gradient_scale: 1)
    let gradient = pools.result(from: start, "product") {
      ck_gemm($0, 1, 0, m, n, k, a, m, b, n, $1, n, 0, nil)
    }
    var expected = start
    var velocity = [Float](repeating: 0, count: m * n)
    var apart = ck_sgd_update(step, 0.9, 0, &expected, &velocity)
    ck_update_run(nil, &apart, 0, m * n, gradient)
    let seen = pools.result(from: start, "update") {
      var velocity = [Float](repeating: 0, count: m * n)
      var together = ck_sgd_update(step, 0.9, 0, $1, &velocity)
      ck_gemm_update($0, 1, m, n, k, a, m, b, n, &together, 0)
    }
    #expect(zip(seen, expected).allSatisfy { abs($0 - $1) <= 1e-6 * (1 + abs($1)) })
  }

  /// Those of all kinds, with depths beyond what is rounded at once.
  private static let convolutions =
    ConvolutionCase.all + MatrixWinogradTests.cases + [
      ConvolutionCase(batch: 3, input: (67, 6, 6), channels: 37),
      MatrixWinogradTests.make(8, 70, 4, 4, 16), MatrixWinogradTests.make(8, 16, 4, 4, 260),
    ]

  @Test("keep convolutions to bf16's precision", arguments: convolutions)
  fileprivate func convolution(_ shape: ConvolutionCase) {
    let data = ConvolutionData(shape)
    var plain = data.s
    check(data.forward(false), "forward") {
      ck_conv2d_forward($0, &plain, data.x, data.w, $1, 0, nil)
    }
    check(data.forward(true), from: data.y, "forward, added") {
      ck_conv2d_forward($0, &plain, data.x, data.w, $1, 1, nil)
    }
    check(data.backwardInput(false), "backward input") {
      ck_conv2d_backward_input($0, &plain, data.y, data.w, $1, 0)
    }
    check(data.backwardWeight(0..<data.s.batch, start: data.w.map { _ in 0 }), "weights") {
      ck_conv2d_backward_weight($0, &plain, data.y, data.x, $1, 0)
    }
  }

  private func check(
    _ exact: Chains, from start: [Float]? = nil, _ what: String,
    _ kernel: (OpaquePointer?, UnsafeMutablePointer<Float>) -> Void
  ) {
    let seen = pools.result(from: start ?? exact.sums.map { _ in .nan }, what, kernel)
    // Each factor is off by 2⁻⁹ of itself at most. With nine products for sixteen neighbours' terms
    // come in and cancel, which tells most where few positions are summed.
    let worst = seen.indices.map {
      abs(Double(seen[$0]) - exact.exact[$0]) / (exact.magnitude[$0] + 1e-9)
    }.max()
    #expect((worst ?? 0) < 8.0 / 256, "\(what)")
  }

  @Test("are those of convolutions of a few images, and the others stay float32")
  func isUsed() {
    for (shape, isRounded) in [
      (ConvolutionCase(batch: 3, input: (67, 6, 6), channels: 37), true),
      (ConvolutionCase(batch: 19, input: (17, 6, 6), channels: 19, stride: (2, 2)), false),
      (MatrixWinogradTests.make(9, 16, 16, 30, 16), false),
    ] {
      let data = ConvolutionData(shape)
      var plain = data.s
      let bf16 = pools.result(from: data.y, "forward") {
        ck_conv2d_forward($0, &plain, data.x, data.w, $1, 0, nil)
      }
      let bf16Input = pools.result(from: data.x, "backward input") {
        ck_conv2d_backward_input($0, &plain, data.y, data.w, $1, 0)
      }
      var (float32, float32Input) = (data.y, data.x)
      ck_conv2d_forward(nil, &plain, data.x, data.w, &float32, 0, nil)
      ck_conv2d_backward_input(nil, &plain, data.y, data.w, &float32Input, 0)
      #expect((bf16 != float32) == isRounded, "\(shape)")
      #expect((bf16Input != float32Input) == isRounded, "\(shape)")
    }
  }
}

@Suite("The precision of a pool")
struct PrecisionTests {
  @Test("is float32 unless another is set, and none has no pool")
  func standard() {
    #expect(ck_pool_precision(nil) == CK_FLOAT32)
    let pool = ck_pool_create(1)
    defer { ck_pool_destroy(pool) }
    #expect(ck_pool_precision(pool) == CK_FLOAT32)
    let isSet = ck_pool_set_precision(pool, CK_BF16) == 0
    #expect(isSet == (ck_precision_available(CK_BF16) != 0))
    #expect(ck_pool_precision(pool) == (isSet ? CK_BF16 : CK_FLOAT32))
    #expect(ck_precision_speed(CK_FLOAT32) == 1 && ck_precision_speed(CK_BF16) > 0)
  }
}
