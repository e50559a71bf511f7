import ExptTensor

/// p(x | z): how the decoder's output defines a distribution, and how probable an image is under it.
///
/// Pixels are usually in 0 … 1. Values are in nats, constants included, so that likelihoods of one
/// kind compare across papers and programs.
///
/// Most likelihoods take the same few numbers for each value of an image: they state
/// `parametersPerPixel` and `location(forMean:)`. Others state the shape that they need and the first
/// values of all of it.
public protocol Likelihood: Component {
  /// The pixel values that it covers. Data are checked against it when they are loaded, and values
  /// outside are refused; the default takes any number.
  var support: Support { get }

  /// The same of each run of values of an image, in their order, where they differ, as those of the
  /// columns of a table may; the default is `support` for all.
  func supports(of image: Shape) -> [(values: Range<Int>, support: Support)]

  /// Where it is for levels of 0 … 1, as 8-bit images have them, how many of them make 1 (255);
  /// values between are legal and look wrong. The default is nil: any value.
  var levels: Float? { get }

  /// What the decoder's numbers are, by which an activation at its end is judged; the default is
  /// pixel values.
  var decoded: DecodedNumbers { get }

  /// What `negativeLogLikelihood` is the logarithm of; the default is a density.
  var measure: Measure { get }

  /// The same on given data: a cross-entropy on data that are not black and white is no probability. The
  /// default is `measure`.
  func measure(on data: PixelStatistics) -> Measure

  /// How many numbers the decoder gives for each pixel of each channel: 1, the default, or 2 with a
  /// scale.
  var parametersPerPixel: Int { get }

  /// The shape of the decoder's numbers for one image, `[maps, height, width]`; the default is
  /// `parametersPerPixel` maps for each channel, of the image's size.
  ///
  /// - Parameter image: `[channels, height, width]`.
  /// - Throws: `BuildProblem` if there is no such distribution of these images.
  func outputShape(for image: Shape) throws(BuildProblem) -> Shape

  /// Whether each value of an image has numbers and a density of its own, the same function for all values
  /// of 0 … 1 and 0, so that some can be left out. The default is that it is not said.
  var isPixelwise: Bool { get }

  /// Whether the density of an example depends on its own values alone, and not on those of its batch; the
  /// default is that it does.
  var isExamplewise: Bool { get }

  /// Whether some values of an example can be left out; the default is `isPixelwise`.
  var takesMissing: Bool { get }

  /// The likelihood as it is for the columns of a table; the default is the same for all.
  func following(_ table: TableColumns?) -> any Likelihood

  /// −log p(x_observed | z) of each image, `[batch]`: the default is for a likelihood that `isPixelwise`.
  ///
  /// - Parameter observed: 1 or 0, of the images' shape.
  func negativeLogLikelihood(
    _ parameters: Tensor, images: Tensor, observed: Tensor, in scope: Scope
  ) -> Tensor

  /// −log p(x | z) of each image, summed over pixels: `[batch]`.
  ///
  /// - Parameters:
  ///   - parameters: `[batch] + outputShape`; where there are `parametersPerPixel`, the first
  ///     `channels` maps are the location.
  ///   - images: `[batch, channels, height, width]`.
  func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor

  /// The mean image: `[batch, channels, height, width]`, the same parameters as above.
  func mean(_ parameters: Tensor, in scope: Scope) -> Tensor

  /// A draw x ~ p(x | z) of each image, likewise; nil, the default, if there is no distribution to draw
  /// from.
  func draw(_ parameters: Tensor, in scope: Scope) -> Tensor?

  /// The decoder's raw location that has this mean, to start its bias at the data's mean; the default is
  /// the mean itself.
  func location(forMean mean: Float) -> Float

  /// All of the decoder's raw numbers whose mean image this is, `outputShape` of them; the default is
  /// the locations, and 0 for what comes behind.
  func output(forMean mean: [Float], image: Shape) -> [Float]

  /// A warning about data this likelihood does not suit; nil if there is none.
  func concern(about data: PixelStatistics) -> String?
}

extension Likelihood {
  public var support: Support { .anyNumber }
  public var levels: Float? { nil }
  public var isPixelwise: Bool { false }
  public var isExamplewise: Bool { true }
  public var takesMissing: Bool { isPixelwise }
  public func following(_ table: TableColumns?) -> any Likelihood { self }
  public var decoded: DecodedNumbers { .pixels }
  public var measure: Measure { .density }
  public var parametersPerPixel: Int { 1 }

  public func supports(of image: Shape) -> [(values: Range<Int>, support: Support)] {
    [(0..<image.count, support)]
  }

  public func measure(on data: PixelStatistics) -> Measure { measure }

  public func outputShape(for image: Shape) throws(BuildProblem) -> Shape {
    [parametersPerPixel * image[0], image[1], image[2]]
  }

  public func draw(_ parameters: Tensor, in scope: Scope) -> Tensor? { nil }

  public func location(forMean mean: Float) -> Float { mean }

  public func output(forMean mean: [Float], image: Shape) -> [Float] {
    mean.map(location(forMean:))
      + Array(repeating: 0, count: mean.count * (parametersPerPixel - 1))
  }

  public func concern(about data: PixelStatistics) -> String? { nil }
}

/// What is known about a dataset's pixel values.
public struct PixelStatistics: Sendable {
  /// The mean of each pixel over the training images, `[channels · height · width]`, in 0 … 1.
  public var mean: [Float]
  /// The share of pixels that are neither 0 nor 1.
  public var greyShare: Double
  /// The variance of each pixel, `mean.count` of them; nil for bytes, and where it is not known.
  public var variance: [Float]?
  /// The share of pixels that are 0; nil likewise.
  public var zeroShare: Double?

  public init(
    mean: [Float], greyShare: Double, variance: [Float]? = nil, zeroShare: Double? = nil
  ) {
    self.mean = mean
    self.greyShare = greyShare
    self.variance = variance
    self.zeroShare = zeroShare
  }
}

extension Role where Value == any Likelihood {
  public static var likelihood: Self {
    Role(
      "likelihood", title: "likelihood", includes: { $0 is any Likelihood.Type },
      cast: { $0 as? any Likelihood })
  }
}
