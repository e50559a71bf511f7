import ExptBuiltins
import ExptComponents
import ExptInference
import ExptTesting
import Foundation
import Testing

@testable import ExptTraining

/// Evaluators of log p(x) and of the KL's terms, on a linear-Gaussian model whose p(x) is known.
@Suite("log p(x) of a linear-Gaussian model")
struct KnownDensityTests {
  private static let text = """
    name: linear
    seed: 4
    dataset: { type: test_points, count: 400, test: 40, validation: 0 }
    model:
      type: vae
      latent: 2
      likelihood: { type: gaussian, scale: 0.3 }
      encoder: { type: mlp, hidden: [] }
      decoder: { type: mlp, hidden: [] }
    optimizer: { type: adam, learning_rate: 0.02 }
    training: { epochs: 30, batch_size: 100 }
    outputs: { images_every: 0, summary: false }
    """

  /// log N(x; b, W·Wᵀ + s²·I) of each test image, in Double.
  private func exact(_ run: TestRun, _ pixels: [Float]) throws -> [Double] {
    let weights = try run.open(.last).network.weights
    func values(_ suffix: String) throws -> [Double] {
      let found = weights.filter { $0.name.hasPrefix("decoder.") && $0.name.hasSuffix(suffix) }
      return try #require(found.count == 1 ? found[0] : nil).values.map(Double.init)
    }
    let (w, b) = (try values("weight"), try values("bias"))
    let width = b.count
    var covariance = [[Double]](repeating: [Double](repeating: 0, count: width), count: width)
    for i in 0..<width {
      for j in 0..<width {
        covariance[i][j] = w[2 * i] * w[2 * j] + w[2 * i + 1] * w[2 * j + 1] + (i == j ? 0.09 : 0)
      }
    }
    // Gauss's elimination gives the determinant, and Σ⁻¹(x − b).
    return (0..<pixels.count / width).map { image in
      var (a, d) = (covariance, (0..<width).map { Double(pixels[image * width + $0]) - b[$0] })
      let start = d
      var logDeterminant = 0.0
      for k in 0..<width {
        logDeterminant += log(a[k][k])
        for row in k + 1..<max(width, k + 1) {
          let factor = a[row][k] / a[k][k]
          for column in k..<width { a[row][column] -= factor * a[k][column] }
          d[row] -= factor * d[k]
        }
      }
      for k in stride(from: width - 1, through: 0, by: -1) {
        for column in k + 1..<max(width, k + 1) { d[k] -= a[k][column] * d[column] }
        d[k] /= a[k][k]
      }
      let square = zip(start, d).reduce(0) { $0 + $1.0 * $1.1 }
      return -0.5 * (Double(width) * log(2 * .pi) + logDeterminant + square)
    }
  }

  private func subject(_ run: TestRun) throws -> TrainedSubject {
    let trained = try run.open(.last)
    let data = try trained.data(DataEnvironment(), warn: { _ in })
    return TrainedSubject(trained, try data.part(.test))
  }

  @Test func `AIS is the exact value, and its two directions meet`() throws {
    let run = try TestRun(Self.text)
    let subject = try subject(run)
    guard case .floats(let pixels) = subject.images.pixels else { return }
    let expected = -(try exact(run, pixels)).reduce(0, +) / 40
    let evaluator = try TestRun.catalog.make(
      .evaluator, "{ type: ais, images: 40, chains: 8, temperatures: 200, simulated: 20 }")
    let score = try evaluator.score(of: subject)
    func value(_ name: String) throws -> Double {
      try #require(score.numbers.first { $0.name == name }).value
    }
    #expect(abs(try value("ais") - expected) < 0.03, "\(score.numbers), exact \(expected)")
    #expect(abs(try value("ais_gap")) < 0.04, "\(score.numbers)")
    // Importance weighting by the posterior, the same.
    let weighted = try #require(
      subject.likelihood(samples: 2000, seed: 1).variational?.importanceWeightedNLL.mean)
    #expect(abs(weighted - expected) < 0.03, "\(weighted), exact \(expected)")
  }

  /// Without moves a chain is plain importance sampling from the prior, which is far off.
  @Test func `too few temperatures leave a gap`() throws {
    let subject = try subject(try TestRun(Self.text))
    let evaluator = try TestRun.catalog.make(
      .evaluator, "{ type: ais, images: 20, chains: 2, temperatures: 2, simulated: 20 }")
    let gap = try #require(
      try evaluator.score(of: subject).numbers.first { $0.name == "ais_gap" }?.value)
    #expect(gap > 0.05, "\(gap)")
  }

  @Test func `the terms add up to the KL, and information is at most log N`() throws {
    let subject = try subject(try TestRun(Self.text))
    let score = try TestRun.catalog.make(.evaluator, "{ type: elbo_terms, samples: 300 }")
      .score(of: subject)
    func value(_ name: String) throws -> Double {
      try #require(score.numbers.first { $0.name == name }).value
    }
    let sum =
      try value("mutual_information") + value("total_correlation")
      + value("dimension_wise_kl")
    #expect(abs(sum - (try value("kl"))) < 1e-9)
    let closed = try #require(subject.likelihood(samples: 1, seed: 0).variational?.kl.mean)
    #expect(abs(try value("kl") - closed) < 0.05 * closed, "\(score.numbers), closed \(closed)")
    #expect(try (0...log(40) + 1e-6).contains(value("mutual_information")))
    #expect(try value("total_correlation") > -1e-6)
  }
}
