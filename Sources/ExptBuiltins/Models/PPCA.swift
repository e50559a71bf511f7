import ExptComponents
import ExptTensor

/// Probabilistic principal component analysis: the best linear decoder with normal noise, the same for all
/// values, from a formula.
///
///     x = W·z + mean + σ·ε,   z, ε ~ N(0, I),   so p(x) = N(mean, W·Wᵀ + σ²·I)
///     W = U·(Λ − σ²·I)^½,   σ² = mean of the other eigenvalues
///
/// U and Λ are the `latent` first eigenvectors and eigenvalues of the training images' covariance. No σ is below
/// `min_scale`: images whose values are constant would have an infinite density.
///
/// It is a baseline for `vae` with a linear decoder and a Gaussian likelihood, whose best ELBO this is: `loss` is
/// −log p(x) itself, not a bound. It is fitted before the first step; the epochs only measure it, and one is
/// enough. On the images that it is fitted to, with λ the eigenvalues of all n:
///
///     −log p(x) = ½ (n·log 2π + Σ_{j ≤ k} log λⱼ + (n − k)·log σ² + n)       on average
///
/// Units: nats per image. `reconstruction` is E[−log p(x|z)] under the exact posterior, and `kl` its KL.
///
/// Parameters (state): `linear.mean` `[n]`, `linear.loadings` `[n, latent]`, `linear.log_scale`.
///
/// Source: Tipping & Bishop, "Probabilistic Principal Component Analysis", JRSS B 61, 1999, equations 7 and 8.
public struct PPCA: LinearGaussianModel {
  public static let id = "ppca"
  public static let summary = "Probabilistic PCA: the best linear decoder, from a formula."
  public static let exampleSettings = "{ latent: 3 }"
  static let hasOneScale = true

  @Setting("Number of latent dimensions.", .within(1...65536)) public var latent: Int = 20
  @Setting("Lower bound of the noise's standard deviation.", .above(0))
  public var minScale: Float = 0.001

  public init() {}

  public var formula: String? {
    "−log p(x),  p(x) = N(x; mean, W·Wᵀ + σ²·I),  W: n × {k=latent}\n"
      + "x = W·z + mean + σ·ε,  z, ε ~ N(0, I),  a single σ,  n: values of an image\n"
      + "in closed form:  W = U·(Λ − σ²·I)^½ of the {k=latent} first eigenvectors U and eigenvalues Λ of the "
      + "images' covariance,  σ² = mean of the other eigenvalues,  σ ≥ {σ₀=min_scale}"
  }

  public func fit(_ images: FittingImages, pool: ThreadPool?) throws(FittingProblem) -> FittedArrays
  {
    try Self.fitted(
      SampleCovariance(images.values, width: images.width, pool: pool), latent: latent,
      floor: Double(minScale), pool: pool
    ).arrays(under: Self.place)
  }

  /// - Parameter floor: Of σ.
  static func fitted(
    _ covariance: SampleCovariance, latent: Int, floor: Double, pool: ThreadPool?
  ) throws(FittingProblem) -> FittedLinearGaussian {
    guard covariance.count > 1 else {
      throw FittingProblem("a covariance needs at least two images, and there is one")
    }
    let width = covariance.width
    let eigen = SymmetricEigen(covariance.matrix, width: width, pool: pool)
    var rest = 0.0
    for value in eigen.values.dropFirst(latent) { rest += max(0, value) }
    let variance = max(rest / Double(width - latent), floor * floor)
    var loadings = [Double](repeating: 0, count: width * latent)
    for column in 0..<latent {
      let length = max(0, eigen.values[column] - variance).squareRoot()
      for (row, value) in eigen.vector(column).enumerated() {
        loadings[row * latent + column] = value * length
      }
    }
    return FittedLinearGaussian(
      mean: covariance.mean, loadings: loadings, variances: [variance], latent: latent)
  }
}
