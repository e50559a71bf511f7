import ExptComponents
import ExptTensor

/// Factor analysis: the best linear decoder with normal noise, of its own for each value, by EM.
///
///     x = W·z + mean + s·ε,   z, ε ~ N(0, I),   so p(x) = N(mean, W·Wᵀ + Ψ),   Ψ = diag(s²)
///
/// EM begins at `ppca` and works on the covariance S of the training images alone:
///
///     B = (I + Wᵀ·Ψ⁻¹·W)⁻¹·Wᵀ·Ψ⁻¹,   C = I − B·W + B·S·Bᵀ,   W ← S·Bᵀ·C⁻¹,   Ψ ← diag(S − W·B·S)
///
/// until a step gains less than `tolerance`, in nats per image. W is then turned so that its columns are
/// orthogonal in units of the noise, the most telling first, which changes no density. No s is below `min_scale`:
/// values that are constant would have an infinite density.
///
/// It is a baseline for `vae` with a linear decoder and the likelihood `gaussian`; `loss` is −log p(x) itself, not
/// a bound. It is fitted before the first step; the epochs only measure it, and one is enough.
///
/// Units: nats per image. `reconstruction` is E[−log p(x|z)] under the exact posterior, and `kl` its KL.
///
/// Parameters (state): `linear.mean` `[n]`, `linear.loadings` `[n, latent]`, `linear.log_scale` `[n]`.
///
/// Source: Rubin & Thayer, "EM algorithms for ML factor analysis", Psychometrika 47, 1982; Ghahramani &
/// Hinton, "The EM Algorithm for Mixtures of Factor Analyzers", 1996, section 2.
public struct FactorAnalysis: LinearGaussianModel {
  public static let id = "factor_analysis"
  public static let summary = "Factor analysis: the best linear decoder with noise for each value."
  public static let exampleSettings = "{ latent: 3, iterations: 4, tolerance: 0.001 }"
  static let hasOneScale = false

  @Setting("Number of latent dimensions.", .within(1...65536)) public var latent: Int = 20
  @Setting("Lower bound of the noise's standard deviations.", .above(0))
  public var minScale: Float = 0.01
  @Setting("At most this many steps of EM.", .within(1...1_000_000)) public var iterations: Int =
    500
  @Setting("Stop once a step gains less than this, in nats per image.", .atLeast(0))
  public var tolerance: Double = 1e-4

  public init() {}

  public var formula: String? {
    "−log p(x),  p(x) = N(x; mean, W·Wᵀ + diag s²),  W: n × {k=latent}\n"
      + "x = W·z + mean + s·ε,  z, ε ~ N(0, I),  an s for each value,  n: values of an image\n"
      + "W and s by at most {T=iterations} steps of EM on the images' covariance,  s ≥ {s₀=min_scale}"
  }

  public func fit(_ images: FittingImages, pool: ThreadPool?) throws(FittingProblem) -> FittedArrays
  {
    let covariance = SampleCovariance(images.values, width: images.width, pool: pool)
    var fit = FactorFit(
      covariance, floor: Double(minScale),
      start: try PPCA.fitted(
        covariance, latent: latent, floor: Double(minScale), pool: pool))
    var before = -Double.infinity
    for _ in 0..<iterations {
      let likelihood = fit.step(pool)
      if likelihood - before < tolerance { break }
      before = likelihood
    }
    return fit.turned.arrays(under: Self.place)
  }
}
