import ExptComponents
import ExptTensor

/// A VAE with Rényi's α-divergence in place of the KL.
///
///     loss = −1/(1 − α) · log (1/k) Σᵢ wᵢ^(1 − α)        wᵢ = p(x|zᵢ)·p(zᵢ) / q(zᵢ|x),  zᵢ ~ q(z|x)
///
/// With α = 0 it is the importance-weighted autoencoder, and the nearer α is to 1 the more a VAE; below 0 it
/// is beyond the likelihood, on average over many samples.
///
/// Units: nats per image, averaged over the batch. `kl` is the mean of log q − log p.
///
/// Source: Li & Turner, "Rényi Divergence Variational Inference", NIPS 2016, arXiv 1602.02311, equation 14.
struct RenyiVAE: LatentModel {
  static let id = "renyi_vae"
  static let summary = "VAE with Rényi's α-divergence in place of the KL."

  @Group var latents = LatentParts()
  @Setting("Order α of the divergence.", .within(-100..<1)) var alpha: Float = 0.5
  @Setting("Samples of z per image (k).", .within(1...10_000)) var samples: Int = 5

  func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let coded = try autoencode(batch, samples: samples, in: scope)
    let misfit = coded.negativeLogLikelihood
    guard let ratios = coded.posterior.monteCarloDivergence(coded.draw, from: coded.prior) else {
      throw BuildProblem(
        "samples are weighed by densities, and the posterior or the prior has none",
        at: ["posterior"])
    }
    let power = 1 - alpha
    let bound = importanceWeightedBound(
      negativeLogWeights: (misfit + ratios) * power, samples: samples)
    return LossTerms(
      total: bound / power, reconstruction: misfit.mean(), kl: ratios.mean(),
      extra: [("elbo", -(misfit + ratios).mean())], decoded: coded.decoded.firstOfSamples(samples))
  }
}
