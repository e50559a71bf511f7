import ExptComponents
import ExptRunFolder
import ExptTestSupport
import Testing

@testable import ExptTraining

@Suite("Evaluation")
struct EvaluationTests {
  private func evaluate(
    _ run: TrainedRun, samples: Int, limit: Int? = nil, seed: UInt64 = 0
  ) throws -> Evaluation {
    let part = try run.data(DataEnvironment(), warn: { _ in }).part(.test, limit: limit)
    return run.evaluate(part, samples: samples, seed: seed)
  }

  /// The mean of −log p(x) over the test images, in closed form.
  private func exactNLL(_ model: LinearGaussian, _ run: TrainedRun) throws -> Double {
    let part = try run.data(DataEnvironment(), warn: { _ in }).part(.test)
    let pixels = run.presented(part).map(Double.init)
    let sum = (0..<part.count).reduce(0.0) { sum, image in
      sum - model.logDensity(Array(pixels[image * 4..<image * 4 + 4]))
    }
    return sum / Double(part.count)
  }

  @Test(arguments: [1, 5, 300])
  func `with the exact posterior, any number of samples gives the exact log-density`(
    _ samples: Int
  ) throws {
    let run = try TestRun(LinearGaussian.experiment)
    let model = LinearGaussian()
    try model.save(in: run)
    let trained = try run.open(.last)
    let seen = try #require(try evaluate(trained, samples: samples).variational)
    let exact = try exactNLL(model, trained)
    #expect(
      abs(seen.importanceWeightedNLL.mean - exact) < 1e-5,
      "\(seen.importanceWeightedNLL.mean), exactly \(exact)")
  }

  @Test func `with a wrong posterior, the bounds are as far off as theory says, and tighten`()
    throws
  {
    let run = try TestRun(LinearGaussian.experiment)
    let model = LinearGaussian(shift: 0.3, spread: 1.7)
    try model.save(in: run)
    let trained = try run.open(.last)
    let exact = try exactNLL(model, trained)
    let bounds = try [1, 4, 40, 4000].map { samples in
      try #require(try evaluate(trained, samples: samples).variational)
    }
    let nll = bounds.map(\.importanceWeightedNLL.mean)
    #expect(nll[0] > nll[1] && nll[1] > nll[2] && nll[2] > nll[3], "\(nll)")
    #expect(abs(nll[3] - exact) < 2e-3, "\(nll[3]), exactly \(exact)")
    // 30 images and 4,000 samples: the mean's own error is about 0.004.
    let elbo = bounds[3].elbo.mean
    #expect(abs(-elbo - exact - model.gap) < 0.015, "\(-elbo - exact), exactly \(model.gap)")
    #expect(-elbo > nll[3])
  }

  @Test func `threads, batches and the number of samples leave the noise as it is`() throws {
    let run = try TestRun(LinearGaussian.experiment)
    try LinearGaussian(shift: 0.3, spread: 1.7).save(in: run)
    let expected = try #require(try evaluate(run.open(.last), samples: 130).variational)
    let threaded = try #require(
      try evaluate(run.open(.last, threads: 3), samples: 130).variational)
    #expect(threaded.importanceWeightedNLL == expected.importanceWeightedNLL)
    #expect(threaded.elbo == expected.elbo)
    let other = try #require(try evaluate(run.open(.last), samples: 130, seed: 1).variational)
    #expect(other.importanceWeightedNLL != expected.importanceWeightedNLL)

    try run.replace("batch_size: 8", with: "batch_size: 200", in: "resolved.yaml")
    let larger = try run.open(.last)
    #expect(larger.rowLimit == 200)
    let batched = try #require(try evaluate(larger, samples: 130).variational)
    #expect(batched.importanceWeightedNLL == expected.importanceWeightedNLL)
    #expect(batched.elbo == expected.elbo)
  }

  @Test func `the standard error is that of the mean over images`() throws {
    let run = try TestRun(LinearGaussian.experiment)
    let model = LinearGaussian()
    try model.save(in: run)
    let trained = try run.open(.last)
    let part = try trained.data(DataEnvironment(), warn: { _ in }).part(.test)
    let pixels = trained.presented(part).map(Double.init)
    let values = (0..<part.count).map { -model.logDensity(Array(pixels[$0 * 4..<$0 * 4 + 4])) }
    let mean = values.reduce(0, +) / 30
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let seen = try evaluate(trained, samples: 2).variational?.importanceWeightedNLL.standardError
    #expect(abs(try #require(seen) - (squares / 29 / 30).squareRoot()) < 1e-5)
    let one = try evaluate(trained, samples: 2, limit: 1)
    #expect(one.count == 1 && one.reconstruction.standardError == nil)
  }

  @Test func `a unit is active where its mean varies, informative where it has a KL`() throws {
    let run = try TestRun(LinearGaussian.experiment)
    try LinearGaussian(spread: 0.5).save(in: run)
    let store = try RunFolder.open(run.path).checkpoints
    var checkpoint = try store.load(.last)
    for index in checkpoint.weights.indices where checkpoint.weights[index].name == "latent.weight"
    {
      // The second dimension's mean no longer depends on the image.
      checkpoint.weights[index].values.replaceSubrange(4..<8, with: [0, 0, 0, 0])
    }
    try store.save(checkpoint, asEpoch: false, isBest: false)
    let evaluation = try evaluate(run.open(.last), samples: 1)
    #expect(evaluation.dimensions.map(\.isActive) == [true, false])
    #expect(evaluation.dimensions.map(\.isInformative) == [true, true])
    #expect(evaluation.activeUnits == 1 && evaluation.informativeUnits == 2)
  }

  @Test(arguments: ["vae", "iwae", "ae"])
  func `validation images measure as they did in training`(_ type: String) throws {
    let run = try TestRun(
      """
      name: small
      dataset: { type: digits, train: 60, validation: 30, test: 10, binarization: stochastic }
      model: { type: \(type), latent: 3, encoder: { type: mlp, hidden: [9] } }
      training: { epochs: 2, batch_size: 16 }
      outputs: { images_every: 0 }
      """)
    let trained = try run.open(.last)
    let part = try trained.data(DataEnvironment(), warn: { _ in }).part(.validation)
    let seen = trained.evaluate(part, samples: 60)
    let table = try MetricsTable.read(trained.folder.metricsFile)
    let reconstruction = try #require(table["validation_reconstruction"]?.last)
    if type == "ae" {
      #expect(seen.variational == nil && seen.samples == 1)
      #expect(abs(seen.reconstruction.mean - reconstruction) < 1e-3)
    } else {
      let kl = try #require(table["validation_kl"]?.last)
      #expect(abs(try #require(seen.variational).kl.mean - kl) < 1e-5 * kl)
      #expect(abs(seen.reconstruction.mean - reconstruction) < 0.01 * reconstruction)
    }
  }
}
