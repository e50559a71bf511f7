import ExptComponents
import ExptDocument
import ExptRunFolder
import Testing

@testable import ExptTraining

private func experiment(_ groups: String, batch: Int = 40, epochs: Int = 1) -> String {
  """
  name: groups
  seed: 3
  dataset: { type: test_points }
  model: { type: vae, latent: 2, encoder: { type: mlp, hidden: [6] } }
  optimizer: { type: adam, learning_rate: 0.01 }
  \(groups)
  training: { epochs: \(epochs), batch_size: \(batch) }
  outputs: { images_every: 0, summary: false, checkpoint_every: 1 }
  """
}

@Suite("Groups of parameters with optimizers of their own")
struct ParameterGroupTests {
  private func weights(_ run: TestRun) throws -> [String: [Float]] {
    Dictionary(
      uniqueKeysWithValues: try run.open(.last).network.weights.map { ($0.name, $0.values) })
  }

  /// One step: the encoder's is that of Adam alone, bit by bit; the decoder's that of plain SGD, whose
  /// step with twice the learning rate is twice as long.
  @Test func `each takes its own step, and leaves the others as they are`() throws {
    func decoder(_ rate: Double) -> String {
      "parameter_groups: { decoder: { optimizer: { type: sgd, momentum: 0, learning_rate: \(rate) } } }"
    }
    let alone = try weights(TestRun(experiment("")))
    let small = try weights(TestRun(experiment(decoder(0.001))))
    let large = try weights(TestRun(experiment(decoder(0.002))))
    let still = try weights(TestRun(experiment(decoder(1e-30))))
    #expect(alone.count > 6)
    for (name, values) in alone {
      let (a, b, start) = try (
        #require(small[name]), #require(large[name]), #require(still[name])
      )
      if name.hasPrefix("decoder.") {
        #expect(a != values && a != start)
        for ((one, two), zero) in zip(zip(a, b), start) {
          #expect(abs((two - zero) - 2 * (one - zero)) <= 2e-6, "\(name)")
        }
      } else {
        #expect(a == values && b == values && start == values, "\(name)")
      }
    }
  }

  /// In the middle of an epoch, with another optimizer's arrays in the checkpoint.
  @Test func `come back from a checkpoint as they were`() throws {
    let groups = """
      parameter_groups:
        decoder: { optimizer: { type: rmsprop, momentum: 0.5 } }
        decoder.1: { optimizer: { type: adamw, clip_norm: 0.5 } }
      """
    let text = experiment(groups, batch: 8, epochs: 3)
    let expected = try weights(TestRun(text))
    let run = try interrupted(text)
    let file = try ExperimentFile.load(
      path: run.path + "/resolved.yaml", overrides: [], catalog: TestRun.catalog)
    let resumed = try RunSession.resuming(
      run.path, file,
      RunSession.Options(
        threads: 2, environment: DataEnvironment(),
        versions: Manifest.Versions(expt: "test", swift: "test")))
    #expect(resumed.trainer.position.step == 7 && resumed.trainer.groups.map(\.name).count == 3)
    _ = try resumed.train()
    #expect(try weights(run) == expected)
  }

  /// A run that was stopped after seven steps, and has given its folder back.
  private func interrupted(_ text: String) throws -> TestRun {
    let (run, session) = try TestRun.starting(text)
    let trainer = session.trainer
    _ = try session.train { trainer.position.step == 7 }
    return run
  }

  @Test func `a name that no parameter has is refused, with the one that was meant`() throws {
    let file = try ExperimentFile(
      Document.parse(
        experiment("parameter_groups: { decodr: { optimizer: sgd } }"), file: "e.yaml"),
      name: "e", catalog: TestRun.catalog)
    let problems = #expect(throws: Diagnostics.self) { try file.validated(DataEnvironment()) }
    #expect(
      problems?.rendered == """
        e.yaml:6:21: error: no parameter's name starts with 'decodr'
          6 | parameter_groups: { decodr: { optimizer: sgd } }
            |                     ^~~~~~ did you mean 'decoder'?
        1 error
        """)
  }
}
