import ExptComponents
import ExptTensor

/// Each pixel is between 0 and 1, with a beta distribution of mean σ(l) and concentration c = α + β; l is
/// what the decoder gives.
///
///     −log p(x | z) = −Σ (α − 1)·log x + (β − 1)·log(1 − x) − log B(α, β)        nats per image
///     α = c·σ(l),  β = c·σ(−l)
///
/// It is a density, and unbounded at 0 and 1, where images often are: with a `margin` m, x stands for
/// m + (1 − 2m)·x, with what that adds to the density; what the distribution gives to the margins is
/// then lost, so the loss is a little too high. Learned concentrations are kept from 0.01 to 10⁶.
public struct Beta: Likelihood {
  public static let id = "beta"
  public static let summary = "Grey pixels with a beta distribution around the decoder's output."

  @Setting(
    "Concentration c, or how it is learned: shared, per_feature or per_pixel.", .above(0))
  public var concentration: PixelScale = .shared
  @Setting("Initial value of a learned concentration.", .within(0.01...1e6))
  public var initialConcentration: Float = 5
  @Setting(
    "How far 0 and 1 are moved inwards; 0: not at all, and images that hold them are refused.",
    .within(0...0.25))
  public var margin: Float = 0

  public init() {}

  public var formula: String? {
    "−log p(x|z) = −Σ (α − 1)·log x + (β − 1)·log(1 − x) − log B(α, β),  α/(α + β) = σ(decode(z))"
  }

  public func check(_ report: SettingsReport) {
    guard concentration == .optimal else { return }
    report.error(
      "there is no formula for the best concentration", at: "concentration", help: "write shared")
  }

  public var support: Support { margin > 0 ? .unitInterval : .openUnitInterval }
  public var decoded: DecodedNumbers { .logits }
  public var parametersPerPixel: Int { 1 + number.maps }

  private var number: PositiveNumber {
    PositiveNumber(
      choice: concentration, name: "concentration", start: initialConcentration,
      logarithms: naturalLogarithm(0.01)...naturalLogarithm(1e6))
  }

  public func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor
  {
    let logit = parameters.maps(0, of: parametersPerPixel)
    let values = margin > 0 ? images * (1 - 2 * margin) + margin : images
    let density = betaLogDensity(
      logit: logit, logConcentration: logConcentration(parameters, like: logit, in: scope),
      values: values)
    let stretch = naturalLogarithm(1 - 2 * margin) * Float(images.shape.withoutBatch.count)
    return -density.sumPerExample() - stretch
  }

  private func logConcentration(_ parameters: Tensor, like logit: Tensor, in scope: Scope) -> Tensor
  {
    number.logarithm(
      number.maps == 1 ? parameters.maps(1, of: 2) : nil, like: logit, in: scope
    ).stretched(like: logit)
  }

  public func mean(_ parameters: Tensor, in scope: Scope) -> Tensor {
    let mean = sigmoid(parameters.maps(0, of: parametersPerPixel))
    return margin > 0 ? clamp((mean - margin) / (1 - 2 * margin), 0...1) : mean
  }

  /// By two gamma draws, in logarithms.
  public func draw(_ parameters: Tensor, in scope: Scope) -> Tensor? {
    let logit = parameters.maps(0, of: parametersPerPixel)
    let c = exp(logConcentration(parameters, like: logit, in: scope))
    let least: Float = 1e-6
    let alpha = clamp(c * sigmoid(logit), least...Float.greatestFiniteMagnitude)
    let beta = clamp(c * sigmoid(-logit), least...Float.greatestFiniteMagnitude)
    let drawn = sigmoid(
      logGammaDraw(alpha, in: scope, stream: "alpha")
        - logGammaDraw(beta, in: scope, stream: "beta"))
    return margin > 0 ? clamp((drawn - margin) / (1 - 2 * margin), 0...1) : drawn
  }

  public func location(forMean mean: Float) -> Float {
    let moved = Double(margin + (1 - 2 * margin) * mean)
    return Float(RepeatableMath.logit(min(max(moved, 0.001), 0.999)))
  }

  public func concern(about data: PixelStatistics) -> String? {
    guard data.greyShare < 0.001 else { return nil }
    return "nearly all pixels are black or white: bernoulli is the likelihood for them"
  }
}
