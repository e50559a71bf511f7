import ExptComponents
import ExptTensor

/// A Gaussian with independent dimensions, through affine coupling steps: one half of the dimensions
/// says how the other is scaled and shifted, and the next step the other way round.
///
///     (t, a) = network(z₁, h)        z₂ ← z₂·exp(a) + t        log q(z) = log N − Σ a
///
/// The networks are shared by all examples; h is what the encoder tells them of each: `context` numbers
/// of its head, after the 2·d of the Gaussian. |a| is at most `scale_limit`. At first the flow is nearly
/// the identity; with a depth of 0 this is `gaussian`.
///
/// Parameters: `posterior.i.…` for step i: see `MaskedNetwork`.
///
/// No closed form of the KL: it is estimated from the samples. The flow inverts, so that the density of
/// any latents is known. Where one latent stands for an image (encoding, traversals), it is the
/// Gaussian's mean, gone through the flow.
///
/// Source: Dinh, Sohl-Dickstein & Bengio, "Density Estimation Using Real NVP", ICLR 2017, section 3.
public struct RealNVPPosterior: Posterior {
  public static let id = "realnvp"
  public static let summary = "A Gaussian through affine coupling flow steps."
  public static let exampleSettings = "{ depth: 2, hidden: [8], context: 3 }"

  @Group public var flow = FlowSettings()
  @Setting("Numbers of the encoder's head that all steps are given.", .within(0...65536))
  public var context: Int = 64
  @Setting("Largest |log scale| of a dimension in a step.", .above(0, upTo: 20))
  public var scaleLimit: Float = 2
  @Group public var gaussian = GaussianHead()

  public init() {}

  public var formula: String? {
    "q(z|x): z₀ ~ N(μ(x), diag σ²(x)), then {L=depth} times z₂ ← z₂·exp(a) + t, (t, a) = network(z₁, h(x))"
  }

  public func headWidth(latent: Int) -> Int { 2 * latent + (flow.depth > 0 ? context : 0) }

  public func distribution(
    head: Tensor, latent: Int, in scope: Scope
  ) throws(BuildProblem) -> any Distribution {
    let width = headWidth(latent: latent)
    let steps = try flow.coupling(
      dimensions: latent, limit: scaleLimit,
      context: width > 2 * latent ? head.columns(2 * latent..<width) : nil, in: scope)
    return gaussian.distribution(head, dimensions: latent).through(steps)
  }
}
