import ExptComponents
import ExptTensor

/// N(0, I) through affine coupling steps, learned with the model.
///
///     u ~ N(0, I), z = f(u)        log p(z) = log N(f⁻¹(z)) + log |det ∂f⁻¹/∂z|
///
/// A draw and a density take one pass of a network for each step. The networks are also given the
/// condition of each example, if there is one. At first the prior is nearly N(0, I), which it is with a
/// depth of 0. No closed form of the KL to it: it is estimated from the samples.
///
/// Parameters: `prior.i.…` for step i: see `MaskedNetwork`.
///
/// Source: Dinh, Sohl-Dickstein & Bengio, "Density Estimation Using Real NVP", ICLR 2017, section 3; as
/// a prior: Chen et al., "Variational Lossy Autoencoder", ICLR 2017, section 3.2.
public struct RealNVPPrior: Prior {
  public static let id = "realnvp"
  public static let summary = "N(0, I) through affine coupling flow steps, learned with the model."
  public static let exampleSettings = "{ depth: 2, hidden: [8] }"

  @Group public var flow = FlowSettings()
  @Setting("Largest |log scale| of a dimension in a step.", .above(0, upTo: 20))
  public var scaleLimit: Float = 2

  public init() {}

  public var formula: String? {
    "p(z): u ~ N(0, I), then {L=depth} times z₂ ← z₂·exp(a) + t, (t, a) = network(z₁)"
  }

  public func distribution(in context: PriorContext) throws(BuildProblem) -> any Distribution {
    let base = try context.flowBase()
    return base.through(
      try flow.coupling(
        dimensions: base.space.width, limit: scaleLimit, context: context.condition,
        in: context.scope))
  }
}

extension PriorContext {
  /// What flows begin with.
  func flowBase() throws(BuildProblem) -> StandardNormal {
    guard space.isEuclidean else {
      throw BuildProblem(
        "a flow needs latents that are numbers, and these are \(space)",
        help: "choose a prior that goes with the posterior")
    }
    return StandardNormal(space)
  }
}
