import ExptComponents
import ExptTensor

/// An adversarial autoencoder: a discriminator learns to tell codes from draws of the prior, and the
/// encoder to fool it.
///
///     loss          = −log p(x|z) + weight · E[−log D(z)]
///     discriminator = −½ (E[log D(p)] + E[log(1 − D(z))]),   p drawn from the prior
///
/// Both steps are taken at once, the discriminator's by an optimizer of its own; no gradient of one goes
/// to the parameters of the other.
///
/// Units: nats per image for the reconstruction; `fooling` and `discriminator_loss` are nats per code,
/// both log 2 where the discriminator cannot tell.
///
/// Source: Makhzani et al., "Adversarial Autoencoders", arXiv 1511.05644, 2015, section 2.
struct AdversarialAE: Model {
  static let id = "adversarial_ae"
  static let summary = "Autoencoder whose codes are made to look like draws of the prior."

  static let exampleSettings = "{ discriminator: { hidden: [16] } }"

  @Group var parts = AutoencoderParts()
  @Slot("p(z): what codes are made to look like.", .prior, default: "standard_normal")
  var prior: any Prior
  @Section("Tells codes from draws of the prior.") var discriminator = Opponent()
  @Slot("Weight of fooling it, a number or a schedule.", .schedule, default: "constant")
  var weight: any Schedule

  func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    PointMass(try parts.head(parts.latent, of: batch, in: scope))
  }

  func prior(for batch: Batch, space: LatentSpace, in scope: Scope) throws(BuildProblem)
    -> (any Distribution)?
  {
    try prior.distribution(
      in: PriorContext(scope: scope.child("prior"), space: space, batch: batch) {
        (other) throws(BuildProblem) in try encode(other, in: scope)
      })
  }

  func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let code = try parts.head(parts.latent, of: batch, in: scope)
    let decoded = try parts.decode(code, given: batch, in: scope)
    let reconstruction = parts.negativeLogLikelihood(decoded, of: batch, in: scope).mean()
    let judge = Judge(discriminator, "discriminator", in: scope)
    let fooling = -logSigmoid(try judge.frozen(code)).mean()
    guard let prior = try prior(for: batch, space: .vector(parts.latent), in: scope) else {
      throw BuildProblem("there is no prior to compare with", at: ["prior"])
    }
    let real = prior.draw(1, batch: batch.count, in: scope).values
    return LossTerms(
      total: reconstruction + fooling * pass.weight("weight", weight),
      reconstruction: reconstruction, extra: [("fooling", fooling)], decoded: decoded,
      opponents: [try judge.loss(real: real, fake: code)])
  }
}
