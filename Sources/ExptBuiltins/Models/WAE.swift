import ExptComponents
import ExptTensor

/// A Wasserstein autoencoder: the aggregate posterior meets the prior, by the maximum mean discrepancy.
///
///     loss = E[−log p(x|z)] + λ · MMD²(q(z), p(z))
///
/// The encoder is deterministic by default (`point`); with another `posterior`, such as gaussian, its noise is part
/// of q(z). There is no KL, so that any posterior will do. MMD² compares a batch's latents with as many
/// draws from the prior, which learns through its draws: the weights of a mixture stay as they begin.
///
/// With a fixed gaussian likelihood the reconstruction is the paper's squared distance (times 1/2s², and
/// a constant).
///
/// Units: nats per image for the reconstruction; `mmd` has none, and is not weighted. The best λ grows with
/// the number of pixels.
///
/// Source: Tolstikhin, Bousquet, Gelly & Schölkopf, "Wasserstein Auto-Encoders", ICLR 2018, arXiv
/// 1711.01558, equation 4 and algorithm 2; noisy encoders: Rubenstein, Schölkopf & Tolstikhin, arXiv
/// 1802.03761, 2018.
public struct WAE: LatentModel {
  public static let id = "wae"
  public static let summary = "Wasserstein autoencoder: codes meet the prior by MMD."

  @Group public var latents = LatentParts(posterior: "point")
  @Slot("Weight λ of the discrepancy, a number or a schedule.", .schedule, default: 100)
  public var lambda: any Schedule
  @Group public var discrepancy = MaximumMeanDiscrepancy(.imq)

  public init() {}

  public var formula: String? {
    "E[−log p(x|z)] + {λ=lambda}·MMD²(q(z), p(z))\n" + discrepancy.formula
  }

  public func check(_ report: SettingsReport) { report.refuseCapacities(of: self) }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let coded = try autoencode(batch, in: scope)
    let (codes, prior) = (coded.draw.values, coded.prior)
    let reconstruction = coded.negativeLogLikelihood.mean()
    let mmd = discrepancy(codes, prior.draw(1, batch: batch.count, in: scope).values)
    return LossTerms(
      total: reconstruction + mmd * pass.weight("lambda", lambda),
      reconstruction: reconstruction, extra: [("mmd", mmd)], decoded: coded.decoded)
  }
}

extension MaximumMeanDiscrepancy {
  /// The discrepancy in a model's formula.
  var formula: String {
    let similarity =
      switch kernel {
      case .rbf: "exp(−‖a − b‖²/C)"
      case .imq: "Σₛ s·C/(s·C + ‖a − b‖²),  s = 0.1, 0.2, 0.5, 1, 2, 5, 10"
      }
    return "MMD² = E k(z, z₂) + E k(z′, z′₂) − 2·E k(z, z′),  z, z₂ ~ q(z),  z′, z′₂ ~ p(z)\n"
      + "k(a, b) = \(similarity),  C = 2·{d=latent}·{σ²=bandwidth}"
  }
}
