import ExptComponents
import ExptTensor

/// Each value is a count 0, 1, 2, … with a zero-inflated negative binomial distribution: 0 with
/// probability π, else negative binomial. The decoder gives log μ, maybe log θ, and the logit l of π.
///
///     P(x | z) = π·[x = 0] + (1 − π)·NB(x; μ, θ),   π = σ(l − 2)
///
/// The loss is −log of it, summed, in nats per example; at 0 the two logarithms are added without
/// leaving them. A probability: never negative. The mean is (1 − π)·μ.
///
/// Source: Lopez et al., "Deep generative modeling for single-cell transcriptomics", Nature Methods 2018,
/// section 1 of the methods.
public struct ZINB: Likelihood {
  public static let id = "zinb"
  public static let summary = "Counts with more zeros than a negative binomial distribution has."

  @Group public var means = CountMeans()
  @Group public var dispersion = Dispersion()

  /// The logit of π where the decoder gives 0: π = 0.12.
  static let start: Float = -2

  public init() {}

  public var formula: String? {
    "−log P(x|z) = −Σ log(π·[x = 0] + (1 − π)·NB(x; μ, θ)),  (μ, π) = decode(z)"
  }

  public var support: Support { .counts }
  public var decoded: DecodedNumbers { .logarithms }
  public var measure: Measure { .probability }
  public var parametersPerPixel: Int { 2 + dispersion.number.maps }

  public func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor
  {
    let location = parameters.maps(0, of: parametersPerPixel)
    let counts = negativeBinomialLogProbability(
      logMean: means.logarithm(location, images: images, in: scope),
      logDispersion: logDispersion(parameters, like: location, in: scope), counts: images)
    let logit = zeroLogit(parameters)
    let isCount = step(images)
    // log π and log(1 − π) + log NB, and the logarithm of their sum from the larger on.
    let inflated = -softplus(-logit)
    let above = counts - softplus(logit)
    let atZero = maximum(inflated, above) + softplus(-abs(inflated - above))
    return -(atZero + isCount * (above - atZero)).sumPerExample()
  }

  private func zeroLogit(_ parameters: Tensor) -> Tensor {
    clamp(parameters.maps(parametersPerPixel - 1, of: parametersPerPixel) + Self.start, -30...30)
  }

  private func logDispersion(_ parameters: Tensor, like location: Tensor, in scope: Scope) -> Tensor
  {
    let map = parametersPerPixel == 3 ? parameters.maps(1, of: 3) : nil
    return dispersion.logarithm(map, like: location, in: scope)
  }

  private func countMeans(_ parameters: Tensor, in scope: Scope) -> Tensor {
    means.means(parameters.maps(0, of: parametersPerPixel), in: scope)
  }

  public func mean(_ parameters: Tensor, in scope: Scope) -> Tensor {
    countMeans(parameters, in: scope) * sigmoid(-zeroLogit(parameters))
  }

  public func draw(_ parameters: Tensor, in scope: Scope) -> Tensor? {
    let mean = countMeans(parameters, in: scope)
    let counts = drawnNegativeBinomial(
      mean, logDispersion(parameters, like: mean, in: scope), in: scope)
    let u = scope.graph.uniform(mean.shape, stream: "zero")
    return counts * step(u - sigmoid(zeroLogit(parameters)))
  }

  public func location(forMean mean: Float) -> Float {
    // 1 − σ(−2) = 0.8808
    means.location(forMean: mean / 0.880797078)
  }

  public func concern(about data: PixelStatistics) -> String? {
    if let concern = CountMeans.concern(about: data) { return concern }
    guard let zeros = data.zeroShare, zeros < 0.05 else { return nil }
    return "only \(percent(zeros)) of the counts are 0: negative_binomial is simpler"
  }
}
