import ExptComponents
import ExptTensor
import Foundation

/// A linear map of normal latents with normal noise, x = W·z + mean + s·ε, as a fitted model has it in a graph,
/// where the columns of W are orthogonal in units of the noise:
///
///     q(z|x) = p(z|x) = N(v·Wᵀ·Ψ⁻¹·(x − mean), diag v),   v = 1/(1 + diag(Wᵀ·Ψ⁻¹·W)),   Ψ = diag(s²)
///
/// State: `mean` `[n]`, `loadings` `[n, latent]` (W), `log_scale` `[n]`, or a scalar where all values have the
/// same noise.
struct LinearGaussian {
  private let mean: Tensor
  private let loadings: Tensor
  /// Of each value, `[n]`.
  private let logScale: Tensor
  private let image: Shape

  /// Before a model is fitted: no loadings, the data's mean, and the least noise.
  init(latent: Int, hasOneScale: Bool, minScale: Float, in scope: Scope) {
    image = scope.data.image
    let start = Float(RepeatableMath.log(Double(minScale)))
    mean = scope.state("mean", [image.count], .values(scope.data.pixelMean))
    loadings = scope.state("loadings", [image.count, latent], .zeros)
    let scale = scope.state(
      "log_scale", hasOneScale ? .scalar : [image.count], .constant(start))
    logScale = hasOneScale ? scope.graph.constant(0, [image.count]) + scale : scale
  }

  /// p(z|x) of images, `[batch] + image`.
  func posterior(of images: Tensor) -> DiagonalGaussian {
    let scaled = loadings.scaledRows(by: exp(-logScale))
    let logVariance = -log1p(square(scaled).sumOverBatch())
    let deviations = (images.flattened() - mean) * exp(-logScale)
    let means = matmul(deviations, scaled) * exp(logVariance)
    return DiagonalGaussian(
      mean: means, logVariance: means.graph.constant(0, means.shape) + logVariance)
  }

  /// Locations, and behind them the logarithms of the noise: `[rows, 2·channels, height, width]`.
  func decode(_ latents: Tensor) -> Tensor {
    let location = matmul(latents, loadings, transposeB: true) + mean
    let rows = location.shape[0]
    let scales = location.graph.constant(0, location.shape) + logScale
    let shape: Shape = [rows, image[0], image[1], image[2]]
    return concatenate(location.reshaped(shape), scales.reshaped(shape))
  }

  /// −log p(x) of each image, exactly: −log p(x|z) − log p(z) + log p(z|x), which is the same at every z, and
  /// taken at the posterior's mean.
  static func negativeLogDensity(
    _ negativeLogLikelihood: Tensor, _ posterior: DiagonalGaussian
  ) -> Tensor {
    negativeLogLikelihood - gaussianLogDensity(posterior.mean)
      + gaussianLogDensity(
        posterior.mean, mean: posterior.mean, logVariance: posterior.logVariance)
  }

  /// Gaussian pixels, with a scale for each from the decoder as it is.
  static func parts(latent: Int, minScale: Float) -> AutoencoderParts {
    var parts = AutoencoderParts()
    var likelihood = Gaussian(.perPixel)
    likelihood.settings.initialScale = 1
    likelihood.settings.minScale = min(minScale, 1)
    parts.latent = latent
    parts.likelihood = likelihood
    parts.encoder = MLP(hidden: [])
    parts.decoder = MLP(hidden: [])
    parts.condition = NoCondition()
    return parts
  }
}

/// What is fitted, in Double.
struct FittedLinearGaussian {
  var mean: [Double]
  /// `[n, latent]`, with orthogonal columns in units of the noise.
  var loadings: [Double]
  /// σ² of each value, or of all.
  var variances: [Double]
  var latent: Int

  /// - Parameter path: Under which the state is.
  func arrays(under path: String) -> FittedArrays {
    let scales = variances.map { Float(0.5 * RepeatableMath.log($0)) }
    return FittedArrays([
      .init(path + ".mean", [mean.count], mean.map { Float($0) }),
      .init(path + ".loadings", [mean.count, latent], loadings.map { Float($0) }),
      .init(path + ".log_scale", scales.count == 1 ? [] : [scales.count], scales),
    ])
  }
}

/// The loss and the encoding that the two fitted linear models share.
protocol LinearGaussianModel: FittedModel {
  var latent: Int { get }
  var minScale: Float { get }
  /// Whether all values have the same noise.
  static var hasOneScale: Bool { get }
}

extension LinearGaussianModel {
  /// Under which the state is.
  static var place: String { "linear" }
  /// Values of the largest image that is fitted to: its covariance takes 128 MB, and its eigenvectors minutes.
  static var widest: Int { 4096 }

  public var parts: AutoencoderParts { LinearGaussian.parts(latent: latent, minScale: minScale) }

  public var takesMissing: Bool { false }

  public func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    try linear(in: scope).posterior(of: batch.examples)
  }

  public func prior(for batch: Batch, space: LatentSpace, in scope: Scope) -> (any Distribution)? {
    StandardNormal(space)
  }

  public func decode(_ latents: Tensor, given batch: Batch, in scope: Scope) throws(BuildProblem)
    -> Tensor
  { try linear(in: scope).decode(latents) }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let linear = try linear(in: scope)
    let posterior = linear.posterior(of: batch.examples)
    let decoded = linear.decode(posterior.mean)
    let total = LinearGaussian.negativeLogDensity(
      parts.negativeLogLikelihood(decoded, of: batch, in: scope), posterior
    ).mean()
    let perDimension = gaussianKL(mean: posterior.mean, logVariance: posterior.logVariance)
      .meanOverBatch()
    let kl = perDimension.sum()
    return LossTerms(
      total: total, reconstruction: total - kl, kl: kl, klPerDimension: perDimension,
      decoded: decoded)
  }

  private func linear(in scope: Scope) throws(BuildProblem) -> LinearGaussian {
    let width = scope.data.image.count
    guard latent < width else {
      throw BuildProblem(
        "\(latent) latent dimensions leave no noise in images of \(width) values",
        help: "use fewer than \(width)", at: ["latent"])
    }
    guard width <= Self.widest else {
      throw BuildProblem(
        "a covariance of images with \(width) values would have \(width)² numbers",
        help:
          "use images of at most \(Self.widest) values, or vae with a linear encoder and decoder",
        at: ["latent"])
    }
    return scope.graph.within(Self.place) {
      LinearGaussian(
        latent: latent, hasOneScale: Self.hasOneScale, minScale: minScale,
        in: scope.child(Self.place))
    }
  }
}
