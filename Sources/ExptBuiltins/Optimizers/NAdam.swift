import ExptComponents
import ExptTensor

/// NAdam: Adam with Nesterov momentum.
///
///     m ← β₁·m + (1 − β₁)·g        v ← β₂·v + (1 − β₂)·g²        v̂ = v / (1 − β₂ᵗ)
///     θ ← θ − η·[(1 − μ_t)·g / (1 − Π_{i≤t} μ_i) + μ_{t+1}·m / (1 − Π_{i≤t+1} μ_i)] / (√v̂ + ε)
///
/// with μ_t = β₁·(1 − ½·0.96^(t·ψ)), which rises to β₁. As PyTorch's `NAdam`.
///
/// Source: Dozat, "Incorporating Nesterov Momentum into Adam", ICLR workshop 2016.
public struct NAdam: ElementwiseOptimizer {
  public static let id = "nadam"
  public static let summary = "Adam with Nesterov momentum."
  public static let exampleSettings = "{ weight_decay: 0.1 }"

  @Group public var step = StepSettings(learningRate: 2e-3)
  @Group public var means = AdamSettings()
  @Setting("ψ: how fast the momentum rises to beta1.", .within(0...10))
  public var momentumDecay: Double = 4e-3
  @Setting("Take weight decay off the weights themselves, as adamw does.")
  public var decoupledDecay: Bool = false

  public init() {}

  public var slots: [String] { AdamSettings.slots }

  public func rule(_ update: ParameterUpdate) -> UpdateRule {
    FusedUpdate(update, step).nadam(
      beta1: means.beta1, beta2: means.beta2, epsilon: means.epsilon,
      momentumDecay: momentumDecay, count: update.step, isDecoupled: decoupledDecay,
      mean: update.slots[0], square: update.slots[1])
  }
}
