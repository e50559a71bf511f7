import ExptComponents
import ExptTensor

/// Each pixel is distributed around the decoder's value m with density ∝ sech(a·r)^(1/a), r = (x − m)/s.
///
///     −log p(x | z) = Σ (1/a)·log cosh(a·r) + log s + log C              nats per image
///     C = ∫ sech(a·t)^(1/a) dt = √π·Γ(1/(2a)) / (a·Γ(1/(2a) + ½))
///
/// Squared error for small errors and absolute error for large ones; a large a makes it a Laplace
/// distribution, a small one a Gaussian of variance s²/a. It is a density: the loss of the papers with the
/// constant that it lacks there.
///
/// Source of the loss: Chen et al., "Log hyperbolic cosine loss improves variational auto-encoder", 2018;
/// of the constant: Saleh & Saleh, "Statistical properties of the log-cosh loss function used in machine
/// learning", arXiv 2208.04564.
public struct LogCosh: Likelihood {
  public static let id = "log_cosh"
  public static let summary =
    "Log-cosh error as a density: squared error where it is small, absolute where it is large."

  @Group public var settings = ScaleSettings()
  @Setting("Sharpness a: how soon the squared error becomes the absolute one.", .within(1e-3...1e4))
  public var sharpness: Float = 10

  public init() {}

  public var isPixelwise: Bool { settings.isPixelwise }
  public var isExamplewise: Bool { settings.isExamplewise }

  public var formula: String? {
    "−log p(x|z) = Σ (1/{a=sharpness})·log cosh({a=sharpness}·(x − m)/s) + log s + log C,  m = decode(z)"
  }

  public var parametersPerPixel: Int { settings.parametersPerPixel }

  public func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor
  {
    let logScale = settings.logScale(parameters, in: scope)
    let r = (images - settings.location(parameters)) * exp(-logScale)
    return (logCosh(r * sharpness) / sharpness + (logScale + logConstant)).sumPerExample()
  }

  /// log C.
  var logConstant: Float {
    let a = Double(sharpness)
    let shape = 1 / (2 * a)
    return Float(
      0.5 * RepeatableMath.log(.pi) + RepeatableMath.logGamma(shape)
        - RepeatableMath.logGamma(shape + 0.5) - RepeatableMath.log(a))
  }

  public func mean(_ parameters: Tensor, in scope: Scope) -> Tensor {
    settings.location(parameters)
  }

  /// a·t is half the logit of a Beta(1/(2a), 1/(2a)) draw.
  public func draw(_ parameters: Tensor, in scope: Scope) -> Tensor? {
    let location = settings.location(parameters)
    let shape = scope.graph.constant(1 / (2 * sharpness), location.shape)
    let logit =
      logGammaDraw(shape, in: scope, stream: "above")
      - logGammaDraw(shape, in: scope, stream: "below")
    let scale = exp(settings.logScale(parameters, in: scope))
    return location + logit * (1 / (2 * sharpness)) * scale
  }
}

/// The logarithm of a gamma draw, which small shapes would make 0: log G(α) = log G(α + 1) − E/α, E
/// exponential.
func logGammaDraw(_ shape: Tensor, in scope: Scope, stream: String) -> Tensor {
  log(scope.graph.gamma(shape + 1, stream: stream))
    - scope.graph.exponential(shape.shape, stream: stream + " boost") / shape
}
