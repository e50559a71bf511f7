import ExptComponents
import ExptTensor

/// q(z|x) = N(μ, diag(σ²)): a Gaussian with independent dimensions. The first half of the encoder's
/// numbers is the mean, the second the log-variance, within the limits that are given, if any.
///
/// Source: Kingma & Welling, "Auto-Encoding Variational Bayes", ICLR 2014, appendix C.2.
public struct GaussianPosterior: Posterior {
  public static let id = "gaussian"
  public static let summary = "A Gaussian with independent dimensions."

  @Group public var gaussian = GaussianHead()

  public init() {}

  public var formula: String? { "q(z|x) = N(z; μ(x), diag σ²(x))" }

  public func headWidth(latent: Int) -> Int { 2 * latent }

  public func distribution(head: Tensor, latent: Int, in scope: Scope) -> any Distribution {
    gaussian.distribution(head, dimensions: latent)
  }
}
