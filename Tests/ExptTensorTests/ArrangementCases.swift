import ExptTensor
import ExptTesting

let arrangementCases: [OperationCase] = [
  OperationCase(
    "columns", inputs: { b, d in [.normal([b, d + 3])] },
    expected: { x, b, d in (0..<b * d).map { x[0][$0 / d * (d + 3) + 2 + $0 % d] } },
    build: { $1[0].columns(2..<$1[0].shape[1] - 1) }),
  OperationCase(
    "columns of images", inputs: { b, d in [.normal([b, 3, d])] },
    expected: { x, b, d in (0..<b * 2 * d).map { x[0][$0 / (2 * d) * 3 * d + d + $0 % (2 * d)] } },
    build: { $1[0].columns(1..<3) }),
  OperationCase(
    "repeat_rows", inputs: { b, d in [.normal([b, d])] },
    expected: { x, b, d in (0..<3 * b * d).map { x[0][$0 / d / 3 * d + $0 % d] } },
    build: { $1[0].repeatedRows(3) }),
  OperationCase(
    "constant + x", inputs: { b, d in [.normal([b, d])] },
    expected: { x, b, d in x[0].map { $0 + 4 } },
    build: { $0.constant(1.5, $1[0].shape) + $0.constant(2.5) + $1[0] }),
]
