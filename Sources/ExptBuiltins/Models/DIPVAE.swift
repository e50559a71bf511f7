import ExptComponents
import ExptTensor

/// DIP-VAE: a VAE whose latents are made uncorrelated and of variance 1 over the data.
///
///     loss = E[−log p(x|z)] + KL(q(z|x) ‖ p(z)) + λ_od · Σ_{i≠j} Cᵢⱼ² + λ_d · Σᵢ (Cᵢᵢ − 1)²
///
/// C is the covariance over the batch, with 1/B: for `form: i` of the posterior means, for `form: ii`
/// of the latents, Cov[μ] + E[diag σ²].
///
/// Units: nats per image for reconstruction and KL; the columns `covariances` and `variances` are the two
/// sums, not weighted.
///
/// Source: Kumar, Sattigeri & Balakrishnan, "Variational Inference of Disentangled Latent Concepts from
/// Unlabeled Observations", ICLR 2018, arXiv 1711.00848, equations 6 and 7.
public struct DIPVAE: LatentModel {
  public enum Form: String, NamedChoice { case i, ii }

  public static let id = "dip_vae"
  public static let summary = "VAE whose latents' covariance over the data is drawn to 1."

  @Group public var latents = LatentParts()
  @Setting("Covariance of the posterior means (i) or of the latents (ii).")
  public var form: Form = .i
  @Slot("Weight λ_od of covariances, a number or a schedule.", .schedule, default: 10)
  public var offDiagonal: any Schedule
  @Slot("Weight λ_d of variances other than 1, a number or a schedule.", .schedule, default: 100)
  public var diagonal: any Schedule

  public init() {}

  public var formula: String? {
    "E[−log p(x|z)] + KL(q(z|x) ‖ p(z)) + {λ_od=off_diagonal}·Σ_(i≠j) Cᵢⱼ² + {λ_d=diagonal}·Σᵢ (Cᵢᵢ − 1)²\n"
      + (form == .i ? "C = Cov[μ(x)]" : "C = Cov[μ(x)] + E[diag σ²(x)]") + " over the batch"
  }

  public func check(_ report: SettingsReport) { report.refuseCapacities(of: self) }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let coded = try autoencode(batch, in: scope)
    let reconstruction = coded.negativeLogLikelihood.mean()
    let divergence = try coded.posterior.meanDivergence(from: coded.prior, drawn: coded.draw)
    let (covariances, variances) = try moments(coded.posterior)
    let terms =
      covariances * pass.weight("off_diagonal", offDiagonal)
      + variances * pass.weight("diagonal", diagonal)
    return LossTerms(
      total: reconstruction + divergence.value + terms, reconstruction: reconstruction,
      kl: divergence.value, klPerDimension: divergence.perDimension,
      extra: [("covariances", covariances), ("variances", variances)], decoded: coded.decoded)
  }

  /// Σ_{i≠j} Cᵢⱼ² and Σᵢ (Cᵢᵢ − 1)².
  private func moments(
    _ posterior: any Distribution
  ) throws(BuildProblem) -> (covariances: Tensor, variances: Tensor) {
    guard posterior.space.isEuclidean, let mean = posterior.expectation else {
      throw BuildProblem(
        "a covariance needs latents that are numbers, and these are \(posterior.space)",
        help: "choose a posterior over numbers", at: ["posterior"])
    }
    let width = mean.shape[1]
    guard width <= 8192 else {
      throw BuildProblem(
        "a covariance of \(width) latents with each other is too large to compute in every step",
        help: "use at most 8192", at: ["latent"])
    }
    let identity = mean.graph.constant(
      (0..<width * width).map { $0 % (width + 1) == 0 ? 1 : 0 }, [width, width])
    let covariance = mean.covarianceOverBatch()
    var diagonal = (covariance * identity).sumOverBatch()
    if form == .ii {
      guard let variance = posterior.variance else {
        throw BuildProblem(
          "'form: ii' needs the posterior's variances, which a posterior of dependent dimensions "
            + "does not give",
          help: "write 'form: i', or choose a posterior such as gaussian", at: ["form"])
      }
      diagonal = diagonal + variance.meanOverBatch()
    }
    return (square(covariance * (1 - identity)).sum(), square(diagonal - 1).sum())
  }
}
