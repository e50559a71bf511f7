import ExptComponents
import ExptLayers
import ExptTensor

/// An importance-weighted autoencoder: a VAE with a tighter bound from k samples of each image.
///
///     loss = −log (1/k) Σᵢ wᵢ        wᵢ = p(x|zᵢ)·p(zᵢ) / q(zᵢ|x),  zᵢ ~ q(z|x)
///
/// summed in log space. With k = 1 it is the VAE's loss with a Monte-Carlo KL. The bound weighs
/// whole samples, so there is no KL term to put a β on.
///
/// Units: nats per image, averaged over the batch. The column `loss` is the bound;
/// `reconstruction` and `kl` are the mean of −log p(x|zᵢ) and the KL in closed form, whose sum,
/// the VAE's loss, is never below it on average.
///
/// Source: Burda, Grosse & Salakhutdinov, "Importance Weighted Autoencoders", ICLR 2016,
/// equation 8.
public struct IWAE: Model {
  public static let id = "iwae"
  public static let summary = "Importance-weighted autoencoder: a VAE with a tighter bound."

  @Group public var network = AutoencoderSettings()
  @Setting("Importance samples for each image (k).", .within(1...10_000)) public var samples: Int =
    5

  public init() {}

  public var betaSchedule: (any BetaSchedule)? { nil }

  public func encode(_ images: Tensor, in scope: Scope) throws(BuildProblem) -> Posterior {
    try network.gaussian(images, in: scope).posterior
  }

  public func loss(_ images: Tensor, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let posterior = try network.gaussian(images, in: scope)
    let latents = posterior.samples(samples, in: scope)
    let decoded = try network.decode(latents, in: scope)
    let surprise = network.negativeLogLikelihood(decoded, images: images, in: scope)
    let perDimension = posterior.klPerDimension
    return LossTerms(
      total: importanceWeightedBound(
        negativeLogWeights: surprise + posterior.monteCarloKL(latents), samples: samples),
      reconstruction: surprise.mean(), kl: perDimension.sum(), klPerDimension: perDimension,
      decoded: decoded.firstOfSamples(samples))
  }
}
