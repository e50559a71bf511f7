import ExptComponents
import ExptTensor

/// Each pixel is one of 256 levels for each channel, by a mixture of K discretized logistic distributions
/// whose channels follow from one another.
///
///     P(x | z) = Σₖ πₖ Π_c P(x_c; m_kc + Σ_{j<c} tanh(a_kcj)·x_j, s_kc)
///
/// with the probability P of a level's bin as for `discretized_logistic`. The loss is −log of it, summed
/// over pixels, in nats per image; a probability: never negative. Divided by log 2 and the number of
/// values it is bits per dimension. With one component and one channel it is `discretized_logistic`.
///
/// Decoder: K logits, then K means for each channel, K log-scales for each channel, and K coefficients
/// for each pair of channels; 10·K maps for colour. The mean is that of the components, each brought to
/// 0 … 1.
///
/// Source: Salimans et al., "PixelCNN++", ICLR 2017, sections 2.1 and 2.2.
public struct LogisticMixture: Likelihood {
  public static let id = "logistic_mixture"
  public static let summary = "Pixels of 256 levels by mixtures of logistic distributions."
  public static let exampleSettings = "{ components: 3 }"

  @Setting("Components K of the mixture.", .within(1...1000)) public var components: Int = 5
  @Setting("Scale where the decoder gives 0.", .above(0)) public var initialScale: Float = 0.1
  @Setting("Lower bound of the scales.", .above(0)) public var minScale: Float = 0.001

  public init() {}

  public var formula: String? {
    "−log P(x|z) = −Σ log Σₖ πₖ·P(x; mₖ, sₖ),  k = 1 … {K=components},  (π, m, s) = decode(z)"
  }

  public var support: Support { .unitInterval }
  public var levels: Float? { 255 }
  public var measure: Measure { .probability }

  /// For one channel.
  public var parametersPerPixel: Int { 3 * components }

  public func outputShape(for image: Shape) throws(BuildProblem) -> Shape {
    [components * Self.maps(channels: image[0]), image[1], image[2]]
  }

  /// Maps for each component: its logit, a mean and a scale for each channel, and their pairs.
  private static func maps(channels: Int) -> Int {
    1 + 2 * channels + channels * (channels - 1) / 2
  }

  /// What the decoder says, each `[batch, K, pixels]`.
  private struct Parts {
    var logits: Tensor
    var means: [Tensor]
    var logScales: [Tensor]
    private var coefficients: [Tensor]

    init(_ parameters: Tensor, channels: Int, _ settings: LogisticMixture) {
      let (k, shape) = (settings.components, parameters.shape)
      let sets = (0..<LogisticMixture.maps(channels: channels)).map { index in
        parameters.columns(index * k..<(index + 1) * k)
          .reshaped([shape[0], k, shape.count(from: 2)])
      }
      let lowest = naturalLogarithm(settings.minScale)
      let start = naturalLogarithm(settings.initialScale)
      logits = sets[0]
      means = Array(sets[1..<1 + channels])
      logScales = sets[1 + channels..<1 + 2 * channels].map {
        clamp($0 + start, lowest...max(lowest, 5))
      }
      coefficients = sets[(1 + 2 * channels)...].map { tanh($0) }
    }

    /// The means of a channel, where those before it are known: in the order (1, 0), (2, 0), (2, 1), ….
    func mean(_ channel: Int, after known: [Tensor]) -> Tensor {
      let first = channel * (channel - 1) / 2
      return known.enumerated().reduce(means[channel]) { $0 + coefficients[first + $1.0] * $1.1 }
    }
  }

  public func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor
  {
    let (batch, channels) = (images.shape[0], images.shape[1])
    let pixels = images.shape.count(from: 2)
    let parts = Parts(parameters, channels: channels, self)
    var (total, known) = (parts.logits.logSoftmax(along: 1), [Tensor]())
    for channel in 0..<channels {
      let value = images.columns(channel..<channel + 1).reshaped([batch, pixels])
        .repeatedRows(components).reshaped([batch, components, pixels])
      total =
        total
        + discretizedLogisticLogProbability(
          location: parts.mean(channel, after: known), logScale: parts.logScales[channel],
          targets: value)
      known.append(value)
    }
    return -total.logSumExp(along: 1).sumPerExample()
  }

  public func mean(_ parameters: Tensor, in scope: Scope) -> Tensor {
    let channels = scope.data.image[0]
    let parts = Parts(parameters, channels: channels, self)
    let weights = parts.logits.softmax(along: 1)
    var known: [Tensor] = []
    for channel in 0..<channels {
      known.append(clamp(parts.mean(channel, after: known), 0...1))
    }
    return image(known.map { ($0 * weights).sum(along: 1) }, parameters.shape)
  }

  /// A component for each pixel, by Gumbel noise, and its levels, one channel after another.
  public func draw(_ parameters: Tensor, in scope: Scope) -> Tensor? {
    let (batch, pixels) = (parameters.shape[0], parameters.shape.count(from: 2))
    let channels = scope.data.image[0]
    let parts = Parts(parameters, channels: channels, self)
    let rows = parts.logits.transposed().reshaped([batch * pixels, components])
    let noise = scope.graph.gumbel(rows.shape, stream: "component")
    let chosen = (rows + noise).argMaxPerExample().oneHot(components)
      .reshaped([batch, pixels, components]).transposed()
    var (known, levels) = ([Tensor](), [Tensor]())
    for channel in 0..<channels {
      let location = (parts.mean(channel, after: known) * chosen).sum(along: 1)
      let scale = exp((parts.logScales[channel] * chosen).sum(along: 1))
      let level = drawnLogistic(location, scale, in: scope, stream: "channel \(channel)")
      levels.append(level)
      known.append(
        level.repeatedRows(components).reshaped([batch, components, pixels]))
    }
    return image(levels, parameters.shape)
  }

  /// Channels `[batch, pixels]` as images.
  private func image(_ channels: [Tensor], _ shape: Shape) -> Tensor {
    concatenate(channels.map { $0.reshaped([shape[0], 1, shape[2], shape[3]]) })
  }

  /// All components at the mean, with equal weights and channels that do not follow from one another.
  public func output(forMean mean: [Float], image: Shape) -> [Float] {
    let pixels = image[1] * image[2]
    var output = [Float](
      repeating: 0, count: components * Self.maps(channels: image[0]) * pixels)
    for place in mean.indices {
      for component in 0..<components {
        let map = components * (1 + place / pixels) + component
        output[map * pixels + place % pixels] = mean[place]
      }
    }
    return output
  }

  public func concern(about data: PixelStatistics) -> String? {
    guard data.greyShare < 0.001 else { return nil }
    return "nearly all pixels are black or white: bernoulli is the likelihood for them"
  }
}
