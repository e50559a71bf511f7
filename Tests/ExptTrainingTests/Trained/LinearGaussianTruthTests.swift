import ExptComponents
import ExptFiles
import ExptRunFolder
import ExptTensor
import Foundation
import Testing

@testable import ExptTraining

/// Rows of eight numbers from a linear-Gaussian model of two latents:
///
///     x = W·z + b + ψ^½·ε
struct LinearRows: Dataset {
  static let id = "linear_rows"
  static let summary = "Rows of a linear-Gaussian model."
  static let width = 8

  @Group var split = SplitSettings()
  @Setting("Whether each number has noise of its own size.") var uneven = false
  @Setting("Rows.", .atLeast(10)) var count: Int = 4000

  func imageShape(_ environment: DataEnvironment) -> Shape { [1, 1, Self.width] }

  func load(_ environment: DataEnvironment) -> LoadedData {
    LoadedData(train: rows(count, part: 0), test: rows(200, part: 1))
  }

  private func rows(_ count: Int, part: UInt64) -> ImageSet {
    func normal(_ count: Int, _ stream: String) -> [Float] {
      [Float](unsafeUninitializedCapacity: count) { memory, filled in
        Random.fillNormal(
          UnsafeMutableBufferPointer(rebasing: memory[..<count]), seed: 11 + part,
          stream: Random.stream(stream))
        filled = count
      }
    }
    let (latents, noise) = (normal(2 * count, "z"), normal(Self.width * count, "noise"))
    let weights: [Float] = [
      1.2, 0.3, -0.8, 0.5, 0.4, -1.1, 0.9, 0.2, -0.3, 0.8, 0.1, 0.7, -0.6, -0.4, 0.5, 1,
    ]
    let deviations: [Float] =
      uneven ? [0.3, 0.8, 0.5, 0.4, 1, 0.6, 0.35, 0.7] : Array(repeating: 0.5, count: 8)
    let values = (0..<count).flatMap { row in
      (0..<Self.width).map { column -> Float in
        let mean =
          weights[2 * column] * latents[2 * row] + weights[2 * column + 1] * latents[2 * row + 1]
        return mean + 0.25 * Float(column) + deviations[column] * noise[row * Self.width + column]
      }
    }
    return ImageSet(shape: [1, 1, Self.width], count: count, pixels: .floats(values))
  }
}

/// A Gaussian with a learned scale for each number of a row.
struct FeatureGaussian: Likelihood {
  static let id = "feature_gaussian"
  static let summary = "A Gaussian with a learned scale for each number."

  var parametersPerPixel: Int { 1 }

  func negativeLogLikelihood(_ parameters: Tensor, images: Tensor, in scope: Scope) -> Tensor {
    let scales = scope.parameter("log_scale", parameters.shape.withoutBatch, .constant(-0.7))
    return gaussianNLL(mean: parameters, targets: images, logScale: parameters * 0 + scales)
  }

  func mean(_ parameters: Tensor, in scope: Scope) -> Tensor { parameters }
  func location(forMean mean: Float) -> Float { mean }
}

/// Models that are linear-Gaussian through and through come to what the closed forms say.
@Suite("Linear-Gaussian truth")
struct LinearGaussianTruthTests {
  private static let width = LinearRows.width

  private func experiment(_ model: String, uneven: Bool) -> String {
    """
    name: linear
    seed: 2
    dataset: { type: linear_rows, uneven: \(uneven) }
    model:
      type: vae
      latent: 2
      samples: 4
      encoder: { type: mlp, hidden: [] }
      decoder: { type: mlp, hidden: [] }
      \(model)
    optimizer: { type: adam, learning_rate: 0.06, schedule: cosine }
    training: { epochs: 80, batch_size: 50 }
    outputs: { images_every: 0, checkpoint_every: 0, summary: false }
    """
  }

  /// A trained model's weights in Double.
  private struct Weights {
    var encoder: DoubleMatrix
    var encoderBias: [Double]
    var decoder: DoubleMatrix
    var decoderBias: [Double]
    /// log s of each number.
    var logScales: [Double]

    init(_ run: TrainedRun) throws {
      func values(_ name: String) throws -> [Float] {
        try #require(run.network.weights.first { $0.name == name }?.values, "\(name)")
      }
      encoder = DoubleMatrix(try values("latent.weight"), columns: width)
      encoderBias = try values("latent.bias").map(Double.init)
      decoder = DoubleMatrix(try values("decoder.0.weight"), columns: 2)
      decoderBias = try values("decoder.0.bias").map(Double.init)
      let scales = try values("likelihood.log_scale").map(Double.init)
      logScales = scales.count == 1 ? Array(repeating: scales[0], count: width) : scales
    }

    /// The model's own covariance of x: W·Wᵀ + diag s².
    var covariance: DoubleMatrix {
      decoder * decoder.transposed + .diagonal(logScales.map { exp(2 * $0) })
    }

    /// The factor L of the posterior of a row, from the encoder's numbers behind the mean.
    private func factor(_ head: ArraySlice<Double>) -> DoubleMatrix {
      let h = Array(head)
      return h.count == 2
        ? .diagonal(h.map { exp($0 / 2) }) : DoubleMatrix([[exp(h[0]), 0], [h[1], exp(h[2])]])
    }

    /// E log p(x|z) − KL of a row, in closed form.
    func bound(_ x: [Double]) -> Double {
      let head = zip(encoder * x, encoderBias).map(+)
      let (mean, factor) = (Array(head[..<2]), factor(head[2...]))
      let covariance = factor * factor.transposed
      let spread = (decoder * covariance * decoder.transposed).diagonal
      let decoded = zip(decoder * mean, decoderBias).map(+)
      let reconstruction = x.indices.reduce(0.0) { sum, place in
        let distance = x[place] - decoded[place]
        let squares = (distance * distance + spread[place]) * exp(-2 * logScales[place])
        return sum - 0.5 * (log(2 * .pi) + 2 * logScales[place] + squares)
      }
      let trace = covariance.diagonal.reduce(0, +)
      let square = mean.reduce(0) { $0 + $1 * $1 }
      return reconstruction - 0.5 * (trace + square - 2)
        + factor.diagonal.reduce(0) { $0 + log($1) }
    }

    /// log p(x) of a row.
    func logDensity(_ x: [Double], _ inverse: DoubleMatrix, _ logDeterminant: Double) -> Double {
      let centred = zip(x, decoderBias).map(-)
      let square = zip(centred, inverse * centred).reduce(0) { $0 + $1.0 * $1.1 }
      return -0.5 * (Double(x.count) * log(2 * .pi) + logDeterminant + square)
    }
  }

  private func rows(_ run: TrainedRun, _ split: Split) throws -> [[Double]] {
    let part = try run.data(DataEnvironment(), warn: { _ in }).part(split)
    return DoubleMatrix(run.presented(part), columns: Self.width).rows
  }

  /// Compares the bound on the training rows with the greatest likelihood that there is, and what
  /// `evaluate` says of the test rows with the model's own exact likelihood of them.
  private func check(_ model: String, uneven: Bool, best: ([[Double]]) -> Double) throws {
    let run = try TestRun(experiment(model, uneven: uneven)).open(.last)
    let weights = try Weights(run)
    let data = try rows(run, .train)
    let bound = data.reduce(0) { $0 + weights.bound($1) } / Double(data.count)
    let greatest = best(data)
    #expect(bound < greatest + 1e-5, "no bound is above \(greatest): \(bound)")
    #expect(greatest - bound < 0.01, "\(bound), and \(greatest) can be had")

    let test = try rows(run, .test)
    let covariance = weights.covariance
    let (inverse, logDeterminant) = (covariance.inverse, covariance.logDeterminant)
    let exact =
      test.reduce(0) { $0 - weights.logDensity($1, inverse, logDeterminant) } / Double(test.count)
    let part = try run.data(DataEnvironment(), warn: { _ in }).part(.test)
    let seen = try #require(run.evaluate(part, samples: 100).variational)
    let error = try #require(seen.importanceWeightedNLL.standardError)
    #expect(abs(seen.importanceWeightedNLL.mean - exact) < min(error, 0.01))
    #expect(-seen.elbo.mean > exact - 0.01 && -seen.elbo.mean < exact + 0.02)
  }

  /// −½ (D ln 2π + Σⱼ ln λⱼ + (D − k) ln σ² + D), σ² the mean of the other eigenvalues.
  ///
  /// Source: Tipping & Bishop, "Probabilistic Principal Component Analysis", JRSS B 1999, equation 13.
  @Test func `a Gaussian posterior reaches probabilistic principal components`() throws {
    try check("likelihood: { type: gaussian, scale: shared, initial_scale: 0.7 }", uneven: false) {
      data in
      let values = DoubleMatrix.covariance(of: data).eigenvalues
      let noise = values[2...].reduce(0, +) / Double(values.count - 2)
      let width = Double(values.count)
      return -0.5
        * (width * log(2 * .pi) + log(values[0]) + log(values[1]) + (width - 2) * log(noise) + width)
    }
  }

  /// The likelihood that EM ends at.
  ///
  /// Source: Rubin & Thayer, "EM algorithms for ML factor analysis", Psychometrika 47, 1982.
  @Test func `a full Gaussian posterior reaches factor analysis`() throws {
    try check("posterior: full_gaussian\n  likelihood: feature_gaussian", uneven: true) { data in
      let covariance = DoubleMatrix.covariance(of: data)
      var loadings = DoubleMatrix((0..<Self.width).map { [cos(Double($0)), sin(Double($0))] })
      var noise = covariance.diagonal
      for _ in 0..<1500 {
        let model = loadings * loadings.transposed + .diagonal(noise)
        let regression = loadings.transposed * model.inverse
        let moments = regression * covariance
        let latent =
          DoubleMatrix.diagonal([1, 1]) + moments * regression.transposed
          + DoubleMatrix((regression * loadings).rows.map { $0.map { -$0 } })
        loadings = moments.transposed * latent.inverse
        noise = zip(covariance.diagonal, (loadings * moments).diagonal).map(-)
      }
      return covariance.meanLogLikelihood(under: loadings * loadings.transposed + .diagonal(noise))
    }
  }
}
