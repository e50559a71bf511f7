import ExptComponents
import ExptTensor

/// Adagrad: steps divided by the root of the sum of all squared gradients so far.
///
///     s ← s + g²        θ ← θ − η·g / (√s + ε)
///
/// Source: Duchi, Hazan & Singer, "Adaptive Subgradient Methods", JMLR 12, 2011.
public struct Adagrad: ElementwiseOptimizer {
  public static let id = "adagrad"
  public static let summary = "Steps divided by the root of all squared gradients so far."

  @Group public var step = StepSettings(learningRate: 1e-2)
  @Setting("Added to the root.", .above(0, upTo: 1)) public var epsilon: Double = 1e-10

  public init() {}

  public var slots: [String] { ["sum"] }

  public func rule(_ update: ParameterUpdate) -> UpdateRule {
    FusedUpdate(update, step).adagrad(epsilon: epsilon, sum: update.slots[0])
  }
}
