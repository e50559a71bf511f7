import CKernels
import Foundation
import Testing

/// A function of one number with what it should be.
struct UnaryCase: Sendable, CustomTestStringConvertible {
  var op: ck_unary_op
  var name: String
  var p: Float = 0
  var q: Float = 0
  /// Allowed error in units in the last place of the exact result.
  var units: Double = 2.6
  /// Allowed besides, for functions that cancel.
  var absolute: Double = 0
  /// Where the derivative is compared.
  var range: ClosedRange<Float> = -4...4
  var exact: @Sendable (Double) -> Double

  var testDescription: String { name }
}

private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

let unaryCases: [UnaryCase] = [
  UnaryCase(op: CK_UNARY_NONE, name: "identity", units: 0) { $0 },
  UnaryCase(op: CK_UNARY_RELU, name: "relu", units: 0) { $0 <= 0 ? 0 : $0 },
  UnaryCase(op: CK_UNARY_LEAKY_RELU, name: "leaky relu", p: 0.125) { $0 > 0 ? $0 : 0.125 * $0 },
  UnaryCase(op: CK_UNARY_TANH, name: "tanh") { tanh($0) },
  UnaryCase(op: CK_UNARY_SIGMOID, name: "sigmoid") { sigmoid($0) },
  UnaryCase(op: CK_UNARY_ELU, name: "elu", p: 0.75) { $0 > 0 ? $0 : 0.75 * expm1($0) },
  UnaryCase(op: CK_UNARY_GELU, name: "gelu", units: 3, absolute: 4e-7) {
    $0 * 0.5 * erfc(-$0 / 2.0.squareRoot())
  },
  UnaryCase(op: CK_UNARY_GELU_TANH, name: "gelu tanh", units: 4, absolute: 4e-7) {
    0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
  },
  UnaryCase(op: CK_UNARY_SILU, name: "silu", units: 3.5, absolute: 1.1e-36) { $0 * sigmoid($0) },
  UnaryCase(op: CK_UNARY_SOFTPLUS, name: "softplus") { softplus($0) },
  UnaryCase(op: CK_UNARY_LOG_SIGMOID, name: "log sigmoid") { -softplus(-$0) },
  UnaryCase(op: CK_UNARY_NEGATE, name: "negate", units: 0) { -$0 },
  UnaryCase(op: CK_UNARY_EXP, name: "exp", units: 1) { exp($0) },
  UnaryCase(op: CK_UNARY_EXPM1, name: "expm1") { expm1($0) },
  UnaryCase(op: CK_UNARY_LOG, name: "log", units: 1, range: 0.1...4) { log($0) },
  UnaryCase(op: CK_UNARY_LOG1P, name: "log1p", range: -0.9...4) { log1p($0) },
  UnaryCase(op: CK_UNARY_SQRT, name: "sqrt", units: 0.5, range: 0.1...4) { $0.squareRoot() },
  UnaryCase(op: CK_UNARY_SQUARE, name: "square", units: 0.5) { $0 * $0 },
  UnaryCase(op: CK_UNARY_ABS, name: "abs", units: 0) { abs($0) },
  UnaryCase(op: CK_UNARY_RECIPROCAL, name: "reciprocal", units: 0.5, range: 0.2...4) { 1 / $0 },
  UnaryCase(op: CK_UNARY_SIN, name: "sin") { abs($0) >= 0x1p50 && $0.isFinite ? 0 : sin($0) },
  UnaryCase(op: CK_UNARY_COS, name: "cos") { abs($0) >= 0x1p50 && $0.isFinite ? 1 : cos($0) },
  UnaryCase(op: CK_UNARY_ERF, name: "erf") { erf($0) },
  UnaryCase(op: CK_UNARY_CLAMP, name: "clamp", p: -0.5, q: 1.25, units: 0) {
    $0 < -0.5 ? -0.5 : $0 > 1.25 ? 1.25 : $0
  },
  UnaryCase(op: CK_UNARY_AFFINE, name: "affine", p: 0.75, q: -0.5, units: 0.5) { 0.75 * $0 - 0.5 },
]

@Suite("Elementary functions")
struct VectorMathTests {
  /// Every 200,003rd float that kernels meet: both signs, all exponents of normal numbers, infinities and
  /// NaN among them.
  private static let everyKind: [Float] = {
    let special: [Float] = [
      0, -0.0, .infinity, -.infinity, .nan, 1, -1, -0x1p-126, 0x1p-126, 88.8, -104,
    ]
    return special
      + stride(from: UInt32(0), to: .max, by: 200_003).map { Float(bitPattern: $0) }
      .filter { !$0.isSubnormal }
  }()

  @Test(arguments: unaryCases)
  func `values are within a few units in the last place over all floats`(_ unary: UnaryCase) {
    let x = Self.everyKind
    let seen = everywhere { pool in
      filled(x.count) { ck_unary(pool, unary.op, unary.p, unary.q, x.count, x, $0) }
    }
    var worst = (error: 0.0, index: 0)
    for index in x.indices {
      let exact = unary.exact(Double(x[index]))
      let rounded = Float(exact)
      // Kernels give 0 for results below the normal numbers.
      if rounded.isSubnormal {
        #expect(abs(Double(seen[index]) - exact) <= 0x1p-126 + unary.absolute)
        continue
      }
      if !rounded.isFinite || x[index].isNaN {
        #expect(
          rounded.isNaN == seen[index].isNaN && (rounded.isNaN || rounded == seen[index]),
          "\(unary.name)(\(x[index])): seen \(seen[index]), expected \(rounded)")
        continue
      }
      let unit = Double(max(abs(rounded), 0x1p-126).ulp)
      let error = max(0, abs(Double(seen[index]) - exact) - unary.absolute) / unit
      if !(error <= worst.error) { worst = (error, index) }
    }
    let at = worst.index
    #expect(
      worst.error <= unary.units,
      "\(unary.name)(\(x[at])): seen \(seen[at]), expected \(unary.exact(Double(x[at])))")
  }

  @Test(arguments: unaryCases)
  func `derivatives agree with finite differences`(_ unary: UnaryCase) {
    for n in oddLengths {
      let low = unary.range.lowerBound, width = unary.range.upperBound - low
      let x = numbers(n, 0.5).map { low + width * ($0 + 0.5) }
      let dy = numbers(n, 2, seed: 2)
      let y = filled(n) { ck_unary(nil, unary.op, unary.p, unary.q, n, x, $0) }
      let seen = everywhere { pool in
        gradient(n) { ck_unary_backward(pool, unary.op, unary.p, unary.q, n, x, y, dy, $0) }
      }
      let expected = zip(x, dy).map { Double($1) * slope(Double($0), unary.exact) }
      // Finite differences are of no use across a kink.
      let kinks: [Double] = [0, -0.5, 1.25]
      let smooth = x.indices.filter { i in kinks.allSatisfy { abs(Double(x[i]) - $0) > 1e-3 } }
      expectClose(
        smooth.map { seen[$0] }, smooth.map { expected[$0] }, relative: 2e-6, absolute: 1e-6,
        unary.name)
    }
  }

  @Test(arguments: unaryCases)
  func `a derivative reads only what it says`(_ unary: UnaryCase) {
    let x = numbers(40).map { abs($0) + 0.1 }, dy = numbers(40, 2, seed: 2)
    let y = filled(40) { ck_unary(nil, unary.op, unary.p, unary.q, 40, x, $0) }
    func backward(_ x: [Float]?, _ y: [Float]?) -> [Float] {
      gradient(40) { to in
        x.withPointer { x in
          y.withPointer { y in
            ck_unary_backward(nil, unary.op, unary.p, unary.q, 40, x, y, dy, to)
          }
        }
      }
    }
    let reads = ck_unary_backward_reads(unary.op)
    let lean = backward(reads & 1 != 0 ? x : nil, reads & 2 != 0 ? y : nil)
    #expect(lean == backward(x, y))
  }

  @Test func `kinks have the derivative that PyTorch gives them`() {
    func derivative(_ op: ck_unary_op, at x: Float, _ p: Float = 0, _ q: Float = 0) -> Float {
      let y = filled(1) { ck_unary(nil, op, p, q, 1, [x], $0) }
      return gradient(1) { ck_unary_backward(nil, op, p, q, 1, [x], y, [1], $0) }[0]
    }
    #expect(derivative(CK_UNARY_RELU, at: 0) == 0)
    #expect(derivative(CK_UNARY_LEAKY_RELU, at: 0, 0.25) == 0.25)
    #expect(derivative(CK_UNARY_ELU, at: 0, 0.5) == 0.5)
    #expect(derivative(CK_UNARY_ABS, at: 0) == 0)
    #expect(derivative(CK_UNARY_CLAMP, at: 1, 1, 2) == 1)
    #expect(derivative(CK_UNARY_CLAMP, at: 2, 1, 2) == 1)
    #expect(derivative(CK_UNARY_CLAMP, at: 2.5, 1, 2) == 0)
  }

  @Test func `the mean of a continuous Bernoulli is right near one half and far away`() {
    let x: [Float] = [0, 1e-6, -1e-3, 0.1, 1.49, 1.51, -3, 10, -30, 200, -0x1p-149]
    let seen = everywhere { pool in
      filled(x.count) {
        ck_unary(pool, CK_UNARY_CONTINUOUS_BERNOULLI_MEAN, 0, 0, x.count, x, $0)
      }
    }
    // λ/(2λ − 1) + 1/(2 artanh(1 − 2λ)), written with the logit l.
    let exact = x.map { x -> Double in
      let l = Double(x)
      return abs(l) < 1e-2 ? 0.5 + l / 12 : 1 / (1 - exp(-l)) - 1 / l
    }
    expectClose(seen, exact, relative: 5e-7, absolute: 1e-7)
  }
}

extension Optional where Wrapped == [Float] {
  fileprivate func withPointer<Result>(_ body: (UnsafePointer<Float>?) -> Result) -> Result {
    guard let self else { return body(nil) }
    return self.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
