import ExptComponents
import ExptTensor

/// Each value is a count 0, 1, 2, … with a Poisson distribution of mean μ = exp(l); l is what the decoder
/// gives.
///
///     −log P(x | z) = Σ μ − x·l + log x!                nats per example
///
/// A probability: never negative. Mean and variance are one; `negative_binomial` lets the variance be
/// larger.
///
/// Source for expression counts: Lopez et al., Nature Methods 2018; for words: Miao et al., "Neural
/// variational inference for text processing", ICML 2016.
public struct Poisson: Likelihood {
  public static let id = "poisson"
  public static let summary = "Counts whose variance is their mean."

  @Group public var means = CountMeans()

  public init() {}

  public var formula: String? { "−log P(x|z) = Σ μ − x·log μ + log x!,  log μ = decode(z)" }

  public var support: Support { .counts }
  public var decoded: DecodedNumbers { .logarithms }
  public var measure: Measure { .probability }

  public func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor
  {
    let logMean = means.logarithm(parameters, images: images, in: scope)
    return -poissonLogProbability(logMean: logMean, counts: images).sumPerExample()
  }

  public func mean(_ parameters: Tensor, in scope: Scope) -> Tensor {
    means.means(parameters, in: scope)
  }

  public func draw(_ parameters: Tensor, in scope: Scope) -> Tensor? {
    scope.graph.poisson(means.means(parameters, in: scope), stream: "count")
  }

  public func location(forMean mean: Float) -> Float { means.location(forMean: mean) }

  public func concern(about data: PixelStatistics) -> String? { CountMeans.concern(about: data) }
}
