import ExptComponents
import ExptTensor

/// N(0, I) through masked autoregressive steps, learned with the model: in each, a dimension is scaled
/// and shifted by what those before it say.
///
///     u ~ N(0, I), zᵢ = uᵢ·exp(aᵢ(z before i)) + mᵢ(z before i)
///
/// A density takes one pass of a network for each step, a draw as many as there are dimensions. The
/// networks are also given the condition of each example, if there is one. At first the prior is
/// nearly N(0, I), which it is with a depth of 0. No closed form of the KL to it: it is estimated from the
/// samples.
///
/// Parameters: `prior.i.…` for step i: see `MaskedNetwork`.
///
/// Source: Papamakarios, Pavlakou & Murray, "Masked Autoregressive Flow for Density Estimation", NIPS
/// 2017, section 3; as a prior, which is an IAF posterior seen from the other side: Chen et al.,
/// "Variational Lossy Autoencoder", ICLR 2017, section 3.2.
public struct MAFPrior: Prior {
  public static let id = "maf"
  public static let summary =
    "N(0, I) through masked autoregressive flow steps, learned with the model."
  public static let exampleSettings = "{ depth: 2, hidden: [8] }"

  @Group public var flow = FlowSettings()
  @Setting("Largest |log scale| of a dimension in a step.", .above(0, upTo: 20))
  public var scaleLimit: Float = 2

  public init() {}

  public var formula: String? {
    "p(z): u ~ N(0, I), then {L=depth} times zᵢ = uᵢ·exp(aᵢ(z before i)) + mᵢ(z before i)"
  }

  public func distribution(in context: PriorContext) throws(BuildProblem) -> any Distribution {
    let base = try context.flowBase()
    return base.through(
      try flow.maskedAutoregressive(
        dimensions: base.space.width, limit: scaleLimit, context: context.condition,
        in: context.scope))
  }
}
