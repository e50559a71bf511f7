import ExptComponents
import ExptTensor

/// N(0, I) through affine coupling steps, fitted by maximum likelihood to the latents, which are
/// standardised first.
///
///     −log p(z) = −log N(f⁻¹(x)) − log |det ∂f⁻¹/∂x| + Σ log deviation,   x = (z − mean) / deviation
///
/// A draw takes one pass of a network for each step.
///
/// What is kept: `mean` and `deviation` `[d]`, and the parameters of step i, `flow.i.…`: see
/// `MaskedNetwork`. It tells the negative log-likelihood of the images held out, in nats a latent.
///
/// Source: Dinh, Sohl-Dickstein & Bengio, "Density Estimation Using Real NVP", ICLR 2017, section 3.
public struct RealNVPSampler: Sampler {
  public static let id = "realnvp"
  public static let summary = "N(0, I) through affine coupling flow steps, of maximum likelihood."
  public static let exampleSettings = FlowFit.exampleSettings

  @Group var flow = FlowSettings()
  @Group var fit = FlowFit()

  public init() {}

  public var draws: Int { fit.draws }

  public func fit(_ latents: FittingData) throws(SamplerProblem) -> FittedArrays {
    try fit.fit(latents, through: steps)
  }

  public func draw(
    _ count: Int, from fitted: FittedArrays, width: Int, seed: UInt64
  ) throws(SamplerProblem) -> [Float] {
    try fit.draw(count, from: fitted, width: width, seed: seed, through: steps)
  }

  private func steps(_ width: Int, _ scope: Scope) throws(BuildProblem) -> [any FlowStep] {
    try flow.coupling(dimensions: width, limit: fit.scaleLimit, context: nil, in: scope)
  }
}
