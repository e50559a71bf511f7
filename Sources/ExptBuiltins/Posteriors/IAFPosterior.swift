import ExptComponents
import ExptTensor

/// A Gaussian with independent dimensions, through inverse autoregressive steps: all dimensions may
/// depend on each other, and a draw still takes one pass of a network for each step.
///
///     (m, s) = MADE(z, h)        z ← σ(s)·z + σ(−s)·m        log q(z) = log N − Σ log σ(s)
///
/// The networks are shared by all examples; h is what the encoder tells them of each: `context` numbers
/// of its head, after the 2·d of the Gaussian. The order of the dimensions is reversed from step to
/// step. At first a step is nearly z ← σ(forget)·z; with a depth of 0 this is `gaussian`, whose head has
/// 2·d numbers.
///
/// Parameters: `posterior.i.…` for step i: see `MaskedNetwork`.
///
/// No closed form of the KL: it is estimated from the samples. The density of latents that were drawn
/// elsewhere is unknown: the inverse goes dimension by dimension. Where one latent stands for an image
/// (encoding, traversals), it is the Gaussian's mean, gone through the flow.
///
/// Source: Kingma et al., "Improved Variational Inference with Inverse Autoregressive Flow", NIPS 2016,
/// algorithm 1.
public struct IAFPosterior: Posterior {
  public static let id = "iaf"
  public static let summary = "A Gaussian through inverse autoregressive flow steps."
  public static let exampleSettings = "{ depth: 2, hidden: [8], context: 3 }"

  @Group public var flow = FlowSettings()
  @Setting("Numbers of the encoder's head that all steps are given.", .within(0...65536))
  public var context: Int = 64
  @Setting("Added to the gates s: at first a step keeps σ(forget) of z.", .within(-20...20))
  public var forgetBias: Float = 2
  @Group public var gaussian = GaussianHead()

  public init() {}

  public var formula: String? {
    "q(z|x): z₀ ~ N(μ(x), diag σ²(x)), then {L=depth} times z ← σ(s)·z + σ(−s)·m, (m, s) = MADE(z, h(x))"
  }

  public func headWidth(latent: Int) -> Int { 2 * latent + (flow.depth > 0 ? context : 0) }

  public func distribution(
    head: Tensor, latent: Int, in scope: Scope
  ) throws(BuildProblem) -> any Distribution {
    let width = headWidth(latent: latent)
    let steps = try flow.inverseAutoregressive(
      dimensions: latent, forget: forgetBias,
      context: width > 2 * latent ? head.columns(2 * latent..<width) : nil, in: scope)
    return gaussian.distribution(head, dimensions: latent).through(steps)
  }
}
