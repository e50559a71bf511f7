import ExptComponents
import ExptTensor

/// An importance-weighted autoencoder: a VAE with a tighter bound from k samples of each image.
///
///     loss = −log (1/k) Σᵢ wᵢ        wᵢ = p(x|zᵢ)·p(zᵢ) / q(zᵢ|x),  zᵢ ~ q(z|x)
///
/// summed in log space. With k = 1 it is the VAE's loss with a Monte-Carlo KL. The bound weighs
/// whole samples, so there is no KL term to put a β on.
///
/// Units: nats per image, averaged over the batch. The column `loss` is the bound;
/// `reconstruction` and `kl` are the mean of −log p(x|zᵢ) and the KL (in closed form where there is
/// one, else the mean of log q − log p), whose sum, the VAE's loss, is never below it on average.
///
/// Source: Burda, Grosse & Salakhutdinov, "Importance Weighted Autoencoders", ICLR 2016,
/// equation 8.
public struct IWAE: LatentModel {
  public static let id = "iwae"
  public static let summary = "Importance-weighted autoencoder: a VAE with a tighter bound."

  @Group public var latents = LatentParts()
  @Setting("Importance samples per image (k).", .within(1...10_000)) public var samples: Int =
    5

  public init() {}

  public var formula: String? { "−log (1/{k=samples}) Σᵢ p(x|zᵢ)·p(zᵢ) / q(zᵢ|x),  zᵢ ~ q(z|x)" }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let posterior = try latents.posterior(of: batch, in: scope)
    let prior = try latents.prior(for: batch, space: posterior.space, in: scope)
    let draw = posterior.draw(samples, batch: batch.count, in: scope)
    let decoded = try decode(draw.values, given: batch, in: scope)
    let negativeLogLikelihood = parts.negativeLogLikelihood(decoded, of: batch, in: scope)
    let closed = posterior.divergence(from: prior)
    let perDimension = closed?.perDimension?.meanOverBatch()
    guard let ratios = posterior.monteCarloDivergence(draw, from: prior) else {
      throw BuildProblem(
        "the bound weighs samples by their densities, and the posterior or the prior has none",
        help: "choose others", at: ["posterior"])
    }
    return LossTerms(
      total: importanceWeightedBound(
        negativeLogWeights: negativeLogLikelihood + ratios, samples: samples),
      reconstruction: negativeLogLikelihood.mean(),
      kl: perDimension?.sum() ?? closed?.perExample.mean() ?? ratios.mean(),
      klPerDimension: perDimension, decoded: decoded.firstOfSamples(samples))
  }
}
