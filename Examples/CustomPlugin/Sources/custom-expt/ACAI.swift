import ExptComponents
import ExptTensor

/// An adversarially constrained autoencoder interpolation: a critic learns to say how far an image is mixed
/// from two codes, and the decoder to make it say 0, so that images between others look like images.
///
///     x̂ = decode(α·z + (1 − α)·z′),   α uniform in 0 … ½, z′ the code of another image of the batch
///     loss   = −log p(x|z) + weight · E[c(x̂)²]
///     critic = E[(c(x̂) − α)²] + E[c(γ·x + (1 − γ)·decode(z))²]
///
/// Both steps are taken at once, the critic's by an optimizer of its own; no gradient of one goes to the
/// parameters of the other. An `Opponent` need not tell two kinds apart: this one says a number.
///
/// Units: nats per image for the reconstruction; `realism` and `critic_loss` are squared shares.
///
/// Source: Berthelot et al., "Understanding and Improving Interpolation in Autoencoders via an Adversarial
/// Regularizer", ICLR 2019, arXiv 1807.07543, equations 1 and 2.
struct ACAI: Model {
  static let id = "acai"
  static let summary = "Autoencoder whose interpolations are made to look like images."

  static let exampleSettings = "{ critic: { hidden: [16] } }"

  @Group var parts = AutoencoderParts()
  @Section("Says how far an image is mixed from two codes.") var critic = Opponent()
  @Slot("Weight of making it say 0, a number or a schedule.", .schedule, default: "constant")
  var weight: any Schedule
  @Setting("Share γ of the image in what the critic sees of an image itself.", .within(0...1))
  var gamma: Float = 0.2

  init() {}

  var formula: String? { "−log p(x|z) + {λ=weight}·E[c(decode(α·z + (1 − α)·z′))²]" }

  func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    PointMass(try parts.head(parts.latent, of: batch, in: scope))
  }

  func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let code = try parts.head(parts.latent, of: batch, in: scope)
    let decoded = try decode(code, given: batch, in: scope)
    let reconstruction = parts.negativeLogLikelihood(decoded, of: batch, in: scope).mean()

    let other = code.gatheredRows(reversed(batch.count, in: scope))
    let alpha = scope.graph.uniform([batch.count], stream: "alpha") * 0.5
    let mixed = try image(
      decode(
        code.scaledRows(by: alpha) + other.scaledRows(by: 1 - alpha), given: batch, in: scope),
      in: scope)
    let blurred = batch.examples * gamma + image(decoded, in: scope) * (1 - gamma)

    let judge = Judge(critic, "critic", in: scope)
    let realism = square(try judge.frozen(mixed)).mean()
    let said = try judge(mixed.stopGradient())
    let miss = try square(said - alpha).mean() + square(judge(blurred.stopGradient())).mean()
    return LossTerms(
      total: reconstruction + realism * pass.weight("weight", weight),
      reconstruction: reconstruction, extra: [("realism", realism)], decoded: decoded,
      opponents: [OpponentLoss(name: "critic", value: miss, optimizer: critic.optimizer)])
  }

  /// The image that the decoder's numbers mean: their locations, or σ of logits.
  private func image(_ decoded: Tensor, in scope: Scope) -> Tensor {
    let locations = decoded.columns(0..<scope.data.image[0])
    return parts.likelihood.decoded == .logits ? sigmoid(locations) : locations
  }

  /// The batch's rows from the last to the first.
  private func reversed(_ count: Int, in scope: Scope) -> Tensor {
    scope.graph.constant((0..<count).reversed().map { Float($0) }, [count])
  }
}
