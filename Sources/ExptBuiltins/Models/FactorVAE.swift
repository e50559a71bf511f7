import ExptComponents
import ExptTensor

/// FactorVAE: a VAE whose latents' total correlation is told by a discriminator, and weighed.
///
///     loss          = E[−log p(x|z)] + KL(q(z|x) ‖ p(z)) + γ · TC
///     TC            = E[log D(z) − log(1 − D(z))]
///     discriminator = −½ (E[log D(z)] + E[log(1 − D(z′))])
///
/// z′ are codes of other images, with each latent dimension permuted over them: draws of the product of
/// the marginals. The discriminator compares the codes of the batch's first half with those of its second
/// half, permuted; everything else is of the whole batch. (The paper draws a second batch for it.) Its best
/// logit is log q(z)/Πⱼq(zⱼ), whose mean is the total correlation.
///
/// Units: nats per image; `discriminator_loss` is log 2 where it cannot tell. The first estimates of
/// `tc` are near 0, whatever the total correlation is: the discriminator has to learn first.
///
/// Source: Kim & Mnih, "Disentangling by Factorising", ICML 2018, arXiv 1802.05983, equations 2 and 3,
/// algorithm 2 and appendix A for the discriminator.
public struct FactorVAE: LatentModel {
  public static let id = "factor_vae"
  public static let summary = "VAE whose total correlation is measured by a discriminator."
  public static let exampleSettings = "{ discriminator: { hidden: [16] } }"

  @Group public var latents = LatentParts()
  @Slot("Weight γ of the total correlation, a number or a schedule.", .schedule, default: 35)
  public var gamma: any Schedule
  @Section("Tells codes from codes whose dimensions are permuted.")
  public var discriminator = Opponent(
    hidden: Array(repeating: 1000, count: 6),
    optimizer: ["learning_rate": 1e-4, "beta1": 0.5, "beta2": 0.9])

  public init() {}

  public var formula: String? {
    "E[−log p(x|z)] + KL(q(z|x) ‖ p(z)) + {γ=gamma}·E[log D(z) − log(1 − D(z))]\n"
      + "D learns from −½ (E[log D(z)] + E[log(1 − D(z′))]),  z′: each number of z from another image,  "
      + "at the rate {η=discriminator.optimizer.learning_rate}"
  }

  public func check(_ report: SettingsReport) { report.refuseCapacities(of: self) }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let posterior = try latents.posterior(of: batch, in: scope)
    guard posterior.space.isEuclidean else {
      throw BuildProblem(
        "the dimensions of latents are permuted one by one, and these are \(posterior.space)",
        help: "choose a posterior over numbers", at: ["posterior"])
    }
    let prior = try latents.prior(for: batch, space: posterior.space, in: scope)
    let draw = posterior.draw(1, batch: batch.count, in: scope)
    let decoded = try decode(draw.values, given: batch, in: scope)
    let reconstruction = parts.negativeLogLikelihood(decoded, of: batch, in: scope).mean()
    let divergence = try posterior.meanDivergence(from: prior, drawn: draw)
    let judge = Judge(discriminator, "discriminator", in: scope)
    let correlation = try judge.frozen(draw.values).mean()
    let half = max(1, batch.count / 2)
    let others = draw.values.rows(batch.count - half..<batch.count)
    return LossTerms(
      total: reconstruction + divergence.value + correlation * pass.weight("gamma", gamma),
      reconstruction: reconstruction, kl: divergence.value,
      klPerDimension: divergence.perDimension, extra: [("tc", correlation)], decoded: decoded,
      opponents: [
        try judge.loss(
          real: draw.values.rows(0..<half), fake: others.permutedColumns(stream: "permutation"))
      ])
  }
}
