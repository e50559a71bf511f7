import ExptComponents
import ExptTensor

/// A Gaussian with independent dimensions, through planar steps: each may split or squeeze the
/// probability along a plane.
///
///     z ← z + û·tanh(w·z + b)
///
/// All numbers of the steps come from the encoder's head, for each example its own, as in the paper:
/// 2·d for the Gaussian, then for each step u `[d]`, w `[d]` and b. See `PlanarStep` for û. With a head
/// of 0 a step is the identity; with a depth of 0 this is `gaussian`.
///
/// No closed form of the KL: it is estimated from the samples. The density of latents that were drawn
/// elsewhere is unknown, since a step has no inverse in closed form. Where one latent stands for an
/// image (encoding, traversals), it is the Gaussian's mean, gone through the flow.
///
/// Source: Rezende & Mohamed, "Variational Inference with Normalizing Flows", ICML 2015, section 4.1.
public struct PlanarPosterior: Posterior {
  public static let id = "planar"
  public static let summary = "A Gaussian through planar flow steps, which the encoder chooses."

  @Setting("Number of steps; 0: a plain Gaussian.", .within(0...1000)) public var depth: Int = 8
  @Group public var gaussian = GaussianHead()

  public init() {}

  public var formula: String? {
    "q(z|x): z₀ ~ N(μ(x), diag σ²(x)), then {L=depth} times z ← z + û·tanh(w·z + b)"
  }

  public func headWidth(latent: Int) -> Int { 2 * latent + depth * PlanarStep.headWidth(latent) }

  public func distribution(head: Tensor, latent: Int, in scope: Scope) -> any Distribution {
    let width = PlanarStep.headWidth(latent)
    let steps = (0..<depth).map { index in
      let start = 2 * latent + index * width
      return PlanarStep(head: head.columns(start..<start + width), dimensions: latent)
    }
    return gaussian.distribution(head, dimensions: latent).through(steps)
  }
}
