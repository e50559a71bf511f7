import ExptComponents
import ExptTensor

/// Each pixel is normally distributed around the decoder's value μ, with standard deviation s.
///
///     −log p(x | z) = Σ ½((x − μ)/s)² + log s + ½ log 2π         nats per image
///
/// It is a density, so small scales make it negative. A fixed scale of s makes it the squared error
/// divided by 2s², plus a constant; 1 gives the usual squared error, which weighs pixels little
/// against a VAE's KL.
///
/// With `scale: optimal` it is the σ-VAE's loss, ½·D·(log MSE + 1 + log 2π) averaged over the batch, D the
/// numbers of an image and MSE the mean square error over the batch: see `ScaleSettings`.
///
/// Source of the learned and optimal scales: Rybkin et al., "Simple and effective VAE training with
/// calibrated decoders", ICML 2021.
public struct Gaussian: Likelihood {
  public static let id = "gaussian"
  public static let summary =
    "Pixels normally distributed around the decoder's output; squared error."
  public static let exampleSettings = "{ scale: per_pixel }"

  @Group public var settings = ScaleSettings(optimum: .rootMeanSquare)

  public init() {}

  public init(_ scale: PixelScale) { settings.scale = scale }

  public var formula: String? {
    let s = settings.symbol
    return "−log p(x|z) = Σ ½((x − μ)/\(s))² + log \(s) + ½ log 2π,  μ = decode(z)"
      + settings.course
  }

  public var isPixelwise: Bool { settings.isPixelwise }
  public var isExamplewise: Bool { settings.isExamplewise }
  public var takesMissing: Bool { settings.isExamplewise }

  public var parametersPerPixel: Int { settings.parametersPerPixel }

  public func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor
  {
    gaussianNLL(
      mean: settings.location(parameters), targets: images,
      logScale: settings.logScale(parameters, images: images, in: scope))
  }

  /// The terms of the sum that are observed, whose scales may differ from value to value.
  public func negativeLogLikelihood(
    _ parameters: Tensor, images: Tensor, observed: Tensor, in scope: Scope
  ) -> Tensor {
    let logScale = settings.logScale(parameters, in: scope)
    let z = (images - settings.location(parameters)) * exp(-logScale)
    let halfLog2Pi: Float = 0.918_938_5
    return ((square(z) * 0.5 + logScale + halfLog2Pi) * observed).sumPerExample()
  }

  public func mean(_ parameters: Tensor, in scope: Scope) -> Tensor {
    settings.location(parameters)
  }

  public func draw(_ parameters: Tensor, in scope: Scope) -> Tensor? {
    let location = settings.location(parameters)
    let noise = scope.graph.normal(location.shape, stream: "pixel")
    return location + noise * exp(settings.logScale(parameters, in: scope))
  }
}
