import ExptTensor
import ExptTesting
import Foundation

/// A loss summed over each example.
private func loss(
  _ name: String, _ inputs: @escaping @Sendable (_ b: Int, _ d: Int) -> [GradientInput],
  _ build: @escaping @Sendable ([Tensor]) -> Tensor,
  expected: @escaping @Sendable (_ x: [[Double]], _ element: Int) -> Double
) -> OperationCase {
  OperationCase(
    name, inputs: inputs,
    expected: { x, b, d in
      (0..<b).map { row in (0..<d).reduce(0) { $0 + expected(x, row * d + $1) } }
    }, build: { build($1) })
}

@Sendable private func bernoulli(_ x: [[Double]], _ i: Int) -> Double {
  log1p(exp(x[0][i])) - x[1][i] * x[0][i]
}

let lossCases: [OperationCase] = [
  loss(
    "bernoulli_nll", { [.uniform([$0, $1], -4...4), .fixed([$0, $1], 0...1)] },
    { bernoulliNLL(logits: $0[0], targets: $0[1]) }, expected: bernoulli),
  loss(
    "bernoulli_nll in evaluation", { [.uniform([$0, $1], -4...4), .fixed([$0, $1], 0...1)] },
    { bernoulliNLL(logits: $0[0], targets: $0[1]) }, expected: bernoulli
  ).with { $0.mode = .evaluation },
  loss(
    "bernoulli_nll by its targets", { [.uniform([$0, $1], -4...4), .uniform([$0, $1], 0...1)] },
    { bernoulliNLL(logits: $0[0], targets: $0[1]) }, expected: bernoulli),
]
