import ExptComponents
import ExptTensor

/// A variational autoencoder, with any posterior and any prior; with `beta` other than 1 a β-VAE.
///
///     loss = E[−log p(x|z)] + β · KL(q(z|x) ‖ p(z))
///
/// With `free_bits` λ, the KL term is Σⱼ max(λ, KLⱼ) over the latent dimensions, KLⱼ averaged over
/// the batch first. With a β schedule that has a capacity C, it is |KL − C|.
///
/// With `gradient: stl` the KL is log q(z|x) − log p(z) at the samples, and q's own parameters are held
/// still in log q: the encoder learns through the samples alone. The gradient is the same on average, and
/// without noise where q is the exact posterior.
///
/// Units: nats per image; sums over pixels and latents, averages over the batch and the samples.
/// The column `kl` is always the KL itself, without λ, C or β.
///
/// Source: Kingma & Welling, "Auto-Encoding Variational Bayes", ICLR 2014; Higgins et al., "β-VAE",
/// ICLR 2017; free bits: Kingma et al., "Improved Variational Inference with Inverse Autoregressive
/// Flow", NIPS 2016, equation 15; capacity: Burgess et al., arXiv 1804.03599, 2018; stl: Roeder, Wu &
/// Duvenaud, "Sticking the Landing", NIPS 2017, section 3.
public struct VAE: LatentModel {
  public enum Gradient: String, NamedChoice { case reparameterized, stl }

  public static let id = "vae"
  public static let summary = "Variational autoencoder; with beta other than 1 a β-VAE."

  @Group public var latents = LatentParts()
  @Slot("Weight β of the KL term, a number or a schedule.", .schedule, default: "constant")
  public var beta: any Schedule
  @Setting("Free bits: KL below this is not penalised, in nats per latent dimension.", .atLeast(0))
  public var freeBits: Float = 0
  @Setting(
    "The KL in closed form, or estimated from samples; auto: in closed form if there is one.")
  public var kl: KLForm = .auto
  @Setting("Samples of z per image.", .within(1...10_000)) public var samples: Int = 1
  @Setting(
    "The encoder's gradient: through samples and densities, or (stl) through the samples alone.")
  public var gradient: Gradient = .reparameterized

  public init() {}

  public var formula: String? {
    let kl = "KL(q(z|x) ‖ p(z))"
    if beta is any CapacitySchedule {
      return
        "E[−log p(x|z)] + {γ=beta.gamma}·|\(kl) − C|,  C from {C₀=beta.from} to {C₁=beta.to} nats"
    }
    return freeBits > 0
      ? "E[−log p(x|z)] + {β=beta}·Σⱼ max({λ=free_bits}, KLⱼ)" : "E[−log p(x|z)] + {β=beta}·\(kl)"
  }

  public func check(_ report: SettingsReport) {
    if gradient == .stl, kl == .closedForm {
      report.error(
        "'gradient: stl' needs the KL of samples, not in closed form", at: "kl",
        help: "write auto or monte_carlo")
    }
    if kl == .monteCarlo || gradient == .stl, freeBits > 0 || capacity != nil {
      let isForm = kl == .monteCarlo
      report.error(
        "\(freeBits > 0 ? "'free_bits'" : "a capacity") needs the KL of each dimension",
        at: isForm ? "kl" : "gradient",
        help: isForm ? "write closed_form" : "write reparameterized")
    }
    guard freeBits > 0 else { return }
    if capacity != nil {
      report.error(
        "'free_bits' and a capacity cannot be combined: both set a floor for the KL",
        at: "free_bits", help: "leave out one of them")
    }
  }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let coded = try autoencode(batch, samples: samples, in: scope)
    let reconstruction = coded.negativeLogLikelihood.mean()
    let divergence = try divergence(coded.posterior, coded.draw, from: coded.prior)
    let term = try term(divergence, in: pass)
    return LossTerms(
      total: reconstruction + term * pass.weight("beta", beta), reconstruction: reconstruction,
      kl: divergence.value, klPerDimension: divergence.perDimension,
      decoded: coded.decoded.firstOfSamples(samples))
  }

  private func divergence(
    _ posterior: any Distribution, _ draw: Draw, from prior: any Distribution
  ) throws(BuildProblem) -> MeanDivergence {
    guard gradient == .stl else {
      return try posterior.meanDivergence(from: prior, drawn: draw, as: kl)
    }
    let estimate = try posterior.meanDivergence(from: prior, drawn: draw, as: .monteCarlo)
    let detached = try posterior.detachedLogDensity(draw.values)
    guard let density = prior.logDensity(draw.values) else { return estimate }
    return MeanDivergence(
      value: (detached - density).mean(), perDimension: estimate.perDimension)
  }

  /// What β multiplies.
  private func term(
    _ divergence: MeanDivergence, in pass: LossPass
  ) throws(BuildProblem) -> Tensor {
    if let capacity {
      guard divergence.perDimension != nil else {
        throw BuildProblem(
          "a capacity needs the KL of each dimension, which this posterior and prior do not give",
          help: "use a β without a capacity, or a posterior of independent dimensions", at: ["beta"]
        )
      }
      return abs(divergence.value - pass.weight("capacity", capacity, isShown: false))
    }
    guard freeBits > 0 else { return divergence.value }
    guard let perDimension = divergence.perDimension else {
      throw BuildProblem(
        "free bits need the KL of each dimension, which this posterior and prior do not give",
        help: "leave out free_bits, or choose a posterior of independent dimensions",
        at: ["free_bits"])
    }
    return clamp(perDimension, freeBits...Float.greatestFiniteMagnitude).sum()
  }

  private var capacity: (any Schedule)? { (beta as? any CapacitySchedule)?.capacity }
}
