import ExptComponents
import ExptTensor

/// RAdam: Adam whose steps are as large as the variance of their rate allows, which makes a warm-up
/// needless.
///
///     m ← β₁·m + (1 − β₁)·g        v ← β₂·v + (1 − β₂)·g²        m̂ = m / (1 − β₁ᵗ)
///     ρ_∞ = 2/(1 − β₂) − 1         ρ_t = ρ_∞ − 2·t·β₂ᵗ / (1 − β₂ᵗ)
///     ρ_t > 5:  θ ← θ − η·r_t·m̂·√(1 − β₂ᵗ) / (√v + ε)
///               r_t = √((ρ_t − 4)(ρ_t − 2)·ρ_∞ / ((ρ_∞ − 4)(ρ_∞ − 2)·ρ_t))
///     else:     θ ← θ − η·m̂
///
/// As PyTorch's `RAdam`.
///
/// Source: Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond", ICLR 2020, algorithm 2.
public struct RAdam: ElementwiseOptimizer {
  public static let id = "radam"
  public static let summary = "Adam with a rate that its variance allows, instead of a warm-up."
  public static let exampleSettings = "{ weight_decay: 0.1, beta2: 0.9 }"

  @Group public var step = StepSettings()
  @Group public var means = AdamSettings()
  @Setting("Take weight decay off the weights themselves, as adamw does.")
  public var decoupledDecay: Bool = false

  public init() {}

  public var slots: [String] { AdamSettings.slots }

  public func rule(_ update: ParameterUpdate) -> UpdateRule {
    FusedUpdate(update, step).radam(
      beta1: means.beta1, beta2: means.beta2, epsilon: means.epsilon, count: update.step,
      isDecoupled: decoupledDecay, mean: update.slots[0], square: update.slots[1])
  }
}
