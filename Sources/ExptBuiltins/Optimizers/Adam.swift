import ExptComponents
import ExptTensor

/// Adam: steps scaled by running means of the gradient and of its square.
///
///     m ← β₁·m + (1 − β₁)·g        v ← β₂·v + (1 − β₂)·g²
///     θ ← θ − η·m̂ / (√v̂ + ε)       m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ) at step t
///
/// Weight decay λ adds λ·θ to g; see `adamw` for the decoupled kind.
///
/// Source: Kingma & Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015.
public struct Adam: ElementwiseOptimizer {
  public static let id = "adam"
  public static let summary = "Steps scaled by running means of the gradient and its square."

  @Group public var step = StepSettings()
  @Group public var means = AdamSettings()

  public init() {}

  public var slots: [String] { AdamSettings.slots }

  public func rule(_ update: ParameterUpdate) -> UpdateRule {
    means.rule(update, step, isDecoupled: false)
  }
}

/// What Adam and AdamW have in common.
public struct AdamSettings: Settings {
  @Setting("Decay of the running mean of the gradient.", .within(0..<1))
  public var beta1: Double = 0.9
  @Setting("Decay of the running mean of its square.", .within(0..<1))
  public var beta2: Double = 0.999
  @Setting("Added to the root of the mean square.", .above(0, upTo: 1))
  public var epsilon: Double = 1e-8

  public init() {}

  static let slots = ["mean", "square"]

  func rule(
    _ update: ParameterUpdate, _ step: StepSettings, isDecoupled: Bool
  ) -> UpdateRule {
    FusedUpdate(update, step).adam(
      beta1: beta1, beta2: beta2, epsilon: epsilon, count: update.step, isDecoupled: isDecoupled,
      mean: update.slots[0], square: update.slots[1])
  }
}
