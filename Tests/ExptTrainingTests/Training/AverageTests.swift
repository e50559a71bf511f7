import ExptBuiltins
import ExptComponents
import ExptDocument
import ExptFiles
import ExptRunFolder
import ExptTensor
import ExptTestSupport
import Foundation
import Testing

@testable import ExptTraining

/// 40 images in batches of 40: a step an epoch, and so a checkpoint a step.
private func experiment(
  _ training: String, validation: Int = 0, batch: Int = 40, model: String = "type: ae",
  optimizer: String = "{ type: sgd, learning_rate: 0.05 }", encoder: String = "hidden: [5]"
) -> String {
  """
  name: averaged
  dataset: { type: test_points, count: 40, validation: \(validation) }
  model: { \(model), latent: 2, encoder: { type: mlp, \(encoder) } }
  optimizer: \(optimizer)
  training: { batch_size: \(batch), \(training) }
  outputs: { images_every: 0, summary: false, keep_checkpoints: 100 }
  """
}

extension TestRun {
  fileprivate func tensors(_ file: String) throws -> [String: [Float]] {
    let file = try Safetensors.read(FilePath.join(path, "checkpoints/\(file).safetensors"))
    return Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0.floats ?? []) })
  }

  fileprivate func bytes(_ name: String) throws -> [UInt8] {
    try FileBytes.read(FilePath.join(path, name))
  }
}

private func resume(_ run: TestRun, epochs: Int? = nil) throws {
  let file = try ExperimentFile.load(
    path: run.path + "/resolved.yaml",
    overrides: epochs.map { [try Override(parsing: "training.epochs=\($0)")] } ?? [],
    catalog: spikedCatalog)
  let session = try RunSession.resuming(
    run.path, file,
    RunSession.Options(
      threads: 1, environment: DataEnvironment(),
      versions: Manifest.Versions(expt: "test", swift: "test")))
  _ = try session.train()
}

@Suite("Averaged weights")
struct AverageTests {
  /// Σ (1 − d)·d^(6−i)·θ_i / (1 − d⁶) over the weights after each step.
  @Test func `are the average of the weights after each step, corrected for its start`() throws {
    let run = try TestRun(experiment("epochs: 6, ema: 0.8"))
    let average = try run.tensors("ema")
    let steps = try (1...6).map { try run.tensors("epoch-000\($0)") }
    #expect(try Set(average.keys) == Set(run.tensors("last").keys))
    for (name, seen) in average {
      var expected = [Double](repeating: 0, count: seen.count)
      for (index, weights) in steps.enumerated() {
        let share = 0.2 * pow(0.8, Double(5 - index)) / (1 - pow(0.8, 6))
        for (place, value) in try #require(weights[name]).enumerated() {
          expected[place] += share * Double(value)
        }
      }
      let errors = zip(seen, expected).map { abs(Double($0) - $1) }
      #expect((errors.max() ?? 1) < 1e-6, "\(name)")
    }
    #expect(try run.tensors("last") != average)
    #expect(
      try TestRun(experiment("epochs: 3, ema: 0")).tensors("ema")
        == TestRun(
          experiment("epochs: 3")
        ).tensors("last"))
  }

  @Test func `change nothing of the training`() throws {
    let (with, without) = (
      try TestRun(experiment("epochs: 4, ema: 0.9", batch: 8)),
      try TestRun(experiment("epochs: 4", batch: 8))
    )
    #expect(try with.tensors("last") == without.tensors("last"))
    #expect(try with.column("train_loss") == without.column("train_loss"))
    #expect(!FilePath.exists(without.path + "/checkpoints/ema.safetensors"))
  }

  /// An autoencoder's loss has no noise: the loss of the weights that a command opens is the one that was
  /// judged.
  @Test func `are what is judged, and what commands open unless they ask for others`() throws {
    let run = try TestRun(experiment("epochs: 5, ema: 0.9", validation: 10, batch: 8))
    let judged = try #require(try run.column("validation_loss").last)
    func loss(_ kind: WeightsKind?) throws -> Double {
      let opened = try TrainedRun.open(
        run.path, checkpoint: .last, weights: kind, threads: 1, catalog: TestRun.catalog)
      let part = try opened.data(DataEnvironment(), warn: { _ in }).part(.validation)
      return opened.evaluate(part, samples: 1).reconstruction.mean
    }
    #expect(abs(try loss(nil) - judged) < 1e-5 * abs(judged))
    #expect(try loss(nil) == loss(.average))
    #expect(abs(try loss(.trained) - judged) > 1e-4 * abs(judged))
    let opened = try run.open(.last)
    #expect(opened.weights == .average && opened.stage == "epoch-0005")
    let trained = try TrainedRun.open(
      run.path, checkpoint: .last, weights: .trained, threads: 1, catalog: TestRun.catalog)
    #expect(trained.stage == "epoch-0005-trained")
    // The best epoch has an average of its own.
    #expect(try run.open(.best).weights == .average)
    #expect(FilePath.exists(run.path + "/checkpoints/best.ema.safetensors"))
    let plain = try TestRun(experiment("epochs: 1"))
    #expect(try plain.open(.last).weights == .trained)
    #expect(throws: FileProblem.self) {
      try TrainedRun.open(
        plain.path, checkpoint: .last, weights: .average, threads: 1, catalog: TestRun.catalog)
    }
  }

  @Test func `have running statistics of their own`() throws {
    let run = try TestRun(
      experiment("epochs: 6, ema: 0.8", encoder: "hidden: [5], batch_norm: true"))
    let steps = try (1...6).map { try run.tensors("epoch-000\($0)") }
    for name in ["encoder.0.norm.running_mean", "encoder.0.norm.running_var"] {
      let seen = try #require(try run.tensors("ema")[name])
      #expect(try run.tensors("last")[name] != seen)
      for place in seen.indices {
        let expected = steps.enumerated().reduce(0.0) { sum, step in
          let share = 0.2 * pow(0.8, Double(5 - step.offset)) / (1 - pow(0.8, 6))
          return sum + share * Double(step.element[name]?[place] ?? .nan)
        }
        #expect(abs(Double(seen[place]) - expected) < 1e-6)
      }
    }
  }

  /// A run that was stopped, and is no longer this process's.
  private func interrupted(_ text: String, after stop: Int) throws -> TestRun {
    let (run, session) = try TestRun.starting(text)
    var batches = 0
    let ending = try session.train {
      batches += 1
      return batches > stop
    }
    guard case .interrupted = ending else { throw TrainingFailure("it was not interrupted") }
    return run
  }

  @Test func `go on to the same bytes, wherever a run was stopped`() throws {
    func text(_ limit: Double) -> String {
      experiment(
        "epochs: 3, ema: 0.95", validation: 8, batch: 8, model: "type: vae",
        optimizer: "{ type: nadam, skip_norm: \(limit), clip_norm: 2 }")
    }
    // The first limit that leaves out some steps and not all.
    let found = try #require(
      [4, 3, 2.5, 2, 1.6, 1.3, 1, 0.8, 0.6, 0.5, 0.4, 0.3].lazy.compactMap {
        limit -> (Double, TestRun)? in
        guard let run = try? TestRun(text(limit)), let skipped = try? run.column("skipped_steps"),
          skipped.reduce(0, +) > 0
        else { return nil }
        return (limit, run)
      }.first)
    let (limit, whole) = found
    for stop in [1, 4, 6, 9] {
      let run = try interrupted(text(limit), after: stop)
      try resume(run)
      for name in [
        "metrics.csv", "checkpoints/last.state.safetensors", "checkpoints/ema.safetensors",
        "checkpoints/best.ema.safetensors",
      ] {
        #expect(try run.bytes(name) == whole.bytes(name), "\(name), stopped after \(stop)")
      }
    }
  }
}

/// Points of which some, in the third of five batches of 8, are beyond all bounds.
private struct SpikedPoints: Dataset {
  static let id = "spiked_points"
  static let summary = "Small images of random numbers, some far too large."

  @Group var split = SplitSettings()
  @Setting("Whether the third batch is there.") var spiked: Bool = true

  func imageShape(_ environment: DataEnvironment) -> Shape { [1, 2, 2] }

  func load(_ environment: DataEnvironment) -> LoadedData {
    var random = RandomSequence(seed: 1, stream: Random.stream("spiked"), position: 0)
    var pixels: [Float] = []
    for image in 0..<40 {
      let values = (0..<4).map { _ in random.fraction() }
      let isSpike = (16..<24).contains(image)
      if isSpike && !spiked { continue }
      pixels += isSpike ? values.map { $0 * 3e30 } : values
    }
    let images = ImageSet(shape: [1, 2, 2], count: pixels.count / 4, pixels: .floats(pixels))
    return LoadedData(train: images, test: images)
  }
}

private let spikedCatalog: Catalog = {
  do { return try Catalog(TestRun.catalog.components + [SpikedPoints.self]) } catch {
    preconditionFailure("\(error)")
  }
}()

@Suite("Steps that are left out")
struct SkippedStepTests {
  private func spiked(
    _ isSpiked: Bool, _ optimizer: String, training: String = "epochs: 3"
  ) throws -> (path: String, folder: TemporaryFolder, session: RunSession) {
    let folder = TemporaryFolder()
    let file = try folder.write(
      """
      name: spiked
      dataset: { type: spiked_points, spiked: \(isSpiked) }
      model: { type: ae, latent: 2, likelihood: { type: gaussian, scale: 1 },
               encoder: { type: mlp, hidden: [5], batch_norm: true } }
      optimizer: { \(optimizer) }
      training: { batch_size: 8, shuffle: false, \(training) }
      outputs: { images_every: 0, summary: false }
      """, to: "e.yaml")
    let loaded = try ExperimentFile.load(path: file, overrides: [], catalog: spikedCatalog)
    let session = try RunSession.starting(
      loaded,
      RunSession.Options(
        exactFolder: folder.file("run"), threads: 1, environment: DataEnvironment(),
        versions: Manifest.Versions(expt: "test", swift: "test")))
    return (folder.file("run"), folder, session)
  }

  private func tensors(_ path: String, _ name: String) throws -> [String: [Float]] {
    let file = try Safetensors.read(path + "/checkpoints/\(name).safetensors")
    return Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0.floats ?? []) })
  }

  /// Weights, running statistics, the optimizer's count and the average are those of a run whose data lack
  /// these images.
  @Test(arguments: ["type: adam, skip_norm: 1e9", "type: sgd, momentum: 0.9, skip_norm: 1e9"])
  func `whose loss is no number leave everything as it was`(optimizer: String) throws {
    let skipping = try spiked(true, optimizer, training: "epochs: 3, ema: 0.9")
    _ = try skipping.session.train()
    let without = try spiked(false, optimizer, training: "epochs: 3, ema: 0.9")
    _ = try without.session.train()
    for name in ["last", "ema"] {
      let (seen, expected) = (
        try tensors(skipping.path, name), try tensors(without.path, name)
      )
      #expect(seen == expected && !seen.isEmpty, "\(name)")
      let isFinite = seen.values.joined().allSatisfy(\.isFinite)
      #expect(isFinite)
    }
    let table = try MetricsTable.read(skipping.path + "/metrics.csv")
    #expect(table["skipped_steps"] == [1, 1, 1])
    #expect(table["step"] == [5, 10, 15])
    let other = try MetricsTable.read(without.path + "/metrics.csv")
    #expect(other["skipped_steps"] == [0, 0, 0])
    #expect(table["train_loss"] == other["train_loss"])
    let log = try String(contentsOfFile: skipping.path + "/log.txt", encoding: .utf8)
    #expect(log.contains("1 step left out"))
    #expect(
      skipping.session.diagnosis.contains {
        $0.hasPrefix("3 of 15 steps were left out") && $0.contains("raise optimizer.skip_norm")
      })
    #expect(!without.session.diagnosis.contains { $0.contains("left out") })
  }

  @Test func `are none without the setting: training fails`() throws {
    let run = try spiked(true, "type: adam")
    let failure = #expect(throws: TrainingFailure.self) { try run.session.train() }
    #expect(failure?.message.contains("the loss became") == true)
    #expect(failure?.message.contains("skip_norm") == true)
  }

  @Test func `are those over the limit, and a run of nothing else fails`() throws {
    let run = try spiked(false, "type: adam, skip_norm: 1e-9")
    let failure = #expect(throws: TrainingFailure.self) { try run.session.train() }
    #expect(failure?.message.hasPrefix("every step of epoch 1 was left out") == true)
    let table = try MetricsTable.read(run.path + "/metrics.csv")
    #expect(table.rows.isEmpty)
  }

  /// The norms of a run without a limit decide which steps a limit leaves out first.
  @Test func `begin where the norm is over the limit`() throws {
    func skipped(_ limit: String) throws -> [Double] {
      let run = try spiked(
        false, "type: sgd, learning_rate: 1e-3, momentum: 0, skip_norm: \(limit)")
      _ = try run.session.train()
      return try #require(try MetricsTable.read(run.path + "/metrics.csv")["skipped_steps"])
    }
    #expect(try skipped("1e6").reduce(0, +) == 0)
    let some = [1.0, 1.5, 2, 2.5, 3, 4].compactMap { limit -> Double? in
      (try? skipped("\(limit)"))?.reduce(0, +)
    }
    #expect(some == some.sorted(by: >), "a higher limit leaves out fewer: \(some)")
    #expect(Set(some).count > 1, "\(some)")
  }
}
