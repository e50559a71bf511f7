import ExptBuiltins
import ExptComponents
import ExptData
import ExptDocument
import ExptInference
import ExptRunFolder
import ExptTensor
import ExptTesting

@testable import ExptTraining

/// A combination tried out: refused by `check` with a sentence at a setting, or trained for three steps,
/// evaluated, sampled from, and resumed.
struct CombinationTrial {
  /// What is wrong.
  private(set) var problems: [String] = []
  /// The sentences of a refusal.
  private(set) var refusal: [String] = []

  static let catalog: Catalog = {
    do { return try Catalog(Catalog.builtins + [CombinedPoints.self]) } catch { return Catalog() }
  }()

  init(_ combination: Combination, isGradientChecked: Bool = true) {
    let parts = PartTexts(catalog: Self.catalog)
    do {
      let file = try ExperimentFile(
        Document.parse(combination.text(parts), file: "combination.yaml"), name: "combination",
        catalog: Self.catalog)
      let blueprint = try file.validated(DataEnvironment())
      try train(file.experiment, blueprint.recording)
      if isGradientChecked { checkGradient(file.experiment, blueprint.recording.facts) }
    } catch let diagnostics as Diagnostics {
      note(diagnostics)
    } catch { problems.append("it ends with: \(error)") }
  }

  private mutating func note(_ diagnostics: Diagnostics) {
    for diagnostic in diagnostics.all where diagnostic.severity == .error {
      refusal.append(diagnostic.message)
      expect(diagnostic.span != nil, "refused without a place: \(diagnostic.message)")
      expect(
        diagnostic.message.contains(" ") && diagnostic.message.last != ".",
        "refused without a sentence: \(diagnostic.message)")
    }
    expect(!refusal.isEmpty, "refused without an error")
  }

  // MARK: - Training

  /// Three steps, all at once and in two parts.
  private mutating func train(_ experiment: Experiment, _ recording: Recording) throws {
    let data = try DataSplits(
      experiment.dataset.load(DataEnvironment()), experiment.dataset.split)
    let support = experiment.model.parts.likelihood.support
    guard case .floats(let pixels) = data.images.pixels else { return }
    expect(pixels.allSatisfy(support.contains), "the test's images are not \(support)")
    let pool = ThreadPool(threads: 1)
    func trainer() throws -> Trainer {
      Trainer(experiment, try recording.fitting(data), data: data, pool: pool)
    }
    let whole = try trainer()
    let first = whole.network.weights.flatMap(\.values)
    _ = try whole.train()
    expect(whole.position.step == 3, "\(whole.position.step) steps, not 3")
    let trained = whole.network.weights.flatMap(\.values)
    expect(trained.allSatisfy(\.isFinite), "weights that are not finite")
    expect(trained != first, "training changes nothing")
    expect(whole.position.losses.allSatisfy(\.isFinite), "a loss that is not finite")

    let begun = try trainer()
    _ = try begun.train { begun.position.step == 2 }
    let resumed = try trainer()
    try resumed.restore(begun.checkpoint)
    _ = try resumed.train()
    let same = resumed.network.weights.flatMap(\.values).map(\.bitPattern)
    expect(same == trained.map(\.bitPattern), "a resumed run ends with other weights")
    expect(resumed.position.losses == whole.position.losses, "a resumed run has other losses")
    judge(whole.network, experiment, data)
  }

  // MARK: - Afterwards

  /// Encodes, reconstructs, weighs and samples.
  private mutating func judge(_ network: Network, _ experiment: Experiment, _ data: DataSplits) {
    let access = NetworkAccess(network, batch: 4, presentation: experiment.dataset.split)
    let encodings = access.encode(data.test)
    let width = access.space.width
    expect(encodings.mean.count == data.test.count * width, "\(encodings.mean.count) numbers")
    expectFinite(encodings.mean, "an encoding")
    for parameter in encodings.parameters { expectFinite(parameter.values, parameter.name) }
    if let kl = encodings.kl {
      expectFinite(kl, "a KL")
      expect(kl.allSatisfy { $0 > -1e-4 }, "a KL below 0: \(kl.min() ?? .nan)")
    }
    expectFinite(access.decode(encodings.mean, given: data.test.annotations), "a reconstruction")
    expectFinite(access.drawPosterior(data.test, 0..<4, seed: 2), "a draw of the posterior")
    weigh(network, experiment, data.test)
    guard access.isGenerative else { return }
    let drawn = access.drawPrior(6, seed: 3, given: nil)
    expect(drawn.count == 6 * width, "six draws of the prior are \(drawn.count) numbers")
    expect(
      Array(drawn.prefix(2 * width)) == access.drawPrior(2, seed: 3, given: nil),
      "the first of six draws are not those of two")
    expectFinite(drawn, "a draw of the prior")
    expectFinite(access.decode(drawn, given: nil), "a sample")
  }

  /// What `evaluate` reads.
  private mutating func weigh(_ network: Network, _ experiment: Experiment, _ images: ImageSet) {
    let plan = network.sampler(images: 4, samples: 5)
    let source = BatchSource.evaluation(images, experiment.dataset.split, batchSize: 4)
    source.fill(plan.images, plan.inputs, with: 0, pool: nil)
    let rows = plan.run(images: 0..<4, samples: 0..<5, seed: 9)
    for row in 0..<20 {
      expect(rows.reconstruction(row).isFinite, "a reconstruction term that is not finite")
      expect(rows.logWeight(row).isFinite, "a weight that is not finite")
    }
  }

  // MARK: - Gradients

  /// Against finite differences in one direction, and where that fails in two more, where shorter steps
  /// may agree too: a kink (where the order of two sorted numbers changes) lies between closer ends less
  /// often, and rounding counts for more there.
  private mutating func checkGradient(_ experiment: Experiment, _ facts: DataFacts) {
    let images = CombinedPoints.Values.self
    let counts = experiment.model.parts.likelihood.support.step == 1
    let batch = CombinedPoints(counts ? images.counts : images.shares).images(4, part: 0)
    guard case .floats(let pixels) = batch.pixels else { return }
    var wrong: [GradientCheck] = []
    var right = 0
    for seed in [1, 2, 3] as [UInt64] where right == 0 || right == wrong.count {
      do {
        let checks = try (wrong.isEmpty ? [0.003] : [0.003, 0.0003, 0.00003]).map { epsilon in
          try GradientCheck([], seed: seed, epsilon: epsilon, along: .uphill) { graph, _ in
            let scope = Scope(graph, data: facts)
            let examples = graph.constant(pixels, facts.image.batched(4))
            return try experiment.model.loss(Batch(examples, in: scope), in: LossPass(scope: scope))
              .total
          }
        }
        if checks.contains(where: { $0.relativeError < 0.01 }) {
          right += 1
        } else {
          wrong += checks.suffix(1)
        }
      } catch { return problems.append("it cannot be recorded again: \(error)") }
    }
    expect(
      right > wrong.count, "the gradient is not that of finite differences: \(wrong)")
  }

  private mutating func expect(_ claim: Bool, _ problem: @autoclosure () -> String) {
    if !claim { problems.append(problem()) }
  }

  private mutating func expectFinite(_ numbers: some Sequence<Float>, _ what: String) {
    expect(numbers.allSatisfy(\.isFinite), "\(what) is not finite")
  }
}
