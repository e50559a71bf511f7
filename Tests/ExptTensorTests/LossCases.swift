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

@Sendable private func continuousBernoulli(_ x: [[Double]], _ i: Int) -> Double {
  bernoulli(x, i) - log(x[0][i] / tanh(x[0][i] / 2))
}

/// A loss with a location, targets and a log-scale.
private func scaled(
  _ name: String, scales: ClosedRange<Float>,
  targets: @escaping @Sendable (Shape) -> GradientInput = { .uniform($0, 0...1) },
  _ build:
    @escaping @Sendable (_ location: Tensor, _ targets: Tensor, _ logScale: Tensor) -> Tensor,
  expected: @escaping @Sendable (_ location: Double, _ target: Double, _ logScale: Double) -> Double
) -> [OperationCase] {
  [true, false].map { isShared in
    loss(
      name + (isShared ? ", one scale" : ", a scale for each element"),
      { b, d in
        [
          .uniform([b, d], 0...1), targets([b, d]),
          .uniform(isShared ? .scalar : [b, d], scales),
        ]
      }, { build($0[0], $0[1], $0[2]) },
      expected: { x, i in expected(x[0][i], x[1][i], x[2][isShared ? 0 : i]) })
  }
}

/// The probability that a logistic variable lies between two bounds, in units of its scale.
private func logistic(from low: Double, to high: Double) -> Double {
  func below(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
  return low > 0 ? below(-low) - below(-high) : below(high) - below(low)
}

@Sendable private func discretizedLogistic(
  _ location: Double, _ target: Double, _ logScale: Double
) -> Double {
  let half = 1 / 510.0
  let low = target < half ? -Double.infinity : (target - location - half) / exp(logScale)
  let high = target > 1 - half ? Double.infinity : (target - location + half) / exp(logScale)
  return -log(logistic(from: low, to: high))
}

let lossCases: [OperationCase] =
  [
    loss(
      "bernoulli_nll", { [.uniform([$0, $1], -4...4), .fixed([$0, $1], 0...1)] },
      { bernoulliNLL(logits: $0[0], targets: $0[1]) }, expected: bernoulli),
    OperationCase(
      "bernoulli_nll of given targets, all 0", inputs: { b, d in [.uniform([b, d], -4...4)] },
      expected: { x, b, d in
        (0..<b).map { row in (0..<d).reduce(0) { $0 + log1p(exp(x[0][row * d + $1])) } }
      },
      build: { graph, x in
        let shape = x[0].shape
        let targets = graph.input("targets", [shape.count]).reshaped(shape)
        return bernoulliNLL(logits: x[0], targets: targets)
      }),
    loss(
      "bernoulli_nll in evaluation", { [.uniform([$0, $1], -4...4), .fixed([$0, $1], 0...1)] },
      { bernoulliNLL(logits: $0[0], targets: $0[1]) }, expected: bernoulli
    ).with { $0.mode = .evaluation },
    loss(
      "bernoulli_nll by its targets",
      { [.uniform([$0, $1], -4...4), .uniform([$0, $1], 0...1)] },
      { bernoulliNLL(logits: $0[0], targets: $0[1]) }, expected: bernoulli),
    loss(
      "continuous_bernoulli_nll", { [.uniform([$0, $1], -4...4), .uniform([$0, $1], 0...1)] },
      { continuousBernoulliNLL(logits: $0[0], targets: $0[1]) }, expected: continuousBernoulli),
  ]
  + scaled(
    "gaussian_nll", scales: -1...0.5, { gaussianNLL(mean: $0, targets: $1, logScale: $2) },
    expected: { mean, target, logScale in
      let z = (target - mean) / exp(logScale)
      return 0.5 * z * z + logScale + 0.5 * log(2 * Double.pi)
    })
  + scaled(
    "laplace_nll", scales: -1...0.5, { laplaceNLL(location: $0, targets: $1, logScale: $2) },
    expected: { abs($1 - $0) / exp($2) + log(2) + $2 }
  ).map { $0.with { $0.epsilon = 0.003 } }
  + scaled(
    "discretized_logistic_nll", scales: -3...(-1), targets: { .uniform($0, 0.01...0.99) },
    { discretizedLogisticNLL(location: $0, targets: $1, logScale: $2) },
    expected: discretizedLogistic)
  + scaled(
    "discretized_logistic_nll with many extremes", scales: -3...(-1),
    targets: { .fixed($0, -0.1...1.1) },
    { discretizedLogisticNLL(location: $0, targets: $1, logScale: $2) },
    expected: discretizedLogistic)
