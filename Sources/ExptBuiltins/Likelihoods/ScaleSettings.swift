import ExptComponents
import ExptTensor

/// The scale of a likelihood that has one, the same settings for all.
///
/// A learned scale is the exponential of a number that training changes, `log_scale`, or of a second
/// set of maps from the decoder; it is kept from `min_scale` to e⁵, since a scale of 0 would make a
/// perfect pixel infinitely probable.
///
/// An optimal scale is the one of greatest likelihood for the errors of the batch, summed over its images
/// and pixels: the root of the mean square for a Gaussian, the mean absolute error for a Laplace. Its own
/// gradient is 0 there, so it is a constant to the gradient of the rest. What is measured must not
/// depend on the batch: in evaluation it is made of a moving average of the batches' errors, with a decay
/// of 0.99 and corrected for its beginning, which is in the checkpoints (`error`, `error_weight`).
///
/// Source: Rybkin, Daniilidis & Levine, "Simple and effective VAE training with calibrated decoders",
/// ICML 2021, section 4.1.
public struct ScaleSettings: Settings {
  /// What the best scale is made of, for a likelihood that has a formula for it.
  enum Optimum {
    case rootMeanSquare, meanAbsolute
  }

  @Setting(
    "The scale in units of the pixel range 0 … 1, or how it is found: learned as one number (shared), one "
      + "a pixel or column (per_feature) or by the decoder for each image (per_pixel), or the best one "
      + "for each batch (optimal).", .above(0))
  public var scale: PixelScale = .shared
  @Setting("Initial value of a learned scale.", .above(0)) public var initialScale: Float = 0.2
  @Setting("Lower bound of a learned scale.", .above(0)) public var minScale: Float = 0.01

  private var optimum: Optimum?

  public init() {}

  init(minScale: Float = 0.01, optimum: Optimum? = nil) {
    self.minScale = minScale
    self.optimum = optimum
  }

  public func check(_ report: SettingsReport) {
    if case .fixed = scale { return }
    if scale == .optimal, optimum == nil {
      report.error(
        "there is no formula for the best scale of this likelihood", at: "scale",
        help: "write shared, which training brings there")
    }
    if initialScale < minScale {
      report.warning(
        "'initial_scale' is below 'min_scale': the scale starts at \(minScale)",
        at: "initial_scale")
    }
  }

  /// The scale in a formula.
  var symbol: String {
    if case .fixed = scale { "{s=scale}" } else { "s" }
  }

  /// How a learned scale comes about, behind a formula.
  var course: String {
    switch scale {
    case .fixed: ""
    case .shared: ",  s learned, from {s₀=initial_scale}"
    case .perFeature: ",  s of each pixel learned, from {s₀=initial_scale}"
    case .perPixel: ",  s of each pixel from decode(z)"
    case .optimal: ",  s the one under which the batch is most probable"
    }
  }

  /// Whether the scale of a value does not depend on others, nor on its place.
  var isPixelwise: Bool {
    switch scale {
    case .fixed, .shared, .perPixel: true
    case .perFeature, .optimal: false
    }
  }

  /// Whether it does not depend on the other examples of a batch.
  var isExamplewise: Bool { scale != .optimal }

  /// Sets of the decoder's maps: the location's, and one for the scale of each pixel.
  var parametersPerPixel: Int { 1 + number.maps }

  var number: PositiveNumber {
    let lowest = naturalLogarithm(minScale)
    return PositiveNumber(
      choice: scale, name: "scale", start: initialScale, logarithms: lowest...max(lowest, 5))
  }

  /// The location's maps among the decoder's.
  func location(_ parameters: Tensor) -> Tensor { parameters.maps(0, of: parametersPerPixel) }

  /// The logarithm of the scale: a scalar, or of the location's shape.
  ///
  /// - Parameters:
  ///   - map: The decoder's maps for it, where it is of each pixel.
  ///   - images: What an optimal scale is found for in training; nil: as in evaluation.
  func logScale(
    at location: Tensor, _ map: Tensor?, images: Tensor? = nil, in scope: Scope
  ) -> Tensor {
    guard scale == .optimal else { return number.logarithm(map, like: location, in: scope) }
    let error = log(meanError(at: location, images, in: scope))
    return clamp(optimum == .meanAbsolute ? error : error * 0.5, number.logarithms).stopGradient()
  }

  /// The same where the scale's maps follow the location's at once.
  func logScale(_ parameters: Tensor, images: Tensor? = nil, in scope: Scope) -> Tensor {
    let map = parametersPerPixel == 2 ? parameters.maps(1, of: 2) : nil
    return logScale(at: location(parameters), map, images: images, in: scope)
  }

  /// The mean square or absolute error: of the batch in training, else of those before.
  private func meanError(at location: Tensor, _ images: Tensor?, in scope: Scope) -> Tensor {
    let decay: Float = 0.99
    let sum = scope.state("error", .scalar, .zeros)
    let weight = scope.state("error_weight", .scalar, .zeros)
    if scope.mode == .training, let images {
      let error = location - images
      let mean = (optimum == .meanAbsolute ? abs(error) : square(error)).mean().stopGradient()
      scope.move(sum, to: sum * decay + mean * (1 - decay))
      scope.move(weight, to: weight * decay + (1 - decay))
      return mean
    }
    // Before any step, the initial scale.
    let trace: Float = 1e-6
    let start = optimum == .meanAbsolute ? initialScale : initialScale * initialScale
    return (sum + trace * start) / (weight + trace)
  }
}
