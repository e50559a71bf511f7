import ExptTensor
import ExptTesting
import Foundation

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
]
