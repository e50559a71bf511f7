import ExptComponents
import ExptTensor

/// Lion: steps of one size, by the sign of a mean of gradients.
///
///     c = β₁·m + (1 − β₁)·g        θ ← θ − η·(sign(c) + λ·θ)        m ← β₂·m + (1 − β₂)·g
///
/// The step looks further ahead than the running mean that is kept. Rates that suit are 3 to 10 times lower
/// than AdamW's, and weight decay λ, which is decoupled, as much higher.
///
/// Source: Chen et al., "Symbolic Discovery of Optimization Algorithms", arXiv 2302.06675, algorithm 2.
public struct Lion: ElementwiseOptimizer {
  public static let id = "lion"
  public static let summary = "Steps of one size, by the sign of a mean of gradients."

  @Group public var step = StepSettings(learningRate: 1e-4)
  @Setting("Share of the running mean in the step's direction.", .within(0..<1))
  public var beta1: Double = 0.9
  @Setting("Decay of the running mean of the gradient.", .within(0..<1))
  public var beta2: Double = 0.99

  public init() {}

  public var slots: [String] { ["mean"] }

  public func rule(_ update: ParameterUpdate) -> UpdateRule {
    FusedUpdate(update, step).lion(beta1: beta1, beta2: beta2, mean: update.slots[0])
  }
}
