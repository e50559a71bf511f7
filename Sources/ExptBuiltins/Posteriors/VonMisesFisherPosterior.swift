import ExptComponents
import ExptTensor

/// q(z|x) = vMF(μ, κ): latents on the unit sphere, around a mean direction.
///
///     p(z) = C(κ) exp(κ μᵀz)
///
/// The encoder gives d + 1 numbers for d = `latent` dimensions of the space around the sphere: the mean
/// direction, which is normalised, and one for κ = softplus + `least_concentration`. Its prior is
/// `uniform`; the KL, in nats, is in closed form:
///
///     κA + log C(κ) + log(2π^(d/2) / Γ(d/2)),   A = I_{d/2}(κ) / I_{d/2−1}(κ)
///
/// Draws are Wood's, with the exact gradient to κ. Bessel functions are computed in Double, for any κ and
/// d, without overflow. Where one latent stands for an image it is the mean direction. In more than some
/// tens of dimensions the sphere's surface shrinks so fast that the paper advises against it.
///
/// Source: Davidson, Falorsi, De Cao, Kipf & Tomczak, "Hyperspherical Variational Auto-Encoders", UAI
/// 2018, arXiv 1804.00891, sections 3 and 4.
public struct VonMisesFisherPosterior: Posterior {
  public static let id = "von_mises_fisher"
  public static let summary = "Latents on the unit sphere, around a mean direction."

  @Setting(
    "What is added to the softplus for the concentration κ; κ = 0 is uniform.", .within(1e-6...1e4))
  public var leastConcentration: Float = 1e-3

  public init() {}

  public var formula: String? { "q(z|x) = C(κ)·exp(κ·μᵀz),  |μ| = |z| = 1,  (μ, κ) = encode(x)" }

  public func headWidth(latent: Int) -> Int { latent + 1 }

  public func distribution(head: Tensor, latent: Int, in scope: Scope) throws(BuildProblem)
    -> any Distribution
  {
    guard latent >= 2 else {
      throw BuildProblem(
        "a sphere needs a space of at least 2 dimensions, and 'latent' is \(latent)",
        help: "write latent: 2, the circle, or more")
    }
    let raw = head.columns(latent..<latent + 1).reshaped([head.shape[0]])
    return VonMisesFisher(
      direction: head.columns(0..<latent).normalizedRows(),
      concentration: softplus(raw) + leastConcentration)
  }
}
