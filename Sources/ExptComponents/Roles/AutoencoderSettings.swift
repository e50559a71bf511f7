import ExptLayers
import ExptTensor

/// What every autoencoder has: a latent size, an encoder, a decoder and a likelihood.
///
/// A model file adds its loss. Parameters are named `encoder.…`, `latent.…`, `decoder.…` and
/// `likelihood.…`.
public struct AutoencoderSettings: Settings {
  public enum OutputBias: String, NamedChoice {
    case drawn
    case dataMean = "data_mean"
  }

  @Setting("Number of latent dimensions.", .within(1...65536)) public var latent: Int = 20
  @Slot("p(x|z): what the decoder's output means.", .likelihood, default: "bernoulli")
  public var likelihood: any Likelihood
  @Slot("Turns images into features.", .architecture, default: "mlp")
  public var encoder: any Architecture
  @Slot(
    "Turns latents into images; mirror: the encoder backwards.", .architecture, default: "mirror")
  public var decoder: any Architecture
  @Setting("The first values of the decoder's last bias: drawn, or the data's mean image.")
  public var outputBias: OutputBias = .drawn

  public init() {}

  /// A point for each image, `[batch, latent]`: features through one linear layer, `latent`.
  public func code(_ images: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    try linear(features(images, in: scope), to: latent, in: scope.child("latent"))
  }

  /// A Gaussian for each image: features through one linear layer, `latent`, whose first half is
  /// the mean and second half the log-variance.
  ///
  /// Source: Kingma & Welling, "Auto-Encoding Variational Bayes", 2014, appendix C.2.
  public func gaussian(_ images: Tensor, in scope: Scope) throws(BuildProblem) -> DiagonalGaussian {
    let both = try linear(
      features(images, in: scope), to: 2 * latent, in: scope.child("latent"))
    return DiagonalGaussian(
      mean: both.columns(0..<latent), logVariance: both.columns(latent..<2 * latent))
  }

  private func features(_ images: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    try locating("encoder") { () throws(BuildProblem) in
      try encoder.encode(images, in: scope.child("encoder"))
    }
  }

  /// The likelihood's parameters for latents `[batch, latent]`:
  /// `[batch, parametersPerPixel · channels, height, width]`.
  public func decode(_ latents: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    let image = scope.data.image
    let shape: Shape = [likelihood.parametersPerPixel * image[0], image[1], image[2]]
    return try locating("decoder") { () throws(BuildProblem) in
      try decoder.asDecoder(for: encoder, image: image)
        .decode(
          latents, to: DecoderTarget(shape: shape, bias: initialBias(scope.data)),
          in: scope.child("decoder"))
    }
  }

  /// −log p(x | z) of each decoded image in nats, `[batch · samples]`.
  ///
  /// - Parameter decoded: For latents with several samples of an image in consecutive rows, the
  ///   image is compared with each of them.
  public func negativeLogLikelihood(_ decoded: Tensor, images: Tensor, in scope: Scope) -> Tensor {
    likelihood.negativeLogLikelihood(
      decoded, images: images.repeatedExamples(decoded.shape[0] / images.shape[0]),
      in: scope.child("likelihood"))
  }

  private func initialBias(_ data: DataFacts) -> (@Sendable () -> [Float])? {
    guard outputBias == .dataMean else { return nil }
    let likelihood = likelihood
    return {
      let locations = data.pixelMean().map { likelihood.location(forMean: $0) }
      let scales = locations.count * (likelihood.parametersPerPixel - 1)
      return locations + Array(repeating: 0, count: scales)
    }
  }
}
