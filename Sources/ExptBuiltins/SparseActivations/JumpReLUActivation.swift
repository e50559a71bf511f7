import ExptComponents
import ExptTensor

/// Each latent is on above a threshold of its own, which is learned, with a penalty on how many are on.
///
///     f = π·H(π − θ)        penalty = Σ H(πᵢ − θᵢ)        H: the step function
///
/// By the threshold a step has no gradient; in its place stands that of a step as wide as ε:
///
///     ∂f/∂θ = −(θ/ε)·K((π − θ)/ε),   ∂H/∂θ = −(1/ε)·K((π − θ)/ε),   K(u) = 1 for |u| < ½, else 0
///
/// where π is the preactivation itself: the latent that came of it is 0 on one side of the threshold, and
/// would leave the window half empty. θ is exp of a parameter, `log_threshold`, `[n]`.
///
/// Units: nats for each latent that is on.
///
/// Source: Rajamanoharan et al., "Jumping Ahead: Improving Reconstruction Fidelity with JumpReLU Sparse
/// Autoencoders", 2024, sections 3 and 4.
public struct JumpReLUActivation: SparseActivation {
  public static let id = "jump_relu"
  public static let summary = "Latents above thresholds that are learned."

  @Slot("Weight λ of the penalty, a number or a schedule.", .schedule, default: "constant")
  public var weight: any Schedule
  @Setting("Threshold that each latent begins with.", .above(0)) public var threshold: Float = 0.01
  @Setting("Width ε of the window in which thresholds learn.", .above(0))
  public var bandwidth: Float = 0.01

  public init() {}

  public var formula: String? {
    "f = π·H(π − θ),  θ learned;  penalty = {λ=weight}·Σ H(πᵢ − θᵢ)"
  }

  private func thresholds(_ preactivations: Tensor, _ scope: Scope) -> Tensor {
    let start = Float(RepeatableMath.log(Double(threshold)))
    return exp(
      scope.parameter("log_threshold", [preactivations.shape[1]], .constant(start)))
  }

  /// −(1/ε)·K((π − θ)/ε), a constant to the gradient.
  private func slope(_ preactivations: Tensor, _ thresholds: Tensor) -> Tensor {
    let distance = abs(preactivations - thresholds)
    return (step(bandwidth / 2 - distance) * (-1 / bandwidth)).stopGradient()
  }

  /// θ with the value 0 and a gradient.
  private func moving(_ thresholds: Tensor) -> Tensor { thresholds - thresholds.stopGradient() }

  public func latents(_ preactivations: Tensor, bias: Tensor, in scope: Scope) -> Tensor {
    let thresholds = thresholds(preactivations, scope)
    let isOn = step(preactivations - thresholds).stopGradient()
    let slope = slope(preactivations, thresholds) * thresholds.stopGradient()
    return preactivations * isOn + slope * moving(thresholds)
  }

  public func terms(_ pass: SparsePass) -> SparseTerms {
    let thresholds = thresholds(pass.preactivations, pass.scope)
    let isOn = step(pass.preactivations - thresholds).stopGradient()
    let count = isOn + slope(pass.preactivations, thresholds) * moving(thresholds)
    return SparseTerms(
      penalty: (
        count.sum() / Float(count.shape[0]), pass.pass.weight("sparsity", weight)
      ))
  }
}
