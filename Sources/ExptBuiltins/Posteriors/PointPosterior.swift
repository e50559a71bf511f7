import ExptComponents
import ExptTensor

/// q(z|x) all at one point, the encoder's numbers themselves: a deterministic encoder.
///
/// It has no density, and so no KL and no importance weights: it is for models that compare codes with the
/// prior in another way, such as `wae` and `aae`.
///
/// Source: Tolstikhin et al., "Wasserstein Auto-Encoders", ICLR 2018, section 3.
public struct PointPosterior: Posterior {
  public static let id = "point"
  public static let summary = "The encoder's numbers themselves, without noise."

  public init() {}

  public var formula: String? { "q(z|x) = δ(z − μ(x))" }

  public func headWidth(latent: Int) -> Int { latent }

  public func distribution(head: Tensor, latent: Int, in scope: Scope) -> any Distribution {
    PointMass(head)
  }
}
