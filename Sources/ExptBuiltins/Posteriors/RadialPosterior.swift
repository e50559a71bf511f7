import ExptComponents
import ExptTensor

/// A Gaussian with independent dimensions, through radial steps: each draws probability towards a point,
/// or drives it away.
///
///     z ← z + β·(z − c) / (α + |z − c|)
///
/// All numbers of the steps come from the encoder's head, for each example its own, as in the paper:
/// 2·d for the Gaussian, then for each step c `[d]` and two numbers for α and β. See `RadialStep`. With
/// a depth of 0 this is `gaussian`.
///
/// No closed form of the KL: it is estimated from the samples. Where one latent stands for an image
/// (encoding, traversals), it is the Gaussian's mean, gone through the flow.
///
/// Source: Rezende & Mohamed, "Variational Inference with Normalizing Flows", ICML 2015, section 4.1.
public struct RadialPosterior: Posterior {
  public static let id = "radial"
  public static let summary = "A Gaussian through radial flow steps, which the encoder chooses."

  @Setting("Number of steps; 0: a plain Gaussian.", .within(0...1000)) public var depth: Int = 8
  @Group public var gaussian = GaussianHead()

  public init() {}

  public var formula: String? {
    "q(z|x): z₀ ~ N(μ(x), diag σ²(x)), then {L=depth} times z ← z + β·(z − c)/(α + |z − c|)"
  }

  public func headWidth(latent: Int) -> Int { 2 * latent + depth * RadialStep.headWidth(latent) }

  public func distribution(head: Tensor, latent: Int, in scope: Scope) -> any Distribution {
    let width = RadialStep.headWidth(latent)
    let steps = (0..<depth).map { index in
      let start = 2 * latent + index * width
      return RadialStep(head: head.columns(start..<start + width), dimensions: latent)
    }
    return gaussian.distribution(head, dimensions: latent).through(steps)
  }
}
