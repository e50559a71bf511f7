import ExptBuiltins
import ExptComponents
import ExptData
import ExptDocument
import ExptInference
import ExptTensor
import Testing

@testable import ExptTraining

/// An autoencoder with a judge of its codes, made wrong on purpose in two ways.
private struct Judged: Model {
  enum Mistake: String, NamedChoice {
    case none
    /// The model's loss trains the judge too.
    case unfrozen
    /// The judge's loss trains the encoder too.
    case unstopped
  }

  static let id = "judged"
  static let summary = "Judged."

  @Group var parts = AutoencoderParts()
  @Setting("What is wrong.") var mistake: Mistake = .none
  @Section("The judge.") var judge = Opponent()

  func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    PointMass(try parts.head(parts.latent, of: batch, in: scope))
  }

  func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let code = try parts.head(parts.latent, of: batch, in: pass.scope)
    let decoded = try decode(code, given: batch, in: pass.scope)
    let reconstruction = parts.negativeLogLikelihood(decoded, of: batch, in: pass.scope).mean()
    let judge = Judge(judge, "judge", in: pass.scope)
    let seen = mistake == .unfrozen ? try judge(code) : try judge.frozen(code)
    var opponent = try judge.loss(
      real: pass.scope.graph.normal(code.shape, stream: "prior"), fake: code)
    if mistake == .unstopped { opponent.value = opponent.value + (try judge(code)).mean() }
    return LossTerms(
      total: reconstruction - logSigmoid(seen).mean(), reconstruction: reconstruction,
      decoded: decoded, opponents: [opponent])
  }
}

@Suite("Opponents")
struct OpponentTests {
  private static let catalog: Catalog = {
    do { return try Catalog(Catalog.builtins + [TestPoints.self, Judged.self]) } catch {
      return Catalog()
    }
  }()

  private func experiment(_ model: String) throws -> Experiment {
    try ExperimentFile(
      Document.parse(
        """
        dataset: test_points
        model: { type: judged, latent: 2, encoder: { type: mlp, hidden: [5] }, \(model) }
        optimizer: { type: sgd, learning_rate: 0.1, momentum: 0 }
        training: { epochs: 1, batch_size: 40 }
        """, file: "e.yaml"), name: "e", catalog: Self.catalog
    ).experiment
  }

  private func recording(_ model: String) throws -> Recording {
    try Recording(experiment(model), image: [1, 2, 2], annotations: AnnotationFacts())
  }

  @Test func `a loss that has a gradient by another's parameters is refused`() throws {
    _ = try recording("mistake: none")
    let unfrozen = #expect(throws: BuildProblem.self) { try recording("mistake: unfrozen") }
    #expect(
      unfrozen?.message
        == "the model's loss has a gradient with respect to the parameters of its opponent 'judge'")
    let unstopped = #expect(throws: BuildProblem.self) { try recording("mistake: unstopped") }
    #expect(
      unstopped?.message
        == "the loss of the opponent 'judge' has a gradient with respect to the parameters of the model"
    )
  }

  /// Both steps are taken from the parameters as they were before: changing how the judge learns
  /// changes nothing of the model's step, and the judge's is its own optimizer's.
  @Test func `each takes its step with its own optimizer, from the same parameters`() throws {
    func weights(_ rate: Double) throws -> [String: [Float]] {
      let experiment = try experiment(
        "judge: { hidden: [3], optimizer: { type: sgd, momentum: 0, learning_rate: \(rate) } }")
      let data = try DataSplits(TestPoints().load(DataEnvironment()), SplitSettings())
      let trainer = try Trainer(experiment, data: data, pool: ThreadPool(threads: 1))
      _ = try trainer.train()
      return Dictionary(uniqueKeysWithValues: trainer.network.weights.map { ($0.name, $0.values) })
    }
    let (small, large, still) = try (weights(0.01), weights(0.02), weights(1e-30))
    #expect(small.keys.contains("judge.0.weight") && small.keys.contains("encoder.0.weight"))
    for (name, values) in still {
      let (a, b) = try (#require(small[name]), #require(large[name]))
      if name.hasPrefix("judge.") {
        #expect(a != values)
        for ((one, two), zero) in zip(zip(a, b), values) {
          #expect(abs((two - zero) - 2 * (one - zero)) <= 1e-6, "\(name)")
        }
      } else {
        #expect(a == values && b == values, "\(name)")
      }
    }
  }
}

/// What an opponent of single numbers is told of them, by logits that are `weight · x + bias`.
private struct Judgement {
  var loss: Double
  var accuracy: Double
  var lossByChance: Double

  init(_ kinds: [[Float]], real: [Float], weight: Float, bias: Float) throws {
    let graph = Graph(mode: .training, parameters: ParameterSet())
    let scope = Scope(graph, data: DataFacts(image: [1, 1, 1]) { [0] })
    var opponent = Opponent()
    opponent.hidden = []
    opponent.optimizer = SGD()
    let judge = Judge(opponent, "judge", in: scope)
    func rows(_ values: [Float]) -> Tensor { graph.constant(values, [values.count, 1]) }
    let judged =
      kinds.count == 1
      ? try judge.loss(real: rows(real), fake: rows(kinds[0]))
      : try judge.loss(real: rows(real), fake: rows(kinds[0]), rows(kinds[1]))
    let share = try #require(judged.accuracy)
    let store = ParameterStore(graph.parameters)
    let plan = Plan(
      graph, loss: judged.value, outputs: [judged.value, share], store: store, arena: Arena(),
      run: RunContext(pool: ThreadPool(threads: 1), seed: 1))
    store["judge.0.weight"]?.values[0] = weight
    store["judge.0.bias"]?.values[0] = bias
    plan.forward()
    loss = Double(plan.value(of: judged.value)[0])
    accuracy = Double(plan.value(of: share)[0])
    lossByChance = try #require(judged.lossByChance)
  }
}

@Suite("What an opponent gets right")
struct JudgementTests {
  private let real: [Float] = [1, 1, 1, -1]
  private let fakes: [[Float]] = [[-1, -1, -1, 1], [-1, -1, 1, 1]]
  private let odds = Float(RepeatableMath.log(2))

  /// It knows that two of three examples are fake, and little more: all its logits are below 0.
  @Test func `shows where it learns, though it thinks every example fake`() throws {
    let weak = try Judgement(fakes, real: real, weight: 0.1, bias: -odds)
    // ½ · (¾ + ½ · (¾ + ½))
    #expect(weak.accuracy == 0.6875)
    let wrong = try Judgement(fakes, real: real, weight: -0.1, bias: -odds)
    #expect(wrong.accuracy == 0.3125)
    // A threshold at 0 suits one kind, as many of each.
    let pair = try Judgement([fakes[0]], real: real, weight: 0.1, bias: 0)
    #expect(pair.accuracy == 0.75)
    #expect(try Judgement([fakes[0]], real: real, weight: 0.1, bias: -0.5).accuracy == 0.5)
  }

  @Test func `is half, at the loss by chance, for one that knows nothing`() throws {
    for bias in [-odds - 0.01, -odds + 0.01] {
      let blind = try Judgement(fakes, real: real, weight: 0, bias: bias)
      #expect(blind.accuracy == 0.5)
      #expect(abs(blind.loss - blind.lossByChance) < 1e-4, "\(blind)")
      // log 3 − ⅔ log 2
      #expect(abs(blind.lossByChance - 0.636514) < 1e-6)
    }
    let pair = try Judgement([fakes[0]], real: real, weight: 0, bias: 0.01)
    #expect(pair.accuracy == 0.5 && abs(pair.lossByChance - 0.693147) < 1e-6)
    #expect(abs(pair.loss - pair.lossByChance) < 1e-4)
  }
}

/// Adds a number that follows a schedule to its code, so that its own path shows.
private struct Shifted: Model {
  static let id = "shifted"
  static let summary = "Shifted."

  @Group var parts = AutoencoderParts()
  @Slot("How far.", .schedule, default: "constant") var shift: any Schedule

  func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    PointMass(try parts.head(parts.latent, of: batch, in: scope))
  }

  func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let shift = pass.scope.child("code").scalar("shift", shift)
    let code = try parts.head(parts.latent, of: batch, in: pass.scope) + shift
    let decoded = try decode(code, given: batch, in: pass.scope)
    let loss = parts.negativeLogLikelihood(decoded, of: batch, in: pass.scope).mean()
    return LossTerms(
      total: loss, reconstruction: loss, extra: [("seen", shift * 1)], decoded: decoded)
  }
}

@Suite("A number that follows a schedule and is not a weight of the loss")
struct ScheduledNumberTests {
  /// One step an epoch: the number is what the schedule says before each step, and epochs are judged
  /// by the loss as it is.
  @Test func `is set before each step, and has a column`() throws {
    let catalog = try Catalog(Catalog.builtins + [TestPoints.self, Shifted.self])
    let file = try ExperimentFile(
      Document.parse(
        """
        dataset: test_points
        model: { type: shifted, latent: 2, shift: { type: linear, from: 1, to: 3, epochs: 4 } }
        training: { epochs: 6, batch_size: 40 }
        """, file: "e.yaml"), name: "e", catalog: catalog)
    let data = try DataSplits(TestPoints().load(DataEnvironment()), SplitSettings())
    let trainer = try Trainer(file.experiment, data: data, pool: ThreadPool(threads: 1))
    let seen = Recorder()
    trainer.add(seen)
    _ = try trainer.train()
    let expected = [1, 1.5, 2, 2.5, 3, 3]
    #expect(seen.epochs.map { $0.scalars.first?.value } == expected)
    #expect(seen.epochs.allSatisfy { $0.scalars.map(\.name) == ["code.shift"] })
    #expect(seen.epochs.map { $0.train.last?.value } == expected)
    #expect(!trainer.columnNames.contains(StepGraph.judgedName))
  }

  /// A warning before, and the diagnosis after: as for β.
  @Test func `is missed where its schedule never reached its end`() throws {
    let catalog = try Catalog(Catalog.builtins + [TestPoints.self, Shifted.self])
    func trained(_ epochs: Int) throws -> (warnings: [String], diagnosis: [String]) {
      let file = try ExperimentFile(
        Document.parse(
          """
          dataset: test_points
          model: { type: shifted, latent: 2, shift: { type: linear, from: 1, to: 3, epochs: 4 } }
          training: { epochs: \(epochs), batch_size: 40 }
          """, file: "e.yaml"), name: "e", catalog: catalog)
      let data = try DataSplits(TestPoints().load(DataEnvironment()), SplitSettings())
      let trainer = try Trainer(file.experiment, data: data, pool: ThreadPool(threads: 1))
      let seen = Recorder()
      trainer.add(seen)
      _ = try trainer.train()
      return (
        file.warnings.map(\.message),
        Diagnosis.sentences(trainer, lastEpoch: seen.epochs.last).filter { $0.contains("schedule") }
      )
    }
    let short = try trained(2)
    #expect(short.warnings.count == 1 && short.diagnosis.count == 1)
    #expect(short.warnings.first?.contains("'shift' only reaches 2, not 3") == true)
    #expect(short.diagnosis.first?.contains("model.shift never reached its end") == true)
    let long = try trained(4)
    #expect(long.warnings.isEmpty && long.diagnosis.isEmpty)
  }

  private final class Recorder: TrainingObserver {
    var epochs: [EpochSummary] = []
    func observe(_ event: TrainingEvent, of trainer: Trainer) {
      if case .epochEnded(let epoch) = event { epochs.append(epoch) }
    }
  }
}
