import ExptComponents
import ExptTensor

/// Each pixel is one of 256 levels, with the probability that a logistic distribution around the
/// decoder's value m with scale s gives to the level's bin; the lowest and the highest bin are open.
///
///     −log P(x | z) = −Σ log(σ((x + 1/510 − m)/s) − σ((x − 1/510 − m)/s))       nats per image
///
/// A probability of the 8-bit image, not a density: never negative, and comparable between scales
/// and models. Divided by log 2 and the number of pixels it is bits per dimension.
///
/// Source: Kingma et al., "Improved variational inference with inverse autoregressive flow",
/// NeurIPS 2016, appendix; Salimans et al., "PixelCNN++", ICLR 2017, section 2.1.
public struct DiscretizedLogistic: Likelihood {
  public static let id = "discretized_logistic"
  public static let summary = "Pixels of 256 levels, logistic around the decoder's output."
  public static let exampleSettings = "{ scale: per_pixel }"

  @Group public var settings = ScaleSettings(minScale: 0.001)

  public init() {}

  public init(_ scale: PixelScale) { settings.scale = scale }

  public var formula: String? {
    let s = settings.symbol
    return "−log p(x|z) = −Σ log(σ((x + 1/510 − m)/\(s)) − σ((x − 1/510 − m)/\(s))),  m = decode(z)"
      + settings.course
  }

  public var support: Support { .unitInterval }
  public var levels: Float? { 255 }
  public var measure: Measure { .probability }

  public var isPixelwise: Bool { settings.isPixelwise }
  public var isExamplewise: Bool { settings.isExamplewise }

  public var parametersPerPixel: Int { settings.parametersPerPixel }

  public func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor
  {
    discretizedLogisticNLL(
      location: settings.location(parameters), targets: images,
      logScale: settings.logScale(parameters, in: scope))
  }

  /// The location, brought into 0 … 1: the exact mean differs from it near black and white.
  public func mean(_ parameters: Tensor, in scope: Scope) -> Tensor {
    clamp(settings.location(parameters), 0...1)
  }

  public func draw(_ parameters: Tensor, in scope: Scope) -> Tensor? {
    let location = settings.location(parameters)
    let scale = exp(settings.logScale(parameters, in: scope))
    return drawnLogistic(location, scale, in: scope, stream: "pixel")
  }
}

/// A draw of a logistic distribution, brought to the nearest of 256 levels of 0 … 1.
func drawnLogistic(
  _ location: Tensor, _ scale: Tensor, in scope: Scope, stream: String
) -> Tensor {
  let u = clamp(scope.graph.uniform(location.shape, stream: stream), 1e-7...(1 - 1e-7))
  let value = location + (log(u) - log(1 - u)) * scale
  return round(clamp(value, 0...1) * 255) / 255
}
