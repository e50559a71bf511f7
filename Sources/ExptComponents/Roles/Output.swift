import ExptTensor

/// An additional output to write into the run folder while training, such as traversals.
public protocol Output: Component {
  /// Called after every epoch, on the training thread.
  ///
  /// - Throws: Any error; training continues and the error is logged.
  func epochEnded(_ occasion: OutputOccasion) throws
}

/// What an output works with.
public struct OutputOccasion {
  /// Epochs finished, from 1.
  public let epoch: Int
  public let epochs: Int
  /// The run folder.
  public let folder: String
  public let model: any ModelAccess
  /// Held-out images (training images where nothing is held out).
  public let examples: ImageSet
  public let seed: UInt64
  /// What pictures are written as: `outputs.image_formats`.
  public let imageFormats: [ImageFormat]

  public init(
    epoch: Int, epochs: Int, folder: String, model: any ModelAccess, examples: ImageSet,
    seed: UInt64, imageFormats: [ImageFormat] = ImageFormat.allCases
  ) {
    self.epoch = epoch
    self.epochs = epochs
    self.folder = folder
    self.model = model
    self.examples = examples
    self.seed = seed
    self.imageFormats = imageFormats
  }
}

/// What a picture is written as.
public enum ImageFormat: String, NamedChoice {
  /// PGM, or PPM for colour: plain bytes behind a line of text.
  case pgm
  /// PNG without compression, which every viewer opens.
  case png

  /// Of a file: `pgm`, `ppm` or `png`.
  public func ending(isColour: Bool) -> String {
    switch self {
    case .pgm: isColour ? "ppm" : "pgm"
    case .png: "png"
    }
  }
}

/// A model with its weights, as outputs and commands use it.
public protocol ModelAccess {
  /// `[channels, height, width]`.
  var image: Shape { get }
  /// Where latents live.
  var space: LatentSpace { get }
  /// Whether there is a prior to draw latents from.
  var isGenerative: Bool { get }
  /// What the model is told of each image besides its pixels; the default is nothing.
  var told: AnnotationFacts { get }

  /// The encoding of each image.
  func encode(_ images: ImageSet) -> Encodings

  /// The mean image of each latent: `latents.count / space.width` images of `image.count` values in
  /// 0 … 1.
  ///
  /// - Parameter annotations: What a conditional model is told of them; nil: one class after the other,
  ///   factors 0.
  func decode(_ latents: [Float], given annotations: Annotations?) -> [Float]

  /// A draw x ~ p(x|z) for each latent, likewise: the same for the same seed. Nil, the default, if the
  /// likelihood has no distribution to draw from.
  func draw(_ latents: [Float], seed: UInt64, given annotations: Annotations?) -> [Float]?

  /// Latents drawn from the prior, `[count, width]`: the same for the same seed, and the first of many
  /// are those of few. Empty without a prior.
  ///
  /// - Parameter annotations: As for `decode`.
  func drawPrior(_ count: Int, seed: UInt64, given annotations: Annotations?) -> [Float]
}

extension ModelAccess {
  public var told: AnnotationFacts { AnnotationFacts() }

  public func draw(_ latents: [Float], seed: UInt64, given annotations: Annotations?) -> [Float]? {
    nil
  }

  public func decode(_ latents: [Float]) -> [Float] { decode(latents, given: nil) }
  public func drawPrior(_ count: Int, seed: UInt64) -> [Float] {
    drawPrior(count, seed: seed, given: nil)
  }
}

extension Role where Value == any Output {
  public static var output: Self {
    Role(
      "output", title: "output", includes: { $0 is any Output.Type },
      cast: { $0 as? any Output })
  }
}
