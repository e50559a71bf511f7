import ExptComponents
import ExptTensor

/// N(0, I) through masked autoregressive steps, fitted by maximum likelihood to the latents, which are
/// standardised first.
///
///     xᵢ = uᵢ·exp(aᵢ(x before i)) + mᵢ(x before i),   z = mean + deviation·x
///
/// A draw takes as many passes of each network as a latent has numbers.
///
/// What is kept: `mean` and `deviation` `[d]`, and the parameters of step i, `flow.i.…`: see
/// `MaskedNetwork`. It tells the negative log-likelihood of the images held out, in nats a latent.
///
/// Source: Papamakarios, Pavlakou & Murray, "Masked Autoregressive Flow for Density Estimation", NIPS
/// 2017, section 3.
public struct MAFSampler: Sampler {
  public static let id = "maf"
  public static let summary =
    "N(0, I) through masked autoregressive flow steps, of maximum likelihood."
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
    try flow.maskedAutoregressive(
      dimensions: width, limit: fit.scaleLimit, context: nil, in: scope)
  }
}
