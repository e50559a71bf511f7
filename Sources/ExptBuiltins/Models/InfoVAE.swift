import ExptComponents
import ExptTensor

/// InfoVAE: the aggregate posterior meets the prior, by the maximum mean discrepancy, beside or in place of
/// each posterior by the KL.
///
///     loss = E[−log p(x|z)] + (1 − α) · KL(q(z|x) ‖ p(z)) + (α + λ − 1) · MMD²(q(z), p(z))
///
/// α is the weight of the information between image and latents: with 1, the default, there is no KL, and the
/// model is the MMD-VAE. With α = 0 and λ = 1 it is the VAE. MMD² compares a batch's latents with as many
/// draws from the prior, which learns through its draws: the weights of a mixture stay as they begin.
///
/// Units: nats per image for reconstruction and KL; `mmd` has none, and is not weighted.
///
/// Source: Zhao, Song & Ermon, "InfoVAE: Balancing Learning and Inference in Variational Autoencoders",
/// AAAI 2019, arXiv 1706.02262, equation 6 and section 3.2.
public struct InfoVAE: LatentModel {
  public static let id = "info_vae"
  public static let summary = "VAE whose aggregate posterior meets the prior by MMD."

  @Group public var latents = LatentParts()
  @Slot("Weight α of the information, a number or a schedule.", .schedule, default: 1)
  public var alpha: any Schedule
  @Slot("Weight λ of the discrepancy, a number or a schedule.", .schedule, default: 1000)
  public var lambda: any Schedule
  @Group public var discrepancy = MaximumMeanDiscrepancy(.rbf)

  public init() {}

  public var formula: String? {
    "E[−log p(x|z)] + (1 − {α=alpha})·KL(q(z|x) ‖ p(z)) + ({α=alpha} + {λ=lambda} − 1)·MMD²(q(z), p(z))\n"
      + discrepancy.formula
  }

  public func check(_ report: SettingsReport) {
    report.refuseCapacities(of: self)
    let (alpha, lambda) = (alpha.target.value, lambda.target.value)
    if alpha > 1 {
      report.error(
        "'alpha' above 1 would reward a KL without bound", at: "alpha", help: "write at most 1")
    }
    if alpha + lambda < 1 {
      report.error(
        "'alpha' and 'lambda' add up to less than 1: the loss would reward a discrepancy",
        at: "lambda", help: "write at least \(1 - alpha)")
    }
  }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let coded = try autoencode(batch, in: scope)
    let (posterior, prior, draw) = (coded.posterior, coded.prior, coded.draw)
    let reconstruction = coded.negativeLogLikelihood.mean()
    let divergence = try posterior.meanDivergence(from: prior, drawn: draw)
    let others = prior.draw(1, batch: batch.count, in: scope).values
    let mmd = discrepancy(draw.values, others)
    let (alpha, lambda) = (pass.weight("alpha", alpha), pass.weight("lambda", lambda))
    return LossTerms(
      total: reconstruction + (1 - alpha) * divergence.value + (alpha + lambda - 1) * mmd,
      reconstruction: reconstruction, kl: divergence.value,
      klPerDimension: divergence.perDimension, extra: [("mmd", mmd)], decoded: coded.decoded)
  }
}
