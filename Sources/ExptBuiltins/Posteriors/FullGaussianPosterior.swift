import ExptComponents
import ExptTensor

/// q(z|x) = N(μ, L·Lᵀ): a Gaussian whose dimensions may depend on each other, by the Cholesky factor L of
/// its covariance.
///
/// The encoder gives d + d·(d + 1)/2 numbers for d latent dimensions: the mean, then L row by row with
/// the logarithms of its diagonal.
///
/// Source: Kingma & Welling, "An Introduction to Variational Autoencoders", 2019, section 2.5.1.
public struct FullGaussianPosterior: Posterior {
  public static let id = "full_gaussian"
  public static let summary = "A Gaussian whose dimensions may depend on each other."

  public init() {}

  public var formula: String? { "q(z|x) = N(z; μ(x), L(x)·L(x)ᵀ)" }

  public func headWidth(latent: Int) -> Int { FullGaussian.headWidth(latent) }

  public func distribution(head: Tensor, latent: Int, in scope: Scope) -> any Distribution {
    FullGaussian(head: head, dimensions: latent)
  }
}
