import ExptComponents
import ExptTensor

/// The Fréchet distance between images and samples as if both were normally distributed.
///
///     |μ − ν|² + tr(Σ + Ψ − 2 (ΣΨ)^{1/2})
///
/// FID is this in the features of one trained network; here it is in principal components of the images, or
/// in pixels, and so not comparable to published FIDs. For N(0, 1) and N(m, s²) it is m² + (s − 1)².
/// Covariances are divided by n − 1.
///
/// Source: Heusel et al., "GANs Trained by a Two Time-Scale Update Rule", NIPS 2017, equation 6.
public struct Frechet: Evaluator {
  public static let id = "frechet"
  public static let summary = "The Fréchet distance of images and samples taken for Gaussians."
  public static let direction = Direction.lowerIsBetter
  public static let needs: Set<EvaluationNeed> = [.prior]

  @Group public var settings = SampleSettings()

  public init() {}

  public func check(_ report: SettingsReport) {
    if settings.features == .pixels {
      report.warning(
        "the covariance of all pixels takes long and is not of full rank for few images",
        at: "features")
    }
  }

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let features = try SampleFeatures(subject, settings)
    let distance = Self.distance(
      features.real, features.made, width: features.width, pool: subject.pool)
    return Score([.init(Self.id, distance)], method: features.method)
  }

  static func distance(
    _ a: [Float], _ b: [Float], width: Int, pool: ThreadPool? = nil
  ) -> Double {
    let (first, second) = (Gaussian(a, width, pool), Gaussian(b, width, pool))
    let apart = zip(first.mean, second.mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    // (ΣΨ)^{1/2} has the trace of (S Ψ S)^{1/2}, S = Σ^{1/2}, which is symmetric.
    let root = first.root(pool)
    let middle = product(product(root, second.covariance, width), root, width)
    let overlap = SymmetricEigen(middle, width: width, pool: pool).values
      .reduce(0) { $0 + max(0, $1).squareRoot() }
    return max(0, apart + first.trace + second.trace - 2 * overlap)
  }

  private static func product(_ a: [Double], _ b: [Double], _ width: Int) -> [Double] {
    var result = [Double](repeating: 0, count: width * width)
    for row in 0..<width {
      for inner in 0..<width {
        let factor = a[row * width + inner]
        for column in 0..<width {
          result[row * width + column] += factor * b[inner * width + column]
        }
      }
    }
    return result
  }

  private struct Gaussian {
    let mean: [Double]
    let covariance: [Double]
    private let width: Int

    init(_ rows: [Float], _ width: Int, _ pool: ThreadPool?) {
      let sample = SampleCovariance(rows, width: width, pool: pool)
      let factor = Double(sample.count) / Double(max(1, sample.count - 1))
      (mean, covariance) = (sample.mean, sample.matrix.map { $0 * factor })
      self.width = width
    }

    var trace: Double { (0..<width).reduce(0) { $0 + covariance[$1 * width + $1] } }

    /// The symmetric square root of the covariance.
    func root(_ pool: ThreadPool?) -> [Double] {
      let eigen = SymmetricEigen(covariance, width: width, pool: pool)
      var root = [Double](repeating: 0, count: width * width)
      for (index, value) in eigen.values.enumerated() where value > 0 {
        let scale = value.squareRoot()
        for i in 0..<width {
          let left = scale * eigen.vectors[index * width + i]
          for j in 0..<width { root[i * width + j] += left * eigen.vectors[index * width + j] }
        }
      }
      return root
    }
  }
}
