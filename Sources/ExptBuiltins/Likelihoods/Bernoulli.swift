import ExptComponents
import ExptTensor

/// Each pixel is 0 or 1, independently, with probability σ(l) of being 1; l is what the decoder
/// gives.
///
///     −log p(x | z) = Σ softplus(l) − x·l                 nats per image
///
/// For pixels between 0 and 1 this is the binary cross-entropy: a fine loss and the custom in the
/// literature, but not the probability of anything.
public struct Bernoulli: Likelihood {
  public static let id = "bernoulli"
  public static let summary = "Black or white pixels; binary cross-entropy for grey ones."

  public init() {}

  public var formula: String? { "−log p(x|z) = Σ softplus(l) − x·l,  l = decode(z)" }

  public var support: Support { .unitInterval }
  public var decoded: DecodedNumbers { .logits }
  public var measure: Measure { .probability }
  public func measure(on data: PixelStatistics) -> Measure { data.greyShare > 0 ? .loss : measure }

  public var isPixelwise: Bool { true }

  public func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor
  { bernoulliNLL(logits: parameters, targets: images) }

  public func mean(_ parameters: Tensor, in scope: Scope) -> Tensor { sigmoid(parameters) }

  public func draw(_ parameters: Tensor, in scope: Scope) -> Tensor? {
    step(sigmoid(parameters) - scope.graph.uniform(parameters.shape, stream: "pixel"))
  }

  /// The logit, of means from 0.001 to 0.999.
  public func location(forMean mean: Float) -> Float {
    Float(RepeatableMath.logit(Double(min(max(mean, 0.001), 0.999))))
  }

  public func concern(about data: PixelStatistics) -> String? {
    guard data.greyShare > 0.02 else { return nil }
    return "\(percent(data.greyShare)) of the pixels are grey, and a Bernoulli models black and "
      + "white: its loss is then a cross-entropy, not a likelihood, and is not comparable with "
      + "results on binarized data. binarization: stochastic makes the data fit; "
      + "continuous_bernoulli is the likelihood for grey pixels"
  }
}

/// `13 %`.
func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
