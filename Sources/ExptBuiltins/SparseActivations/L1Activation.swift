import ExptComponents
import ExptTensor

/// A ReLU, with a penalty on the sum of the latents, each times the length of its pattern.
///
///     f = max(0, π)        penalty = Σ fᵢ·‖Wᵢ‖
///
/// It pulls every latent towards 0, also those that are on: with orthonormal patterns and a Gaussian of
/// deviation σ a latent that should be a is a − weight·σ².
///
/// Units: nats for each unit of a latent.
///
/// Source: Bricken et al., "Towards Monosemanticity", 2023; times the length: Conerly et al., "Update on
/// how we train SAEs", 2024.
public struct L1Activation: SparseActivation {
  public static let id = "l1"
  public static let summary = "A ReLU, with a penalty on the sum of the latents."

  @Slot("Weight λ of the penalty, a number or a schedule.", .schedule, default: "constant")
  public var weight: any Schedule

  public init() {}

  public var formula: String? {
    "f = max(0, π);  penalty = {λ=weight}·Σ fᵢ·‖Wᵢ‖"
  }

  public var passesWhereOff: Bool { false }

  public func latents(_ preactivations: Tensor, bias: Tensor, in scope: Scope) -> Tensor {
    relu(preactivations)
  }

  public func terms(_ pass: SparsePass) -> SparseTerms {
    SparseTerms(penalty: (pass.sum(of: pass.latents), pass.pass.weight("sparsity", weight)))
  }
}
