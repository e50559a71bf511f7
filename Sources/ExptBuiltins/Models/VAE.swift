import ExptComponents
import ExptLayers
import ExptTensor

/// A variational autoencoder with a Gaussian posterior; with `beta` other than 1 a β-VAE.
///
///     loss = E[−log p(x|z)] + β · KL(q(z|x) ‖ N(0, I))
///
/// With `free_bits` λ, the KL term is Σⱼ max(λ, KLⱼ) over the latent dimensions, KLⱼ averaged over
/// the batch first. With a β schedule that has a capacity C, it is |KL − C|.
///
/// Units: nats per image; sums over pixels and latents, averages over the batch and the samples.
/// The column `kl` is always the KL itself, without λ, C or β.
///
/// Source: Kingma & Welling, "Auto-Encoding Variational Bayes", ICLR 2014; Higgins et al., "β-VAE",
/// ICLR 2017; free bits: Kingma et al., "Improved Variational Inference with Inverse Autoregressive
/// Flow", NIPS 2016, equation 15; capacity: Burgess et al., arXiv 1804.03599, 2018.
public struct VAE: Model {
  public enum KLForm: String, NamedChoice {
    case closedForm = "closed_form"
    case monteCarlo = "monte_carlo"
  }

  public static let id = "vae"
  public static let summary = "Variational autoencoder; with beta other than 1 a β-VAE."

  @Group public var network = AutoencoderSettings()
  @Slot("Weight β of the KL term, a number or a schedule.", .betaSchedule, default: "constant")
  public var beta: any BetaSchedule
  @Setting("KL that costs nothing more below it, in nats for each latent dimension.", .atLeast(0))
  public var freeBits: Float = 0
  @Setting("The KL by its formula, or estimated from the samples.")
  public var kl: KLForm = .closedForm
  @Setting("Samples of z for each image.", .within(1...10_000)) public var samples: Int = 1

  public init() {}

  public func check(_ report: SettingsReport) {
    guard freeBits > 0 else { return }
    let start = Progress(step: 0, stepsPerEpoch: 1, epochs: 1)
    if kl == .monteCarlo {
      report.error(
        "'free_bits' needs the KL of each dimension", at: "kl", help: "write closed_form")
    }
    if beta.klTarget(start) != nil {
      report.error(
        "'free_bits' and a capacity both hold the KL up", at: "free_bits",
        help: "leave out one of them")
    }
  }

  public var betaSchedule: (any BetaSchedule)? { beta }

  public func encode(_ images: Tensor, in scope: Scope) throws(BuildProblem) -> Posterior {
    try network.gaussian(images, in: scope).posterior
  }

  public func loss(_ images: Tensor, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let posterior = try network.gaussian(images, in: scope)
    let latents = posterior.samples(samples, in: scope)
    let decoded = try network.decode(latents, in: scope)
    let reconstruction = network.negativeLogLikelihood(decoded, images: images, in: scope).mean()
    let perDimension = posterior.klPerDimension
    let divergence =
      kl == .closedForm ? perDimension.sum() : posterior.monteCarloKL(latents).mean()
    let term = term(divergence, perDimension, target: pass.klTarget)
    return LossTerms(
      total: reconstruction + term * pass.beta, reconstruction: reconstruction, kl: divergence,
      klPerDimension: perDimension, decoded: decoded.firstOfSamples(samples))
  }

  /// What β multiplies.
  private func term(_ divergence: Tensor, _ perDimension: Tensor, target: Tensor?) -> Tensor {
    if let target { return abs(divergence - target) }
    if freeBits > 0 { return clamp(perDimension, freeBits...Float.greatestFiniteMagnitude).sum() }
    return divergence
  }
}
