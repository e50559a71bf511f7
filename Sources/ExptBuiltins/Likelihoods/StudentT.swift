import ExptComponents
import ExptTensor

/// Each pixel has Student's t distribution around the decoder's value m, with scale s and ν degrees of
/// freedom.
///
///     −log p(x | z) = Σ ½(ν + 1)·log(1 + ((x − m)/s)²/ν) + log s − c(ν)          nats per image
///     c(ν) = log Γ((ν + 1)/2) − log Γ(ν/2) − ½ log(πν)
///
/// A Gaussian with heavy tails, which forgives outliers; as ν grows it becomes the Gaussian. It is a
/// density, so small scales make it negative. Learned degrees of freedom are kept from 0.1 to 10⁶.
///
/// Source: Takahashi et al., "Student-t variational autoencoder for robust density estimation", IJCAI 2018.
public struct StudentT: Likelihood {
  public static let id = "student_t"
  public static let summary = "Pixels with heavy tails around the decoder's output."

  @Group public var settings = ScaleSettings()
  @Setting(
    "Degrees of freedom ν, or how they are learned: shared, per_feature or per_pixel.", .above(0))
  public var degreesOfFreedom: PixelScale = .shared
  @Setting("Initial value of learned degrees of freedom.", .within(0.1...1e6))
  public var initialDegreesOfFreedom: Float = 5

  public init() {}

  public var formula: String? {
    "−log p(x|z) = Σ ½(ν + 1)·log(1 + ((x − m)/s)²/ν) + log s − c(ν),  m = decode(z)"
  }

  public func check(_ report: SettingsReport) {
    guard degreesOfFreedom == .optimal else { return }
    report.error(
      "there is no formula for the best degrees of freedom", at: "degrees_of_freedom",
      help: "write shared")
  }

  public var parametersPerPixel: Int { settings.parametersPerPixel + freedom.maps }

  private var freedom: PositiveNumber {
    PositiveNumber(
      choice: degreesOfFreedom, name: "degrees_of_freedom", start: initialDegreesOfFreedom,
      logarithms: naturalLogarithm(0.1)...naturalLogarithm(1e6))
  }

  public func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor
  {
    let (location, logScale, logFreedom) = numbers(parameters, in: scope)
    let z = (images - location) * exp(-logScale)
    let tail = studentTTail(z, logFreedom: logFreedom.stretched(like: z))
    let constant = logScale - studentTConstant(exp(logFreedom))
    return (tail + constant).sumPerExample()
  }

  private func numbers(
    _ parameters: Tensor, in scope: Scope
  ) -> (location: Tensor, logScale: Tensor, logFreedom: Tensor) {
    func map(_ index: Int) -> Tensor? {
      index < parametersPerPixel ? parameters.maps(index, of: parametersPerPixel) : nil
    }
    let location = parameters.maps(0, of: parametersPerPixel)
    let logScale = settings.logScale(at: location, map(1), in: scope)
    let logFreedom = freedom.logarithm(
      map(settings.parametersPerPixel), like: location, in: scope)
    return (location, logScale, logFreedom)
  }

  /// The location, which is the mean for ν above 1.
  public func mean(_ parameters: Tensor, in scope: Scope) -> Tensor {
    parameters.maps(0, of: parametersPerPixel)
  }

  /// A normal draw over the root of a gamma draw of mean 1.
  public func draw(_ parameters: Tensor, in scope: Scope) -> Tensor? {
    let (location, logScale, logFreedom) = numbers(parameters, in: scope)
    let half = (exp(logFreedom) * 0.5).stretched(like: location)
    let mixing = scope.graph.gamma(half, stream: "mixing") / half
    let noise = scope.graph.normal(location.shape, stream: "pixel")
    return location + noise * exp(logScale) / sqrt(mixing)
  }
}
