import ExptTensor
import ExptTesting
import Foundation

private func logDensity(_ z: Double, _ mean: Double, _ logVariance: Double) -> Double {
  let distance = z - mean
  return -0.5 * (distance * distance / exp(logVariance) + logVariance + log(2 * Double.pi))
}

let latentCases: [OperationCase] = [
  OperationCase(
    "reparameterize", inputs: { b, d in [.normal([b, d]), .normal([b, d]), .normal([b, d])] },
    expected: { x, b, d in (0..<b * d).map { x[0][$0] + exp(0.5 * x[1][$0]) * x[2][$0] } },
    build: { reparameterize(mean: $1[0], logVariance: $1[1], noise: $1[2]) }),
  OperationCase(
    "gaussian_kl", inputs: { b, d in [.normal([b, d]), .normal([b, d])] },
    expected: { x, b, d in
      (0..<b * d).map { 0.5 * (exp(x[1][$0]) + x[0][$0] * x[0][$0] - 1 - x[1][$0]) }
    }, build: { gaussianKL(mean: $1[0], logVariance: $1[1]) }),
  OperationCase(
    "gaussian_log_density", inputs: { b, d in Array(repeating: .normal([b, d]), count: 3) },
    expected: { x, b, d in
      (0..<b).map { row in
        (row * d..<row * d + d).reduce(0) { $0 + logDensity(x[0][$1], x[1][$1], x[2][$1]) }
      }
    }, build: { gaussianLogDensity($1[0], mean: $1[1], logVariance: $1[2]) }),
  OperationCase(
    "gaussian_log_density of N(0, I)", inputs: { b, d in [.normal([b, d])] },
    expected: { x, b, d in
      (0..<b).map { row in (row * d..<row * d + d).reduce(0) { $0 + logDensity(x[0][$1], 0, 0) } }
    }, build: { gaussianLogDensity($1[0]) }),
]
