import ExptTensor
import ExptTesting
import Foundation

private func total(
  _ name: String, _ build: @escaping @Sendable (Tensor) -> Tensor,
  expected: @escaping @Sendable (_ x: [Double], _ b: Int, _ d: Int) -> [Double]
) -> OperationCase {
  OperationCase(
    name, inputs: { b, d in [.normal([b, d])] }, expected: { expected($0[0], $1, $2) },
    build: { build($1[0]) })
}

private func sums(ofRows x: [Double], _ b: Int, _ d: Int) -> [Double] {
  (0..<b).map { r in (0..<d).reduce(0) { $0 + x[r * d + $1] } }
}

private func sums(ofColumns x: [Double], _ b: Int, _ d: Int) -> [Double] {
  (0..<d).map { c in (0..<b).reduce(0) { $0 + x[$1 * d + c] } }
}

let sumCases: [OperationCase] = [
  total("sum", { $0.sum() }, expected: { x, _, _ in [x.reduce(0, +)] }),
  total("mean", { $0.mean() }, expected: { x, _, _ in [x.reduce(0, +) / Double(x.count)] }),
  total("sum_per_example", { $0.sumPerExample() }, expected: sums(ofRows:_:_:)),
  total("sum_over_batch", { $0.sumOverBatch() }, expected: sums(ofColumns:_:_:)),
  total(
    "mean_over_batch", { $0.meanOverBatch() },
    expected: { x, b, d in sums(ofColumns: x, b, d).map { $0 / Double(b) } }),
  OperationCase(
    "sum_per_example of images", inputs: { b, d in [.normal([b, 2, d])] },
    expected: { x, b, d in sums(ofRows: x[0], b, 2 * d) }, build: { $1[0].sumPerExample() }),
  OperationCase(
    "sum_over_batch of images", inputs: { b, d in [.normal([b, 2, d])] },
    expected: { x, b, d in sums(ofColumns: x[0], b, 2 * d) }, build: { $1[0].sumOverBatch() }),
  total(
    "log_sum_exp", { $0.logSumExpPerExample() },
    expected: { x, b, d in sums(ofRows: x.map { exp($0) }, b, d).map { log($0) } }),
  total(
    "softmax", { $0.softmax() },
    expected: { x, b, d in
      let all = sums(ofRows: x.map { exp($0) }, b, d)
      return x.indices.map { exp(x[$0]) / all[$0 / d] }
    }),
]
