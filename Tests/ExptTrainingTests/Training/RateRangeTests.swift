import ExptComponents
import ExptDocument
import ExptTestSupport
import Foundation
import Testing

@testable import ExptTraining

@Suite("The range test of learning rates")
struct RateRangeTests {
  private func file(_ model: String = "type: ae", optimizer: String, batch: Int = 40) throws
    -> ExperimentFile
  {
    try ExperimentFile(
      Document.parse(
        """
        dataset: { type: test_points, count: 40, validation: 0 }
        model: { \(model), latent: 2, encoder: { type: mlp, hidden: [5] } }
        optimizer: \(optimizer)
        training: { batch_size: \(batch), shuffle: false, epochs: 6 }
        outputs: { images_every: 0, summary: false }
        """, file: "e.yaml"), name: "e", catalog: TestRun.catalog)
  }

  private func range(
    _ file: ExperimentFile, _ change: (inout RateRangeTest) -> Void = { _ in }
  ) throws -> RateRange {
    let (trainer, _) = try RunSession.prepare(
      file,
      RunSession.Options(
        threads: 1, environment: DataEnvironment(),
        versions: .init(expt: "test", swift: "test")))
    var test = RateRangeTest()
    change(&test)
    return try test.run(trainer)
  }

  /// A range so narrow that it is one rate: the losses are those of an ordinary run, a step an epoch,
  /// whatever schedule that has.
  @Test func `takes the steps of training`() throws {
    let seen = try range(
      file(optimizer: "{ type: adam, learning_rate: 3, schedule: cosine, warmup_epochs: 4 }")
    ) { ($0.from, $0.to, $0.steps) = (0.01, 0.01 * (1 + 1e-13), 6) }
    let run = try TestRun(
      """
      name: e
      dataset: { type: test_points, count: 40, validation: 0 }
      model: { type: ae, latent: 2, encoder: { type: mlp, hidden: [5] } }
      optimizer: { type: adam, learning_rate: 0.01 }
      training: { batch_size: 40, shuffle: false, epochs: 6 }
      outputs: { images_every: 0, summary: false }
      """)
    let expected = try run.column("train_loss")
    #expect(seen.points.count == 6 && seen.end == .finished)
    for (point, loss) in zip(seen.points, expected) {
      #expect(abs(point.loss - loss) < 1e-6 * abs(loss))
    }
    // Σ (1 − β)·β^(n−i)·loss_i / (1 − βⁿ), β = 0.9.
    let shares = (0..<6).map { 0.1 * pow(0.9, Double(5 - $0)) / (1 - pow(0.9, 6)) }
    let smoothed = zip(shares, expected).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(try #require(seen.points.last).smoothed - smoothed) < 1e-5 * abs(smoothed))
  }

  @Test func `rises by one factor, ends at divergence and suggests a tenth of the lowest`() throws {
    let seen = try range(
      file("type: ae, likelihood: { type: gaussian, scale: 0.1 }", optimizer: "sgd", batch: 8)
    ) { ($0.from, $0.to, $0.steps) = (1e-6, 100, 120) }
    #expect(seen.end == .diverged && seen.points.count < 120)
    let factors = zip(seen.points, seen.points.dropFirst()).map { $1.rate / $0.rate }
    let expected = pow(1e8, 1.0 / 119)
    #expect(factors.allSatisfy { abs($0 - expected) < 1e-9 })
    let lowest = try #require(seen.lowest)
    #expect(seen.suggestion == lowest.rate / 10)
    #expect(lowest.smoothed < seen.points[0].smoothed)
    #expect(try #require(seen.steepest).rate <= lowest.rate)
    // At the suggested rate training goes well.
    #expect(lowest.rate > 1e-5 && lowest.rate < 10)
  }

  private func made(_ losses: [Double]) -> RateRange {
    var range = RateRange()
    range.points = losses.enumerated().map {
      RateRange.Point(rate: pow(10, Double($0) - 6), loss: $1, smoothed: $1)
    }
    return range
  }

  @Test func `a loss that rose too far is told from one that may fall again`() {
    #expect(!made([500, 400, 200, 800]).hasRisenTooFar)
    #expect(made([500, 400, 200, 801]).hasRisenTooFar)
    #expect(!made([500, 900]).hasRisenTooFar && made([500, 1001]).hasRisenTooFar)
    // Densities may make losses negative.
    #expect(!made([-100, -500, 200]).hasRisenTooFar && made([-100, -500, 301]).hasRisenTooFar)
    #expect(!made([]).hasRisenTooFar)
  }

  @Test func `where the loss never fell nothing is suggested`() throws {
    #expect(made([5, 6, 7]).suggestion == nil && made([5, 6, 7]).steepest == nil)
    #expect(made([]).suggestion == nil)
    let valley = made([9, 8.9, 8.8, 8, 5, 4.8, 4.7, 4.6, 4.5, 9])
    #expect(abs(valley.suggestion ?? 0) == 1e2 / 10)
    // It falls from 8 to 5 between the fourth and the fifth point.
    #expect(valley.points[3...5].map(\.rate).contains(try #require(valley.steepest).rate))
  }

  /// β is 0 at first: with it there the KL would not count.
  @Test func `weights of the objective stand at their targets`() throws {
    let vae = "type: vae, beta: { type: linear, from: 0, to: 3, epochs: 100 }"
    let moving = try range(file(vae, optimizer: "adam")) { $0.steps = 10 }
    let fixed = try range(file("type: vae, beta: 3", optimizer: "adam")) { $0.steps = 10 }
    #expect(moving.points == fixed.points)
  }
}
