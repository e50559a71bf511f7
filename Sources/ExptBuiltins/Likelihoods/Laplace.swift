import ExptComponents
import ExptTensor

/// Each pixel has a Laplace distribution around the decoder's value m, with scale s.
///
///     −log p(x | z) = Σ |x − m|/s + log 2s                nats per image
///
/// It is a density, so small scales make it negative. A fixed scale makes it the absolute error,
/// which leaves sharper edges than the squared one.
public struct Laplace: Likelihood {
  public static let id = "laplace"
  public static let summary =
    "Pixels Laplace-distributed around the decoder's output; absolute error."
  public static let exampleSettings = "{ scale: per_pixel }"

  @Group public var settings = ScaleSettings(optimum: .meanAbsolute)

  public init() {}

  public init(_ scale: PixelScale) { settings.scale = scale }

  public var formula: String? {
    let s = settings.symbol
    return "−log p(x|z) = Σ |x − m|/\(s) + log 2\(s),  m = decode(z)" + settings.course
  }

  public var isPixelwise: Bool { settings.isPixelwise }
  public var isExamplewise: Bool { settings.isExamplewise }

  public var parametersPerPixel: Int { settings.parametersPerPixel }

  public func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor
  {
    laplaceNLL(
      location: settings.location(parameters), targets: images,
      logScale: settings.logScale(parameters, images: images, in: scope))
  }

  public func mean(_ parameters: Tensor, in scope: Scope) -> Tensor {
    settings.location(parameters)
  }

  public func draw(_ parameters: Tensor, in scope: Scope) -> Tensor? {
    let location = settings.location(parameters)
    let above = scope.graph.exponential(location.shape, stream: "above")
    let below = scope.graph.exponential(location.shape, stream: "below")
    return location + (above - below) * exp(settings.logScale(parameters, in: scope))
  }
}
