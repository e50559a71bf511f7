import ExptComponents
import ExptTensor

/// β-TCVAE: the KL cut into three terms, of which the total correlation of the latents is weighed most.
///
///     loss = E[−log p(x|z)] + α · MI + β · TC + γ · DWKL
///     MI   = E[log q(z|x) − log q(z)]            what the latents tell of the image
///     TC   = E[log q(z) − Σⱼ log q(zⱼ)]          how much they depend on one another
///     DWKL = E[Σⱼ log q(zⱼ) − log p(z)]          how far each is from the prior
///
/// The sum of the three is the Monte-Carlo KL, whatever the estimate of the aggregate posterior q(z).
/// It is made from the batch, by the `estimator` (see `AggregatePosterior`): `mss` estimates
/// q(z) without bias; its logarithm is too small, most where few images of the batch are near, so that MI is
/// at most log N and TC may come out below 0. `mws`, with which the paper's figures were made, gives a TC
/// that is too large by log B to log N nats for all but one of the dimensions, and as much too small a
/// DWKL; its gradient, which weighs an image's own posterior as much as others', does not depend on N.
///
/// The terms need many images in a batch; in validation too they are those of the batch, and with the
/// training set's N.
///
/// Units: nats per image. The column `kl` is the KL in closed form where there is one.
///
/// Source: Chen, Li, Grosse & Duvenaud, "Isolating Sources of Disentanglement in Variational
/// Autoencoders", NeurIPS 2018, arXiv 1802.04942, equation 4.
public struct BetaTCVAE: LatentModel {
  public static let id = "beta_tcvae"
  public static let summary = "VAE with a weight of its own on the latents' total correlation."

  @Group public var latents = LatentParts()
  @Slot("Weight α of the mutual information, a number or a schedule.", .schedule, default: 1)
  public var alpha: any Schedule
  @Slot("Weight β of the total correlation, a number or a schedule.", .schedule, default: 6)
  public var beta: any Schedule
  @Slot("Weight γ of the dimension-wise KL, a number or a schedule.", .schedule, default: 1)
  public var gamma: any Schedule
  @Setting("Estimate of the aggregate posterior: stratified (mss) or weighted (mws) sampling.")
  public var estimator: AggregatePosterior.Estimator = .mss

  public init() {}

  public var formula: String? {
    "E[−log p(x|z)] + {α=alpha}·I(x; z) + {β=beta}·TC(z) + {γ=gamma}·Σⱼ KL(q(zⱼ) ‖ p(zⱼ))"
  }

  public func check(_ report: SettingsReport) { report.refuseCapacities(of: self) }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let coded = try autoencode(batch, in: scope)
    let (posterior, prior, draw) = (coded.posterior, coded.prior, coded.draw)
    let reconstruction = coded.negativeLogLikelihood.mean()
    let aggregate = try AggregatePosterior(
      of: draw.values, under: posterior, trainingCount: scope.data.trainingCount, by: estimator)
    let divergence = try posterior.meanDivergence(from: prior, drawn: draw)
    guard let own = draw.logDensity, let other = prior.logDensity(draw.values) else {
      throw BuildProblem(
        "the terms need densities, and the posterior or the prior has none", at: ["prior"])
    }
    let (whole, product) = (aggregate.logDensity, aggregate.logProductOfMarginals)
    let information = (own - whole).mean()
    let correlation = (whole - product).mean()
    let dimensionWise = (product - other).mean()
    let terms =
      information * pass.weight("alpha", alpha) + correlation * pass.weight("beta", beta)
      + dimensionWise * pass.weight("gamma", gamma)
    return LossTerms(
      total: reconstruction + terms, reconstruction: reconstruction, kl: divergence.value,
      klPerDimension: divergence.perDimension,
      extra: [("mi", information), ("tc", correlation), ("dwkl", dimensionWise)],
      decoded: coded.decoded)
  }
}
