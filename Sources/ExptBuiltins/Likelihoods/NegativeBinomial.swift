import ExptComponents
import ExptTensor

/// Each value is a count 0, 1, 2, … with a negative binomial distribution of mean μ = exp(l) and variance
/// μ + μ²/θ; l is what the decoder gives.
///
///     −log P(x | z) = −Σ log Γ(x + θ) − log Γ(θ) − log x! + θ·log(θ/(θ + μ)) + x·log(μ/(θ + μ))
///
/// In nats per example; a probability: never negative. As θ grows it becomes the Poisson distribution.
///
/// Source: Lopez et al., "Deep generative modeling for single-cell transcriptomics", Nature Methods 2018;
/// Grønbech et al., "scVAE: variational auto-encoders for single-cell gene expression data",
/// Bioinformatics 2020.
public struct NegativeBinomial: Likelihood {
  public static let id = "negative_binomial"
  public static let summary = "Counts whose variance is larger than their mean."

  @Group public var means = CountMeans()
  @Group public var dispersion = Dispersion()

  public init() {}

  public var formula: String? {
    "−log P(x|z) = −Σ log NB(x; μ, θ),  mean μ = decode(z), variance μ + μ²/θ"
  }

  public var support: Support { .counts }
  public var decoded: DecodedNumbers { .logarithms }
  public var measure: Measure { .probability }
  public var parametersPerPixel: Int { 1 + dispersion.number.maps }

  public func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor
  {
    let location = parameters.maps(0, of: parametersPerPixel)
    return -negativeBinomialLogProbability(
      logMean: means.logarithm(location, images: images, in: scope),
      logDispersion: logDispersion(parameters, like: location, in: scope), counts: images
    ).sumPerExample()
  }

  private func logDispersion(_ parameters: Tensor, like location: Tensor, in scope: Scope) -> Tensor
  {
    let map = parametersPerPixel == 2 ? parameters.maps(1, of: 2) : nil
    return dispersion.logarithm(map, like: location, in: scope)
  }

  public func mean(_ parameters: Tensor, in scope: Scope) -> Tensor {
    means.means(parameters.maps(0, of: parametersPerPixel), in: scope)
  }

  public func draw(_ parameters: Tensor, in scope: Scope) -> Tensor? {
    let mean = mean(parameters, in: scope)
    return drawnNegativeBinomial(
      mean, logDispersion(parameters, like: mean, in: scope), in: scope)
  }

  public func location(forMean mean: Float) -> Float { means.location(forMean: mean) }

  public func concern(about data: PixelStatistics) -> String? {
    if let concern = CountMeans.concern(about: data) { return concern }
    guard let variance = data.variance else { return nil }
    let sums = (variance.reduce(0, +), data.mean.reduce(0, +))
    guard sums.0 < 1.05 * sums.1 else { return nil }
    return "the counts vary no more than Poisson counts do: poisson is simpler"
  }
}
