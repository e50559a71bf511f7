import ExptFiles
import ExptTestSupport
import Testing

@testable import ExptTraining

/// A small autoencoder on 2×2 images, without noise and in a fixed order: what it does can be
/// worked out.
private func experiment(
  images: Int = 40, validation: Int = 0, training: String, model: String = "type: ae",
  optimizer: String = "{ type: sgd, learning_rate: 0.05 }"
) -> String {
  """
  name: small
  dataset: { type: test_points, count: \(images), validation: \(validation) }
  model: { \(model), latent: 2, encoder: { type: mlp, hidden: [5] } }
  optimizer: \(optimizer)
  training: { shuffle: false, \(training) }
  outputs: { images_every: 0, summary: false }
  """
}

/// The largest difference between two lists of weights.
private func distance(_ a: [Float], _ b: [Float]) throws -> Float {
  try #require(a.count == b.count && !a.isEmpty)
  return zip(a, b).map { abs($0 - $1) }.max() ?? .nan
}

@Suite("Early stopping")
struct EarlyStoppingTests {
  /// A step this small changes no weight, so that every epoch has the loss of the first.
  private static let still = "{ type: sgd, learning_rate: 1.0e-30 }"

  private func train(_ experiment: String) throws -> (run: TestRun, ending: Trainer.Ending) {
    let (run, session) = try TestRun.starting(experiment)
    return (run, try session.train())
  }

  @Test(arguments: [0, 16], [1, 3])
  func `comes its patience after the best epoch`(validation: Int, patience: Int) throws {
    let (run, ending) = try train(
      experiment(
        validation: validation, training: "epochs: 9, batch_size: 8, early_stopping: \(patience)",
        optimizer: Self.still))
    guard case .finished(stoppedEarly: true) = ending else {
      Issue.record("it ended as \(ending)")
      return
    }
    #expect(try run.column("epoch") == (0...patience).map { Double($0 + 1) })
    #expect(try Set(run.column("train_loss")).count == 1)
  }

  @Test func `does not come without being asked for, nor while the loss falls`() throws {
    for (training, optimizer) in [
      ("", Self.still), (", early_stopping: 1", "{ type: sgd, learning_rate: 0.05 }"),
    ] {
      let (run, ending) = try train(
        experiment(training: "epochs: 5, batch_size: 8\(training)", optimizer: optimizer))
      guard case .finished(stoppedEarly: false) = ending else {
        Issue.record("it ended as \(ending)")
        return
      }
      #expect(try run.column("epoch").count == 5)
    }
  }

  /// Loss and patience are the same; what counts as better is set just above and just below what
  /// the second epoch gains.
  @Test func `takes for better what is better by the minimum improvement`() throws {
    func losses(_ more: String) throws -> [Double] {
      try TestRun(experiment(training: "epochs: 5, batch_size: 8\(more)")).column("train_loss")
    }
    let whole = try losses("")
    let gains = zip(whole, whole.dropFirst()).map { $0 - $1 }
    try #require(gains.allSatisfy { $0 > 0 })
    let stopped = try losses(", early_stopping: 1, minimum_improvement: \(gains[0] * 1.001)")
    #expect(stopped == Array(whole.prefix(2)))
    let least = try #require(gains.min())
    #expect(try losses(", early_stopping: 1, minimum_improvement: \(least * 0.999)") == whole)
  }

  /// Each epoch gains less than is asked for, but the second and third together more: counted from
  /// the best epoch, the third is better, and a patience of 2 is not used up.
  @Test func `counts small improvements together`() throws {
    func losses(_ more: String) throws -> [Double] {
      try TestRun(experiment(training: "epochs: 4, batch_size: 8\(more)")).column("train_loss")
    }
    let whole = try losses("")
    let gains = zip(whole, whole.dropFirst()).map { $0 - $1 }
    let least = 1.001 * (gains.max() ?? .nan)
    try #require(gains[0] + gains[1] > least)
    let minimum = "minimum_improvement: \(least)"
    #expect(try losses(", early_stopping: 2, \(minimum)") == whole)
    #expect(try losses(", early_stopping: 1, \(minimum)") == Array(whole.prefix(2)))
  }
}

@Suite("The batches of a step")
struct StepTests {
  private func run(_ training: String, images: Int = 40) throws -> TestRun {
    try TestRun(experiment(images: images, training: "epochs: 3, \(training)"))
  }

  /// 40 images are 2 batches of 16 and a rest of 8.
  @Test func `drop_last trains as if the images of the rest were not there`() throws {
    let dropping = try run("batch_size: 16, drop_last: true")
    let without = try run("batch_size: 16", images: 32)
    let keeping = try run("batch_size: 16")
    #expect(try dropping.column("step") == [2, 4, 6])
    #expect(try keeping.column("step") == [3, 6, 9])
    #expect(try dropping.column("train_loss") == without.column("train_loss"))
    #expect(try dropping.weights() == without.weights())
    #expect(try distance(dropping.weights(), keeping.weights()) > 1e-4)
  }

  @Test func `drop_last keeps a batch that is the only one`() throws {
    let dropping = try run("batch_size: 16, drop_last: true", images: 10)
    #expect(try dropping.column("step") == [1, 2, 3])
    #expect(try dropping.weights() == run("batch_size: 16", images: 10).weights())
  }

  /// The mean over two batches of 8 is the mean over one of 16, also where the last step has one
  /// batch only (36 images: 8 + 8, 8 + 8, 4) or two of different sizes (28 images: 8 + 8, 8 + 4).
  @Test(arguments: [(40, 3), (36, 3), (28, 2), (32, 2)])
  func `two batches accumulated are one of twice the size`(images: Int, steps: Int) throws {
    let halves = try run("batch_size: 8, accumulate: 2", images: images)
    let whole = try run("batch_size: 16", images: images)
    let wanted = (1...3).map { Double($0 * steps) }
    #expect(try halves.column("step") == wanted)
    #expect(try whole.column("step") == wanted)
    #expect(try distance(halves.weights(), whole.weights()) < 1e-6)
    let losses = try zip(halves.column("train_loss"), whole.column("train_loss"))
    #expect(losses.allSatisfy { abs($0 - $1) < 1e-5 * abs($1) })
    let apart = try run("batch_size: 8", images: images)
    #expect(try distance(apart.weights(), whole.weights()) > 1e-4)
  }

  @Test func `more batches are accumulated than an epoch has: it is one step`() throws {
    let all = try run("batch_size: 8, accumulate: 100")
    #expect(try all.column("step") == [1, 2, 3])
    #expect(try distance(all.weights(), run("batch_size: 40").weights()) < 1e-6)
  }
}

/// `metrics.csv` has the values of an epoch's last step. 40 images in batches of 8 are 5 steps.
@Suite("Schedules in training")
struct ScheduleTests {
  private func column(
    _ name: String, model: String = "type: vae", optimizer: String = "adam",
    training: String = "epochs: 4, batch_size: 8"
  ) throws -> [Double] {
    try TestRun(experiment(training: training, model: model, optimizer: optimizer)).column(name)
  }

  private func isClose(_ seen: [Double], _ wanted: [Double]) -> Bool {
    seen.count == wanted.count
      && zip(seen, wanted).allSatisfy { abs($0 - $1) <= 1e-12 * abs($1) }
  }

  @Test func `the learning rate rises in equal steps to its full height`() throws {
    let rates = try column(
      "learning_rate", optimizer: "{ type: adam, learning_rate: 0.01, warmup_epochs: 2 }")
    #expect(isClose(rates, [0.005, 0.01, 0.01, 0.01]), "\(rates)")
    // 12.5 steps, of which the fifth and the tenth end an epoch.
    let half = try column(
      "learning_rate", optimizer: "{ type: adam, learning_rate: 0.1, warmup_epochs: 2.5 }")
    #expect(isClose(half, [0.04, 0.08, 0.1, 0.1]), "\(half)")
    // Accumulated in twos an epoch has 3 steps, and the rise 6.
    let accumulated = try column(
      "learning_rate", optimizer: "{ type: adam, learning_rate: 0.06, warmup_epochs: 2 }",
      training: "epochs: 4, batch_size: 8, accumulate: 2")
    #expect(isClose(accumulated, [0.03, 0.06, 0.06, 0.06]), "\(accumulated)")
  }

  /// Steps per epoch 5, so that epochs end in steps 5, 10, 15 and 20, whose rate is by 4, 9, 14 and
  /// 19 of 20 parts of the cosine.
  @Test func `warm-up multiplies the schedule`() throws {
    let rates = try column(
      "learning_rate",
      optimizer: "{ type: adam, learning_rate: 0.01, warmup_epochs: 2, schedule: cosine }")
    // math.cos from Python: 0.01 * (1 + cos(pi * k / 20)) / 2 for k in 4, 9, 14, 19; half the first.
    let wanted = [
      0.5 * 0.009045084971874737, 0.0057821723252011546, 0.0020610737385376348,
      6.15582970243117e-05,
    ]
    #expect(isClose(rates, wanted), "\(rates)")
  }

  /// With plain gradient descent and one step, half the rate is half the way.
  @Test func `the rate that is written is the rate that is taken`() throws {
    func step(_ warmup: String) throws -> [Float] {
      let run = try TestRun(
        experiment(
          training: "epochs: 2, batch_size: 40",
          optimizer: "{ type: sgd, learning_rate: 0.05\(warmup) }"))
      return try zip(run.weights("epoch-0001"), run.weights("epoch-0000")).map { $0 - $1 }
    }
    let (whole, half) = (try step(""), try step(", warmup_epochs: 2"))
    #expect(try distance(half.map { 2 * $0 }, whole) < 1e-6)
    #expect(whole.contains { abs($0) > 1e-3 })
  }

  /// From 0.5 to 2 over 2 epochs of 5 steps: by 0.15 a step, so 0.5 + 4·0.15 in the fifth step.
  @Test func `a linear β reaches its end, and stays`() throws {
    let model = "type: vae, beta: { type: linear, from: 0.5, to: 2, epochs: 2 }"
    let betas = try column("beta", model: model)
    #expect(isClose(betas, [1.1, 1.85, 2, 2]), "\(betas)")
  }

  /// Down again, and in the middle of an epoch: 7.5 steps of 0.2.
  @Test func `a linear β may fall, and end within an epoch`() throws {
    let model = "type: vae, beta: { type: linear, from: 2, to: 0.5, epochs: 1.5 }"
    let betas = try column("beta", model: model)
    #expect(isClose(betas, [1.2, 0.5, 0.5, 0.5]), "\(betas)")
  }
}
