import ExptComponents
import ExptTensor

/// Adamax: Adam with the largest gradient so far, decaying, in place of the mean square.
///
///     m ← β₁·m + (1 − β₁)·g        u ← max(β₂·u, |g| + ε)        θ ← θ − η·m̂ / u
///
/// with m̂ = m / (1 − β₁ᵗ) at step t. As PyTorch's `Adamax`.
///
/// Source: Kingma & Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 2.
public struct Adamax: ElementwiseOptimizer {
  public static let id = "adamax"
  public static let summary = "Adam with the largest gradient in place of the mean square."

  @Group public var step = StepSettings(learningRate: 2e-3)
  @Setting("Decay of the running mean of the gradient.", .within(0..<1))
  public var beta1: Double = 0.9
  @Setting("Decay of the largest gradient.", .within(0..<1)) public var beta2: Double = 0.999
  @Setting("Added to the size of each gradient.", .above(0, upTo: 1))
  public var epsilon: Double = 1e-8

  public init() {}

  public var slots: [String] { ["mean", "norm"] }

  public func rule(_ update: ParameterUpdate) -> UpdateRule {
    FusedUpdate(update, step).adamax(
      beta1: beta1, beta2: beta2, epsilon: epsilon, count: update.step, mean: update.slots[0],
      norm: update.slots[1])
  }
}
