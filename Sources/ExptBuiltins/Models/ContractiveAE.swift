import ExptComponents
import ExptTensor

/// A contractive autoencoder: codes change as little as they can with the image.
///
///     loss = −log p(x | decode(h)) + λ · ‖∂h/∂x‖²_F,   h = s(encoder(x))
///
/// s is the `activation` of the code. For an encoder of a single layer, `encoder: { type: mlp, hidden:
/// [] }`, the penalty is exact, for a sigmoid
///
///     ‖∂h/∂x‖²_F = Σⱼ (hⱼ(1 − hⱼ))² ‖Wⱼ‖²
///
/// For any other it is estimated from differences of codes along `directions` random directions of the
/// image: see `squaredJacobianNorm` for how exactly.
///
/// Units: nats per image for the reconstruction; `contraction` is the norm, not weighted.
///
/// Source: Rifai et al., "Contractive Auto-Encoders: Explicit Invariance During Feature Extraction", ICML
/// 2011, equations 4 and 8.
public struct ContractiveAE: Model {
  /// Of the code; those whose derivative is known from their value.
  public enum CodeActivation: String, NamedChoice { case sigmoid, tanh, none }

  public static let id = "contractive_ae"
  public static let summary = "Autoencoder whose codes change little with the image."

  @Group public var parts = AutoencoderParts()
  @Setting("The function that makes the code of the last layer's numbers.")
  public var activation: CodeActivation = .sigmoid
  @Slot("Weight λ of the contraction, a number or a schedule.", .schedule, default: 0.1)
  public var lambda: any Schedule
  @Setting(
    "Random directions that an encoder of several layers is measured along; null: every pixel.",
    .within(1...10_000))
  public var directions: Int? = 1

  public init() {}

  public var formula: String? { "−log p(x|h) + {λ=lambda}·‖∂h/∂x‖²_F,  h = s(encode(x))" }

  public func check(_ report: SettingsReport) { report.refuseCapacities(of: self) }

  public func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    PointMass(try code(of: batch, in: scope))
  }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let code = try code(of: batch, in: scope)
    let decoded = try decode(code, given: batch, in: scope)
    let reconstruction = parts.negativeLogLikelihood(decoded, of: batch, in: scope).mean()
    let contraction = try squaredNorm(code, batch, in: scope).mean()
    return LossTerms(
      total: reconstruction + contraction * pass.weight("lambda", lambda),
      reconstruction: reconstruction, extra: [("contraction", contraction)], decoded: decoded)
  }

  private func code(
    of batch: Batch, seeing examples: Tensor? = nil, in scope: Scope
  ) throws(BuildProblem) -> Tensor {
    let numbers = try parts.head(parts.latent, of: batch, seeing: examples, in: scope)
    switch activation {
    case .sigmoid: return sigmoid(numbers)
    case .tanh: return tanh(numbers)
    case .none: return numbers
    }
  }

  /// ‖∂h/∂x‖²_F of each example: `[batch]`.
  private func squaredNorm(
    _ code: Tensor, _ batch: Batch, in scope: Scope
  ) throws(BuildProblem) -> Tensor {
    let pixels = scope.data.image.count
    if let mlp = parts.encoder as? MLP, mlp.hidden.isEmpty,
      try parts.conditionRows(batch, in: scope) == nil
    {
      let weight = scope.child("latent").parameter(
        "weight", [parts.latent, pixels], .fanIn(pixels))
      return (square(slope(code)) * square(weight).sumPerExample()).sumPerExample()
    }
    return try squaredJacobianNorm(at: batch.examples, directions: directions, in: scope) {
      (images) throws(BuildProblem) in try self.code(of: batch, seeing: images, in: scope)
    }
  }

  /// The activation's derivative, from its value.
  private func slope(_ code: Tensor) -> Tensor {
    switch activation {
    case .sigmoid: code * (1 - code)
    case .tanh: 1 - square(code)
    case .none: code.graph.constant(1, code.shape)
    }
  }
}
