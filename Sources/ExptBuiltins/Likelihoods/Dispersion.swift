import ExptComponents
import ExptTensor

/// The dispersion θ of a negative binomial distribution: the variance is μ + μ²/θ. A learned one is kept
/// from 10⁻⁴ to 10⁶.
public struct Dispersion: Settings {
  @Setting(
    "Dispersion θ, of variance μ + μ²/θ, or how it is learned: shared, per_feature or per_pixel.",
    .above(0))
  public var dispersion: PixelScale = .perFeature
  @Setting("Initial value of a learned dispersion.", .within(1e-4...1e6))
  public var initialDispersion: Float = 1

  public init() {}

  public func check(_ report: SettingsReport) {
    guard dispersion == .optimal else { return }
    report.error(
      "there is no formula for the best dispersion", at: "dispersion", help: "write per_feature")
  }

  var number: PositiveNumber {
    PositiveNumber(
      choice: dispersion, name: "dispersion", start: initialDispersion,
      logarithms: naturalLogarithm(1e-4)...naturalLogarithm(1e6))
  }

  /// log θ of each value.
  func logarithm(_ map: Tensor?, like location: Tensor, in scope: Scope) -> Tensor {
    number.logarithm(map, like: location, in: scope).stretched(like: location)
  }
}

/// A draw of a negative binomial distribution: Poisson of a gamma draw of mean μ and shape θ.
func drawnNegativeBinomial(_ mean: Tensor, _ logDispersion: Tensor, in scope: Scope) -> Tensor {
  let theta = exp(logDispersion)
  let rate = scope.graph.gamma(theta, stream: "rate") * mean / theta
  return scope.graph.poisson(rate, stream: "count")
}
