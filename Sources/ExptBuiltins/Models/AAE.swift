import ExptComponents
import ExptTensor

/// An adversarial autoencoder: a discriminator learns to tell codes from draws of the prior, and the
/// encoder to fool it, so that codes of all images together become distributed as the prior.
///
///     loss          = E[−log p(x|z)] + weight · E[−log D(z)]
///     discriminator = −½ (E[log D(z′)] + E[log(1 − D(z))]),   z′ ~ p(z)
///
/// The encoder is deterministic with the posterior `point`, the default, and noisy with another. It fools
/// the discriminator by −log D, which has a gradient where D is sure, in place of log(1 − D).
///
/// Both steps are taken at once, the discriminator's by an optimizer of its own; no gradient of one goes
/// to the parameters of the other.
///
/// Units: nats per image for the reconstruction; `fooling` and `discriminator_loss` are nats per code, both
/// log 2 where the discriminator cannot tell. `discriminator_accuracy` is its share of right answers: ½
/// where it cannot tell, 1 where it always can.
///
/// Source: Makhzani et al., "Adversarial Autoencoders", arXiv 1511.05644, 2015, section 2; −log D:
/// Goodfellow et al., "Generative Adversarial Nets", NIPS 2014, section 3.
public struct AAE: LatentModel {
  public static let id = "aae"
  public static let summary = "Autoencoder whose codes are made to look like draws of the prior."
  public static let exampleSettings = "{ discriminator: { hidden: [16] } }"

  @Group public var latents = LatentParts(posterior: PointPosterior.id)
  @Section("Tells codes from draws of the prior.") public var discriminator = Opponent()
  @Slot(
    "Weight of fooling the discriminator, a number or a schedule.", .schedule, default: "constant")
  public var weight: any Schedule

  public init() {}

  public var formula: String? {
    "E[−log p(x|z)] + {λ=weight}·E[−log D(z)]\n"
      + "D learns from −½ (E[log D(z′)] + E[log(1 − D(z))]),  z′ ~ p(z),  "
      + "at the rate {η=discriminator.optimizer.learning_rate}"
  }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let posterior = try latents.posterior(of: batch, in: scope)
    let prior = try latents.prior(for: batch, space: posterior.space, in: scope)
    let codes = posterior.draw(1, batch: batch.count, in: scope).values
    let wanted = prior.draw(1, batch: batch.count, in: scope).values
    guard scope.graph.groupsReached(from: wanted).isEmpty else {
      throw BuildProblem(
        "codes are made to look like draws of the prior, by which a prior with parameters of its own "
          + "learns nothing", help: "use a prior without parameters, such as standard_normal",
        at: ["prior"])
    }
    let decoded = try decode(codes, given: batch, in: scope)
    let reconstruction = parts.negativeLogLikelihood(decoded, of: batch, in: scope).mean()
    let judge = Judge(discriminator, "discriminator", in: scope)
    let fooling = -logSigmoid(try judge.frozen(codes)).mean()
    return LossTerms(
      total: reconstruction + fooling * pass.weight("weight", weight),
      reconstruction: reconstruction, extra: [("fooling", fooling)], decoded: decoded,
      opponents: [try judge.loss(real: wanted, fake: codes)])
  }
}
