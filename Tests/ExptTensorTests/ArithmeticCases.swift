import ExptTensor
import ExptTesting
import Foundation

/// Which operand is smaller than `[b, d]`.
private enum Operands {
  case alike, lastIsScalar, firstIsScalar, lastIsRow, firstIsRow, lastIsColumn, images

  func shapes(_ b: Int, _ d: Int) -> (Shape, Shape) {
    switch self {
    case .alike: ([b, d], [b, d])
    case .lastIsScalar: ([b, d], .scalar)
    case .firstIsScalar: (.scalar, [b, d])
    case .lastIsRow: ([b, d], [d])
    case .firstIsRow: ([d], [b, d])
    case .lastIsColumn: ([b, d], [b])
    case .images: ([b, 1, d, 1], [1, d, 1])
    }
  }

  /// The elements of both that make element i of the result.
  func indices(_ i: Int, _ d: Int) -> (Int, Int) {
    switch self {
    case .alike: (i, i)
    case .lastIsScalar: (i, 0)
    case .firstIsScalar: (0, i)
    case .lastIsRow, .images: (i, i % d)
    case .firstIsRow: (i % d, i)
    case .lastIsColumn: (i, i / d)
    }
  }
}

private func binary(
  _ name: String, _ operands: Operands,
  _ build: @escaping @Sendable (Tensor, Tensor) -> Tensor,
  expected: @escaping @Sendable (Double, Double) -> Double
) -> OperationCase {
  OperationCase(
    name,
    inputs: { b, d in
      let (one, other) = operands.shapes(b, d)
      return [.uniform(one, 0.5...2), .uniform(other, 0.5...2)]
    },
    expected: { x, b, d in
      (0..<b * d).map { i in
        let (one, other) = operands.indices(i, d)
        return expected(x[0][one], x[1][other])
      }
    }, build: { build($1[0], $1[1]) })
}

let arithmeticCases: [OperationCase] = [
  binary("a + b", .alike, { $0 + $1 }, expected: +),
  binary("a - b", .alike, { $0 - $1 }, expected: -),
  binary("a * b", .alike, { $0 * $1 }, expected: *),
  binary("a / b", .alike, { $0 / $1 }, expected: /),
  binary("maximum(a, b)", .alike, { maximum($0, $1) }, expected: { max($0, $1) }).with {
    $0.epsilon = 0.003
  },
  binary("a / scalar", .lastIsScalar, { $0 / $1 }, expected: /),
  binary("scalar / b", .firstIsScalar, { $0 / $1 }, expected: /),
  binary("a - row", .lastIsRow, { $0 - $1 }, expected: -),
  binary("row - b", .firstIsRow, { $0 - $1 }, expected: -),
  binary("a * row", .lastIsRow, { $0 * $1 }, expected: *),
  binary("row / b", .firstIsRow, { $0 / $1 }, expected: /),
  binary("a + image", .images, { $0 + $1 }, expected: +),
  binary("a.scaledRows(by: b)", .lastIsColumn, { $0.scaledRows(by: $1) }, expected: *),
  OperationCase("x + 1.5", { $0 + 1.5 }, expected: { $0 + 1.5 }),
  OperationCase("1.5 + x", { 1.5 + $0 }, expected: { $0 + 1.5 }),
  OperationCase("x - 1.5", { $0 - 1.5 }, expected: { $0 - 1.5 }),
  OperationCase("1.5 - x", { 1.5 - $0 }, expected: { 1.5 - $0 }),
  OperationCase("x * 1.5", { $0 * 1.5 }, expected: { $0 * 1.5 }),
  OperationCase("1.5 * x", { 1.5 * $0 }, expected: { $0 * 1.5 }),
  OperationCase("x / 3", { $0 / 3 }, expected: { $0 / 3 }),
  OperationCase("3 / x", of: 0.5...2, { 3 / $0 }, expected: { 3 / $0 }),
  OperationCase("-x", { -$0 }, expected: { -$0 }),
]

private func activation(
  _ name: String, _ build: @escaping @Sendable (Tensor) -> Tensor,
  expected: @escaping @Sendable (Double) -> Double
) -> OperationCase { OperationCase(name, build, expected: expected).with { $0.epsilon = 0.003 } }

private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

let elementwiseCases: [OperationCase] = [
  OperationCase("exp", { exp($0) }, expected: { exp($0) }),
  OperationCase("expm1", { expm1($0) }, expected: { expm1($0) }),
  OperationCase("log", of: 0.5...3, { log($0) }, expected: { log($0) }),
  OperationCase("log1p", of: -0.5...3, { log1p($0) }, expected: { log1p($0) }),
  OperationCase("sqrt", of: 0.1...4, { sqrt($0) }, expected: { $0.squareRoot() }),
  OperationCase("square", { square($0) }, expected: { $0 * $0 }),
  OperationCase("abs", { abs($0) }, expected: { abs($0) }).with { $0.epsilon = 0.003 },
  OperationCase("reciprocal", of: 0.5...2, { reciprocal($0) }, expected: { 1 / $0 }),
  OperationCase("sin", { sin($0) }, expected: { sin($0) }),
  OperationCase("cos", { cos($0) }, expected: { cos($0) }),
  OperationCase("erf", { erf($0) }, expected: { erf($0) }),
  OperationCase("log_sigmoid", { logSigmoid($0) }, expected: { -log1p(exp(-$0)) }),
  OperationCase("clamp", { clamp($0, -1...2) }, expected: { min(max($0, -1), 2) }).with {
    $0.epsilon = 0.003
  },
  activation("relu", { relu($0) }, expected: { max($0, 0) }),
  activation("leaky_relu", { leakyReLU($0, slope: 0.2) }, expected: { $0 > 0 ? $0 : 0.2 * $0 }),
  activation("elu", { elu($0, alpha: 0.7) }, expected: { $0 > 0 ? $0 : 0.7 * expm1($0) }),
  activation("gelu", { gelu($0) }, expected: { $0 * 0.5 * erfc(-$0 / 2.0.squareRoot()) }),
  activation("silu", { silu($0) }, expected: { $0 * sigmoid($0) }),
  activation("tanh", { tanh($0) }, expected: { tanh($0) }),
  activation("sigmoid", { ExptTensor.sigmoid($0) }, expected: { sigmoid($0) }),
  activation("softplus", { softplus($0) }, expected: { log1p(exp($0)) }),
]
