import ExptTensor

/// p(x | z): how the decoder's output defines a distribution, and how probable an image is under it.
///
/// Pixels are usually in 0 … 1. Values are in nats, constants included, so that likelihoods of one
/// kind compare across papers and programs.
public protocol Likelihood: Component {
  /// The pixel values that it covers. Data are checked against it when they are loaded, and values
  /// outside are refused; the default takes any number.
  var support: Support { get }

  /// Where it is for levels of 0 … 1, as 8-bit images have them, how many of them make 1 (255);
  /// values between are legal and look wrong. The default is nil: any value.
  var levels: Float? { get }

  /// What the decoder's numbers are, by which an activation at its end is judged; the default is
  /// pixel values.
  var decoded: DecodedNumbers { get }

  /// How many numbers the decoder gives for each pixel of each channel: 1, or 2 with a scale.
  var parametersPerPixel: Int { get }

  /// Whether each value of an image has numbers and a density of its own, the same function for all values
  /// of 0 … 1 and 0, so that some can be left out. The default is that it is not said.
  var isPixelwise: Bool { get }

  /// −log p(x | z) of each image, summed over pixels: `[batch]`.
  ///
  /// - Parameters:
  ///   - parameters: `[batch, parametersPerPixel · channels, height, width]`; the first `channels`
  ///     maps are the location.
  ///   - images: `[batch, channels, height, width]`.
  func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor

  /// The mean image: `[batch, channels, height, width]`, the same parameters as above.
  func mean(_ parameters: Tensor, in scope: Scope) -> Tensor

  /// The decoder's raw location that has this mean, to start its bias at the data's mean.
  func location(forMean mean: Float) -> Float

  /// A warning about data this likelihood does not suit; nil if there is none.
  func concern(about data: PixelStatistics) -> String?
}

extension Likelihood {
  public var support: Support { .anyNumber }
  public var levels: Float? { nil }
  public var isPixelwise: Bool { false }
  public var decoded: DecodedNumbers { .pixels }
  public func concern(about data: PixelStatistics) -> String? { nil }
}

/// What is known about a dataset's pixel values.
public struct PixelStatistics: Sendable {
  /// The mean of each pixel over the training images, `[channels · height · width]`, in 0 … 1.
  public var mean: [Float]
  /// The share of pixels that are neither 0 nor 1.
  public var greyShare: Double

  public init(mean: [Float], greyShare: Double) {
    self.mean = mean
    self.greyShare = greyShare
  }
}

extension Role where Value == any Likelihood {
  public static var likelihood: Self {
    Role(
      "likelihood", title: "likelihood", includes: { $0 is any Likelihood.Type },
      cast: { $0 as? any Likelihood })
  }
}
