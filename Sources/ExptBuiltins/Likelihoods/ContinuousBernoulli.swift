import ExptComponents
import ExptTensor

/// Each pixel is between 0 and 1, with density C·λˣ·(1 − λ)¹⁻ˣ, λ = σ(l); l is what the decoder
/// gives.
///
///     −log p(x | z) = Σ softplus(l) − x·l − log C,   C = l / tanh(l/2)      nats per image
///
/// The Bernoulli's cross-entropy with the constant that makes it a density on grey pixels. It can be
/// negative. The mean is not λ but σ(l) − 1/l + 1/sinh(l), less extreme.
///
/// Source: Loaiza-Ganem & Cunningham, "The continuous Bernoulli: fixing a pervasive error in
/// variational autoencoders", NeurIPS 2019.
public struct ContinuousBernoulli: Likelihood {
  public static let id = "continuous_bernoulli"
  public static let summary = "Grey pixels: the Bernoulli with the constant it lacks as a density."

  public init() {}

  public var formula: String? { "−log p(x|z) = Σ softplus(l) − x·l − log C(l),  l = decode(z)" }

  public var support: Support { .unitInterval }
  public var decoded: DecodedNumbers { .logits }

  public var isPixelwise: Bool { true }

  public func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor
  { continuousBernoulliNLL(logits: parameters, targets: images) }

  public func mean(_ parameters: Tensor, in scope: Scope) -> Tensor {
    continuousBernoulliMean(logits: parameters)
  }

  /// By the inverse of the distribution function: of logits below 0 y = −log(1 − u·(1 − e^l))/|l|, of
  /// those above 0 its mirror image 1 − y.
  public func draw(_ parameters: Tensor, in scope: Scope) -> Tensor? {
    let size = clamp(abs(parameters), 1e-4...1e4)
    let u = scope.graph.uniform(parameters.shape, stream: "pixel")
    let y = -log1p(u * expm1(-size)) / size
    let isAbove = step(parameters)
    return clamp(y + isAbove * (1 - 2 * y), 0...1)
  }

  /// The logit whose distribution has this mean, of means from 0.05 to 0.95 (logits of ∓20).
  public func location(forMean mean: Float) -> Float {
    let wanted = Double(min(max(mean, 0.05), 0.95))
    var (low, high) = (0.0, 1.0)  // λ, of which the mean is an increasing function
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if Self.mean(lambda: middle) < wanted { low = middle } else { high = middle }
    }
    return Float(RepeatableMath.logit((low + high) / 2))
  }

  /// λ/(2λ − 1) + 1/(2·artanh(1 − 2λ)), and its series at ½, where both terms are infinite.
  private static func mean(lambda: Double) -> Double {
    let offset = lambda - 0.5
    if abs(offset) < 1e-3 { return 0.5 + offset / 3 + 16.0 / 45 * offset * offset * offset }
    return lambda / (2 * offset) - 1 / RepeatableMath.logit(lambda)
  }

  public func concern(about data: PixelStatistics) -> String? {
    guard data.greyShare < 0.001 else { return nil }
    return
      "nearly all pixels are black or white: bernoulli is the likelihood for them; the density of "
      + "this one is unbounded there"
  }
}
