import ExptComponents
import ExptTensor

/// Each value is one of n levels, or categories, with probabilities that the decoder gives as n logits.
///
///     −log P(x | z) = Σ log Σₖ exp(lₖ) − l_x              nats per image
///
/// A probability: never negative. Values from 0 to 1 are cut into n equal bins, which for 256 are the
/// levels of 8-bit images; `values: whole` takes 0, 1, …, n − 1 as they are, and so does `values: names`, for
/// categories without an order. Divided by log 2 and the number of values it is bits per dimension. The mean is
/// that of the levels; of names it is the most probable one.
///
/// Decoder: n maps for each channel, those of a channel side by side: 256 levels need a decoder with
/// convolutions, or small images.
///
/// Source: van den Oord, Kalchbrenner & Kavukcuoglu, "Pixel recurrent neural networks", ICML 2016,
/// section 3.
public struct Categorical: Likelihood {
  public enum Values: String, NamedChoice {
    case unit
    case whole
    case names
  }

  public static let id = "categorical"
  public static let summary = "Pixels of several levels, each with a probability of its own."
  public static let exampleSettings = "{ levels: 8 }"

  @Setting("Levels n of each value.", .within(2...65536), named: "levels")
  public var levelCount: Int = 256
  @Setting(
    "What values are: 0 … 1 in n equal bins (unit), or the numbers 0 … n − 1 of levels in order (whole) or of "
      + "categories (names).")
  public var values: Values = .unit

  public init() {}

  public var formula: String? {
    "−log P(x|z) = Σ log Σₖ exp(lₖ) − l_x,  l: {n=levels} numbers a value = decode(z)"
  }

  public var support: Support {
    values == .unit ? .unitInterval : Support(0...Float(levelCount - 1), step: 1)
  }
  public var levels: Float? { values == .unit ? Float(levelCount - 1) : nil }
  public var decoded: DecodedNumbers { .logits }
  public var measure: Measure { .probability }
  public var parametersPerPixel: Int { levelCount }

  public func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor
  {
    let (rows, pixels) = (images.shape[0] * images.shape[1], images.shape.count(from: 2))
    let scaled =
      values == .unit ? floor(images * Float(levelCount)) : round(images)
    let categories = clamp(scaled, 0...Float(levelCount - 1)).reshaped([rows, pixels])
    return parameters.reshaped([rows, levelCount, pixels])
      .categoricalNLL(of: categories, along: 1).reshaped(images.shape).sumPerExample()
  }

  /// Σₖ vₖ·softmax(l)ₖ over the levels' values, a channel at a time; of names the k with the greatest lₖ.
  public func mean(_ parameters: Tensor, in scope: Scope) -> Tensor {
    if values == .names {
      let (rows, shape) = rows(of: parameters)
      return rows.argMaxPerExample().reshaped(shape)
    }
    let shape = parameters.shape
    let (batch, pixels) = (shape[0], shape.count(from: 2))
    let values = scope.graph.constant(
      (0..<levelCount).flatMap { Array(repeating: value($0), count: pixels) },
      [levelCount, pixels])
    let channels = (0..<shape[1] / levelCount).map { channel in
      let logits = parameters.maps(channel, of: shape[1] / levelCount)
        .reshaped([batch, levelCount, pixels])
      return (logits.softmax(along: 1) * values).sum(along: 1).reshaped([batch, 1, pixels])
    }
    return concatenate(channels).reshaped([batch, channels.count, shape[2], shape[3]])
  }

  /// The value of a level.
  private func value(_ level: Int) -> Float {
    values == .unit ? Float(level) / Float(levelCount - 1) : Float(level)
  }

  /// The largest of the logits with Gumbel noise.
  public func draw(_ parameters: Tensor, in scope: Scope) -> Tensor? {
    let (rows, shape) = rows(of: parameters)
    let noise = scope.graph.gumbel(rows.shape, stream: "level")
    let level = (rows + noise).argMaxPerExample()
    return (values == .unit ? level / Float(levelCount - 1) : level).reshaped(shape)
  }

  /// The logits of each value side by side, `[values, n]`, and the shape of the images.
  private func rows(of parameters: Tensor) -> (logits: Tensor, images: Shape) {
    let shape = parameters.shape
    let (channels, pixels) = (shape[1] / levelCount, shape.count(from: 2))
    let rows = parameters.reshaped([shape[0] * channels, levelCount, pixels]).transposed()
      .reshaped([shape[0] * channels * pixels, levelCount])
    return (rows, [shape[0], channels, shape[2], shape[3]])
  }

  /// Logits in proportion to the levels, with the wanted mean: the distribution of greatest entropy.
  public func output(forMean mean: [Float], image: Shape) -> [Float] {
    let pixels = image[1] * image[2]
    var slopes: [Float: Float] = [:]
    var output = [Float](repeating: 0, count: mean.count * levelCount)
    for (place, mean) in mean.enumerated() {
      let slope = slopes[mean] ?? self.slope(forMean: mean)
      slopes[mean] = slope
      let first = place / pixels * levelCount * pixels + place % pixels
      for level in 0..<levelCount {
        output[first + level * pixels] = slope * (Float(level) - Float(levelCount - 1) / 2)
      }
    }
    return output
  }

  /// log r of the probabilities pₖ ∝ rᵏ that have this mean, by bisection over r / (1 + r).
  private func slope(forMean mean: Float) -> Float {
    let top = Double(levelCount - 1)
    let wanted = min(max(Double(values == .unit ? mean : mean / Float(top)), 0.005), 0.995) * top
    let isUpper = wanted > top / 2
    var (low, high) = (0.0, 0.5)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      let ratio = middle / (1 - middle)
      var (weight, sum, moment) = (1.0, 0.0, 0.0)
      for level in 0..<levelCount {
        sum += weight
        moment += weight * Double(level)
        weight *= ratio
      }
      if moment / sum < (isUpper ? top - wanted : wanted) { low = middle } else { high = middle }
    }
    let slope = RepeatableMath.logit((low + high) / 2)
    return Float(isUpper ? -slope : slope)
  }
}
