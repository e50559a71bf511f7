import ExptComponents
import ExptTensor

/// One number decides whether a latent is on, and another how strong it is, so that the penalty on the
/// first does not shrink the second.
///
///     f = [π > 0] · max(0, exp(r)·(π − g) + m)        penalty = Σ max(0, πᵢ)·‖Wᵢ‖
///
/// π = Wₑ(x − b) + g is the preactivation with the encoder's bias g, so that exp(r)·(π − g) + m are
/// preactivations of their own with weights that differ by a factor. The penalised gate learns to
/// reconstruct too: max(0, π), decoded by the dictionary as it is (a constant), is compared with the
/// example in a term of its own.
///
/// Parameters: `log_scale` r and `bias` m, `[n]`, both 0 at first.
///
/// Units: nats for each unit of a gate.
///
/// Source: Rajamanoharan et al., "Improving Dictionary Learning with Gated Sparse Autoencoders", 2024,
/// section 3.
public struct GatedActivation: SparseActivation {
  public static let id = "gated"
  public static let summary = "Gates with a penalty, and magnitudes without."

  @Slot("Weight λ of the penalty, a number or a schedule.", .schedule, default: "constant")
  public var weight: any Schedule

  public init() {}

  public var formula: String? {
    "f = [π > 0]·max(0, exp(r)·(π − g) + m);  penalty = {λ=weight}·Σ max(0, πᵢ)·‖Wᵢ‖ − log p(x|x̃)\n"
      + "x̃ = max(0, π)·W + b"
  }

  public var passesWhereOff: Bool { false }

  public func latents(_ preactivations: Tensor, bias: Tensor, in scope: Scope) -> Tensor {
    let count = preactivations.shape[1]
    let scale = exp(scope.parameter("log_scale", [count], .zeros))
    let offset = scope.parameter("bias", [count], .zeros)
    return relu((preactivations - bias) * scale + offset) * step(preactivations)
  }

  public func terms(_ pass: SparsePass) -> SparseTerms {
    let gates = relu(pass.preactivations)
    return SparseTerms(
      penalty: (pass.sum(of: gates), pass.pass.weight("sparsity", weight)), auxiliary: gates)
  }
}
