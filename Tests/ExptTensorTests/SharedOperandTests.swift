import ExptTensor
import ExptTesting
import Testing

@Suite("One tensor as several operands of an operation")
struct SharedOperandTests {
  private static let functions: [(String, @Sendable (Graph, Tensor) -> Tensor)] = [
    ("x + x", { $1 + $1 }),
    ("x - 2x", { $1 - $1 * 2 }),
    ("x · x", { $1 * $1 }),
    ("x / x²", { $1 / ($1 * $1) }),
    ("reparameterize", { reparameterize(mean: $1, logVariance: $1, noise: $1) }),
    ("concatenate", { concatenate($1, $1, $1 * $1) }),
    ("layerNorm", { _, x in layerNorm(x, scale: x.sumOverBatch(), shift: x.sumOverBatch()) }),
    ("maximum", { maximum($1, $1 * 0.5) }),
    ("gaussianKL", { gaussianKL(mean: $1, logVariance: $1) }),
    ("gaussianLogDensity", { gaussianLogDensity($1 * $1, mean: $1, logVariance: $1) }),
    ("bernoulliNLL", { bernoulliNLL(logits: $1, targets: $1) }),
    ("continuousBernoulliNLL", { continuousBernoulliNLL(logits: $1, targets: $1) }),
    ("gaussianNLL", { gaussianNLL(mean: $1, targets: $1 * $1, logScale: $1) }),
    ("gaussianNLL of x and x", { gaussianNLL(mean: $1, targets: $1, logScale: $1) }),
    (
      "columns",
      { _, x in x.columns(0..<7) * x.columns(3..<10) + x.columns(5..<12) }
    ),
  ]

  @Test(arguments: functions.map(\.0))
  func `gets the sum of their gradients`(_ name: String) throws {
    let function = try #require(Self.functions.first { $0.0 == name }).1
    let check = GradientCheck([.uniform([5, 19], 0.5...2)]) { function($0, $1[0]) }
    #expect(check.gradient != 0)
    #expect(check.relativeError < 5e-3, "\(check)")
  }
}
