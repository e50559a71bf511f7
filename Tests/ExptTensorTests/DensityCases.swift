import ExptTensor
import ExptTesting
import Foundation

/// (log Γ)′ by differences in Double.
private func slopeOfLogGamma(_ x: Double) -> Double {
  // Of log Γ(x + 3), where it is smooth: ψ(x) = ψ(x + 3) − 1/x − 1/(x + 1) − 1/(x + 2).
  let (y, h) = (x + 3, 1e-3)
  let near = (lgamma(y + h) - lgamma(y - h)) / (2 * h)
  let far = (lgamma(y + 2 * h) - lgamma(y - 2 * h)) / (4 * h)
  return (4 * near - far) / 3 - 1 / x - 1 / (x + 1) - 1 / (x + 2)
}

@Sendable private func negativeBinomial(_ logMean: Double, _ logDispersion: Double, _ count: Double)
  -> Double
{
  let (mean, theta) = (exp(logMean), exp(logDispersion))
  var ways = 0.0  // log of (x + θ − 1 choose x), factor by factor
  for k in 0..<Int(count) { ways += log(theta + Double(k)) - log(Double(k) + 1) }
  return ways - theta * log1p(mean / theta) + count * log(mean / (theta + mean))
}

@Sendable private func beta(_ logit: Double, _ logConcentration: Double, _ x: Double) -> Double {
  let c = exp(logConcentration)
  let (a, b) = (c / (1 + exp(-logit)), c / (1 + exp(logit)))
  return lgamma(c) - lgamma(a) - lgamma(b) + (a - 1) * log(x) + (b - 1) * log1p(-x)
}

@Sendable private func levelOfLogistic(_ location: Double, _ logScale: Double, _ target: Double)
  -> Double
{
  let (half, scale) = (1 / 510.0, exp(logScale))
  func below(_ x: Double) -> Double { 1 / (1 + exp(-(x - location) / scale)) }
  let upper = target > 1 - half ? 1 : below(target + half)
  return log(upper - (target < half ? 0 : below(target - half)))
}

/// Two parameters of each element and its value.
private func density(
  _ name: String, _ a: ClosedRange<Float>, _ b: ClosedRange<Float>, values: ClosedRange<Float>,
  _ build: @escaping @Sendable (_ a: Tensor, _ b: Tensor, _ x: Tensor) -> Tensor,
  value: @escaping @Sendable (Double) -> Double = { $0 },
  expected: @escaping @Sendable (_ a: Double, _ b: Double, _ x: Double) -> Double
) -> OperationCase {
  OperationCase(
    name,
    inputs: { m, n in [.uniform([m, n], a), .uniform([m, n], b), .fixed([m, n], values)] },
    expected: { x, _, _ in
      x[0].indices.map { expected(x[0][$0], x[1][$0], value(x[2][$0])) }
    }, build: { build($1[0], $1[1], $1[2]) })
}

let densityCases: [OperationCase] = [
  OperationCase("log_cosh", { logCosh($0) }, expected: { log(cosh($0)) }),
  OperationCase("lgamma", of: 0.2...20, { ExptTensor.lgamma($0) }, expected: { lgamma($0) }),
  OperationCase("digamma", of: 0.5...20, { digamma($0) }, expected: slopeOfLogGamma),
  OperationCase(
    "student_t_constant", of: 0.5...20, { studentTConstant($0) },
    expected: { lgamma(($0 + 1) / 2) - lgamma($0 / 2) - 0.5 * log(Double.pi * $0) }),
  OperationCase(
    "poisson_log", inputs: { b, d in [.uniform([b, d], -2...2), .fixed([b, d], 0...9)] },
    expected: { x, _, _ in
      x[0].indices.map { at in
        let count = x[1][at].rounded(.down)
        let factorial = (0..<Int(count)).reduce(0.0) { $0 + log(Double($1 + 1)) }
        return count * x[0][at] - exp(x[0][at]) - factorial
      }
    }, build: { poissonLogProbability(logMean: $1[0], counts: floor($1[1])) }),
  density(
    "negative_binomial_log", -2...2, -2...3, values: 0...9,
    { negativeBinomialLogProbability(logMean: $0, logDispersion: $1, counts: floor($2)) },
    value: { $0.rounded(.down) }, expected: negativeBinomial),
  density(
    "beta_log", -2...2, -1...3, values: 0.01...0.99,
    { betaLogDensity(logit: $0, logConcentration: $1, values: $2) }, expected: beta),
  OperationCase(
    "student_t_tail", inputs: { b, d in [.uniform([b, d], -3...3), .uniform([b, d], -1...4)] },
    expected: { x, _, _ in
      zip(x[0], x[1]).map { z, v in 0.5 * (exp(v) + 1) * log1p(z * z / exp(v)) }
    }, build: { studentTTail($1[0], logFreedom: $1[1]) }),
  density(
    "discretized_logistic_log", 0...1, -3...(-1), values: -0.05...1.05,
    { discretizedLogisticLogProbability(location: $0, logScale: $1, targets: $2) },
    expected: levelOfLogistic),
  OperationCase(
    "categorical_nll", inputs: { b, d in [.normal([b, d + 1, 3]), .fixed([b, 3], 0...1)] },
    expected: { x, b, d in
      (0..<b * 3).map { place in
        let logits = (0...d).map { x[0][(place / 3 * (d + 1) + $0) * 3 + place % 3] }
        let category = min(Int(x[1][place] * Double(d + 1)), d)
        return log(logits.reduce(0) { $0 + exp($1) }) - logits[category]
      }
    },
    build: { _, x in
      let last = Float(x[0].shape[1] - 1)
      return x[0].categoricalNLL(of: clamp(floor(x[1] * (last + 1)), 0...last), along: 1)
    }),
]
