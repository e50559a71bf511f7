import ExptComponents
import ExptFiles
import ExptTensor
import ExptTestSupport
import ExptTesting
import Foundation
import Testing

@testable import ExptBuiltins

@Suite("Fitted linear models")
struct LinearModelTests {
  private static let width = 8
  private static let count = 300

  /// Rows x = W·z + noise, of two or three factors.
  private static let rows: [Float] = {
    let loadings = TestNumbers.normal(width * 3, seed: 51)
    let factors = TestNumbers.normal(count * 3, seed: 52)
    let noise = TestNumbers.normal(count * width, seed: 53)
    return (0..<count * width).map { index in
      let (row, column) = (index / width, index % width)
      let signal = (0..<3).reduce(Float(0)) {
        $0 + loadings[column * 3 + $1] * factors[row * 3 + $1]
      }
      return signal + noise[index] * (0.3 + 0.1 * Float(column)) + Float(column) / 4
    }
  }()

  private static let images = FittingImages(shape: [1, 1, 8], values: rows)

  private func fit(_ text: String, threads: Int = 1) throws -> FittedArrays {
    let model = try #require(builtins.make(.model, text) as? any FittedModel)
    return try model.fit(Self.images, pool: ThreadPool(threads: threads))
  }

  /// −log p(x), the mean over the rows, as training computes it.
  private func loss(_ text: String, _ fitted: FittedArrays) throws -> ModelRun {
    try ModelRun(
      builtins.make(.model, text),
      set: Dictionary(uniqueKeysWithValues: fitted.arrays.map { ($0.name, $0.values) }),
      images: Self.rows, image: [1, 1, 8])
  }

  @Test(arguments: [1, 2, 5, 30])
  func `eigenvectors are orthonormal and give the matrix back`(_ width: Int) {
    let drawn = TestNumbers.normal(width * width, seed: 9).map(Double.init)
    var matrix = [Double](repeating: 0, count: width * width)
    for row in 0..<width {
      for column in 0..<width {
        for place in 0..<max(1, width / 2) {  // a matrix of lesser rank, with equal eigenvalues 0
          matrix[row * width + column] += drawn[row * width + place] * drawn[column * width + place]
        }
      }
    }
    let eigen = SymmetricEigen(matrix, width: width)
    #expect(eigen.values == eigen.values.sorted(by: >))
    for row in 0..<width {
      for column in 0..<width {
        var (back, product) = (0.0, 0.0)
        for place in 0..<width {
          back +=
            eigen.values[place] * eigen.vectors[place * width + row]
            * eigen.vectors[place * width + column]
          product += eigen.vectors[row * width + place] * eigen.vectors[column * width + place]
        }
        #expect(abs(back - matrix[row * width + column]) < 1e-11 * Double(width * width))
        #expect(abs(product - (row == column ? 1 : 0)) < 1e-12 * Double(width))
      }
    }
  }

  /// ½ (n·log 2π + Σ log λⱼ + (n − k)·log σ² + n), on average over the rows that it is fitted to.
  @Test(arguments: [1, 3, 7]) func `ppca has its closed form for a loss`(_ latent: Int) throws {
    let text = "{ type: ppca, latent: \(latent) }"
    let values = SymmetricEigen(
      SampleCovariance(Self.images.values, width: Self.width, pool: nil).matrix,
      width: Self.width
    ).values
    let rest = values.dropFirst(latent)
    let variance = rest.reduce(0, +) / Double(rest.count)
    let n = Double(Self.width)
    let expected =
      0.5
      * (n * log(2 * Double.pi) + values.prefix(latent).reduce(0) { $0 + log($1) }
        + Double(rest.count) * log(variance) + n)
    let run = try loss(text, fit(text))
    #expect(abs(run["total"] - expected) < 1e-5 * expected, "\(run["total"]) \(expected)")
    #expect(run["kl"] > 0 && abs(run["reconstruction"] + run["kl"] - run["total"]) < 1e-5)
  }

  @Test(.needs(.scikitLearn)) func `scikit-learn finds the same densities`() throws {
    let folder = TemporaryFolder()
    try NPYArray(shape: [Self.count, Self.width], floats: Self.rows).write(
      to: folder.file("rows.npy"))
    let printed = try Python.run(
      """
      import sys, numpy as np
      from sklearn.decomposition import PCA, FactorAnalysis
      x = np.load(sys.argv[1]).astype(np.float64)
      # scikit-learn's PCA divides by n - 1 where the likelihood is greatest with n.
      pca = PCA(3, svd_solver="full").fit(x)
      print(-pca.score(x))
      fa = FactorAnalysis(3, svd_method="lapack", tol=1e-12, max_iter=100000).fit(x)
      print(-fa.score(x))
      print(*fa.noise_variance_)
      """, [folder.file("rows.npy")]
    ).split(separator: "\n").map { $0.split(separator: " ").compactMap { Double($0) } }
    let ppca = "{ type: ppca, latent: 3 }"
    let own = try loss(ppca, fit(ppca))["total"]
    // The score of a covariance that is n/(n − 1) times as large is worse by a little that is known.
    let scale = Double(Self.count) / Double(Self.count - 1)
    let correction = 0.5 * Double(Self.width) * (log(scale) + 1 / scale - 1)
    #expect(abs(own + correction - printed[0][0]) < 1e-5 * printed[0][0], "\(own) \(printed[0])")
    let factors = "{ type: factor_analysis, latent: 3, iterations: 100000, tolerance: 1.0e-13 }"
    let fitted = try fit(factors)
    let density = try loss(factors, fitted)["total"]
    #expect(abs(density - printed[1][0]) < 1e-5 * printed[1][0], "\(density) \(printed[1])")
    let scales = try fitted.values("linear.log_scale", [Self.width])
    for (scale, variance) in zip(scales, printed[2]) {
      #expect(abs(exp(2 * Double(scale)) - variance) < 1e-3 * variance)
    }
  }

  @Test func `more steps of EM never lower the likelihood`() throws {
    var before = Double.infinity
    for steps in [1, 2, 5, 20, 100] {
      let text = "{ type: factor_analysis, latent: 2, iterations: \(steps), tolerance: 0 }"
      let loss = try loss(text, fit(text))["total"]
      #expect(loss <= before + 1e-6, "\(steps) steps: \(loss) after \(before)")
      before = loss
    }
  }

  @Test(arguments: ["ppca", "factor_analysis"])
  func `is the same on any number of threads`(_ type: String) throws {
    let text = "{ type: \(type), latent: 3 }"
    #expect(try fit(text, threads: 1) == fit(text, threads: 3))
  }

  @Test func `what cannot be fitted is said`() throws {
    let model = try #require(builtins.make(.model, "{ type: ppca, latent: 2 }") as? any FittedModel)
    #expect(throws: FittingProblem.self) {
      try model.fit(FittingImages(shape: [1, 1, 8], values: Array(Self.rows.prefix(8))), pool: nil)
    }
    let wide = try builtins.make(.model, "{ type: ppca, latent: 8 }")
    let problem = #expect(throws: BuildProblem.self) {
      try ModelRun(wide, images: Self.rows, image: [1, 1, 8])
    }
    #expect(problem?.path == ["latent"])
  }
}
