import ExptTensor
import ExptTesting
import Foundation

/// What `combine` makes of the numbers along the middle axis of x[outer, length, inner].
private func along(
  _ x: [Double], _ outer: Int, _ length: Int, _ inner: Int, _ combine: ([Double]) -> Double
) -> [Double] {
  (0..<outer * inner).map { place in
    let first = place / inner * length * inner + place % inner
    return combine((0..<length).map { x[first + $0 * inner] })
  }
}

private func logSumExp(_ x: [Double]) -> Double {
  let largest = x.max() ?? 0
  return largest + log(x.reduce(0) { $0 + exp($1 - largest) })
}

/// x[b, d, 3] along the middle axis.
private func middle(
  _ name: String, _ build: @escaping @Sendable (Tensor) -> Tensor,
  _ combine: @escaping @Sendable ([Double]) -> Double
) -> OperationCase {
  OperationCase(
    name, inputs: { b, d in [.normal([b, d, 3])] },
    expected: { x, b, d in along(x[0], b, d, 3, combine) }, build: { build($1[0]) })
}

let axisCases: [OperationCase] = [
  middle("sum_along", { $0.sum(along: 1) }, { $0.reduce(0, +) }),
  middle("mean_along", { $0.mean(along: 1) }, { $0.reduce(0, +) / Double($0.count) }),
  middle("log_sum_exp_along", { $0.logSumExp(along: 1) }, logSumExp),
  OperationCase(
    "log_sum_exp_along the first axis", inputs: { b, d in [.normal([d, b])] },
    expected: { x, b, d in along(x[0], 1, d, b, logSumExp) },
    build: { $1[0].logSumExp(along: 0) }),
  OperationCase(
    "log_sum_exp_along the last axis", inputs: { b, d in [.normal([b, 2, d])] },
    expected: { x, b, d in along(x[0], 2 * b, d, 1, logSumExp) },
    build: { $1[0].logSumExp(along: 2) }),
  OperationCase(
    "log_softmax_along", inputs: { b, d in [.normal([b, d + 1, 3])] },
    expected: { x, b, d in
      let all = along(x[0], b, d + 1, 3, logSumExp)
      return x[0].indices.map { x[0][$0] - all[$0 / (3 * (d + 1)) * 3 + $0 % 3] }
    }, build: { $1[0].logSoftmax(along: 1) }),
  OperationCase(
    "softmax_along the last axis", inputs: { b, d in [.normal([b, d + 1])] },
    expected: { x, b, d in
      let all = along(x[0], b, d + 1, 1, logSumExp)
      return x[0].indices.map { exp(x[0][$0] - all[$0 / (d + 1)]) }
    }, build: { $1[0].softmax(along: 1) }),
]
