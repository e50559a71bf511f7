import ExptComponents
import ExptTensor

/// An InfoVAE whose aggregate posterior, not each posterior, is drawn to the prior, by the maximum
/// mean discrepancy.
///
///     loss = E[−log p(x|z)] + weight · MMD²(q(z), p(z))
///
/// MMD² compares a batch's latents with as many draws from the prior under the kernel
/// exp(−‖a − b‖² / (2 · bandwidth · latent)); it is 0 where both are alike and at most 2.
///
/// Units: nats per image for the reconstruction; `mmd` has none.
///
/// Source: Zhao, Song & Ermon, "InfoVAE", arXiv 1706.02262, 2017, section 3.2 (with α = 1); Gretton
/// et al., "A Kernel Two-Sample Test", JMLR 2012, equation 5 (the biased estimate).
struct MMDVAE: LatentModel {
  static let id = "mmd_vae"
  static let summary = "InfoVAE: the aggregate posterior meets the prior by MMD."

  @Group var latents = LatentParts()
  @Setting("Weight of the MMD term, in nats.", .within(0...1e6)) var weight: Float = 1000
  @Setting("Width of the kernel, in units of the prior's variance.", .above(0))
  var bandwidth: Float = 1

  func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let posterior = try latents.posterior(of: batch, in: scope)
    let prior = try latents.prior(for: batch, space: posterior.space, in: scope)
    let draws = posterior.draw(1, batch: batch.count, in: scope).values
    let others = prior.draw(1, batch: batch.count, in: scope).values
    let decoded = try decode(draws, given: batch, in: scope)
    let reconstruction = parts.negativeLogLikelihood(decoded, of: batch, in: scope).mean()
    let mmd =
      kernel(draws, draws).mean() + kernel(others, others).mean()
      - 2 * kernel(draws, others).mean()
    return LossTerms(
      total: reconstruction + weight * mmd, reconstruction: reconstruction,
      extra: [("mmd", mmd)], decoded: decoded)
  }

  /// The kernel of every row of `a` with every row of `b`: `[batch, batch]`.
  private func kernel(_ a: Tensor, _ b: Tensor) -> Tensor {
    let scale = -1 / (2 * bandwidth * Float(a.shape[1]))
    return exp(squaredDistances(a, b) * scale)
  }

  /// ‖a‖² − 2 a·b + ‖b‖² as one product: [a, ‖a‖², 1] · [−2b, 1, ‖b‖²].
  private func squaredDistances(_ a: Tensor, _ b: Tensor) -> Tensor {
    let column: Shape = [a.shape[0], 1]
    let one = a.graph.constant(1, column)
    let left = concatenate(a, square(a).sumPerExample().reshaped(column), one)
    let right = concatenate(-2 * b, one, square(b).sumPerExample().reshaped(column))
    return matmul(left, right, transposeB: true)
  }
}
