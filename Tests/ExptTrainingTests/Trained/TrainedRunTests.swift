import ExptComponents
import ExptFiles
import ExptRunFolder
import ExptTestSupport
import Testing

@testable import ExptTraining

private func experiment(
  dataset: String = "test_points", validation: Int = 0, latent: Int = 2, epochs: Int = 2
) -> String {
  """
  name: small
  dataset: { type: \(dataset), validation: \(validation), fallback: test_points }
  model: { type: vae, latent: \(latent), encoder: { type: mlp, hidden: [3] } }
  training: { epochs: \(epochs), batch_size: 16 }
  outputs: { images_every: 0 }
  """
}

/// The problem that `body` throws.
private func fileProblem(_ body: () throws -> TrainedRun) -> FileProblem? {
  do {
    _ = try body()
    return nil
  } catch { return error as? FileProblem }
}

@Suite("Trained runs")
struct TrainedRunTests {
  @Test func `the default weights are the best ones where validation chose them, else the last`()
    throws
  {
    #expect(try TestRun(experiment()).open().checkpoint == .last)
    let run = try TestRun(experiment(validation: 8))
    #expect(try run.open().checkpoint == .best)
    #expect(try run.open(.epoch(1)).stage == "epoch-0001")
    #expect(try run.open(.epoch(1)).position.epoch == 1)
  }

  @Test func `the weights are those of the checkpoint`() throws {
    let run = try TestRun(experiment())
    for name in [CheckpointStore.Name.epoch(1), .last] {
      let trained = try run.open(name)
      let saved = try trained.folder.checkpoints.loadWeights(name).weights
      #expect(Set(trained.network.weights) == Set(saved))
    }
    #expect(try Set(run.open(.epoch(1)).network.weights) != Set(run.open(.last).network.weights))
  }

  @Test func `a checkpoint that is not there is named, with those that are`() throws {
    let run = try TestRun(experiment())
    let problem = fileProblem { try run.open(.epoch(7)) }
    #expect(problem?.code == .missing)
    #expect(problem?.message.contains("last, epoch-0000, epoch-0001, epoch-0002") == true)
  }

  @Test func `weights of another model are refused`() throws {
    let run = try TestRun(experiment())
    try run.replace("latent: 2", with: "latent: 5", in: "resolved.yaml")
    let problem = fileProblem { try run.open(.last) }
    #expect(problem?.code == .malformed)
    #expect(problem?.message.contains("in the checkpoint and") == true)
  }

  @Test(arguments: ["[1, 0, 2]", "[1, 2]", "[4000000000, 4000000000, 4000000000]", "\"big\""])
  func `a shape of images that makes no sense is refused`(_ shape: String) throws {
    let run = try TestRun(experiment())
    try run.replace("[1,2,2]", with: shape, in: "run.json")
    #expect(fileProblem { try run.open() }?.code == .malformed)
  }

  @Test func `other data than in training are said to be so`() throws {
    let run = try TestRun(experiment())
    var warnings: [String] = []
    _ = try run.open().data(DataEnvironment()) { warnings.append($0) }
    #expect(warnings == [])
    try run.replace("draw: 0", with: "draw: 1", in: "resolved.yaml")
    _ = try run.open().data(DataEnvironment()) { warnings.append($0) }
    #expect(warnings.count == 1)
    #expect(warnings.first?.hasPrefix("THE DATA ARE NOT THOSE THIS RUN WAS TRAINED ON") == true)
  }

  @Test func `a run on a fallback stays with it, and one on the real data never takes it`() throws {
    let (without, with) = (DataEnvironment(), DataEnvironment(dataFolder: "/somewhere"))
    let substituted = try TestRun(experiment(dataset: "elusive_points"), environment: without)
    #expect(try substituted.open().manifest.dataset.substitutedFor == "elusive_points")
    var warnings: [String] = []
    let data = try substituted.open().data(with) { warnings.append($0) }
    #expect(data.name == "test_points" && warnings == [])

    let real = try TestRun(experiment(dataset: "elusive_points"), environment: with)
    #expect(try real.open().data(with) { warnings.append($0) }.name == "elusive_points")
    #expect(warnings == [])
    // Where they were is remembered; once that is gone, nothing takes their place.
    #expect(try real.open().data(without) { warnings.append($0) }.name == "elusive_points")
    try real.replace("\"data_folder\": \"/somewhere\"", with: "\"other\": 1", in: "run.json")
    let problem = #expect(throws: DataProblem.self) {
      try real.open().data(without, warn: { _ in })
    }
    #expect(problem?.kind == .missing)
  }

  @Test func `parts are found by name, and an empty one is refused with those there are`() throws {
    let data = try TestRun(experiment(validation: 8)).open().data(DataEnvironment()) { _ in }
    #expect(try data.part(nil).split == .test)
    #expect(try data.part(.validation).range == 32..<40)
    #expect(try data.part(.train, limit: 5).range == 0..<5)

    let run = try TestRun(experiment())
    try run.replace("test: 30", with: "test: 0", in: "resolved.yaml")
    let other = try run.open().data(DataEnvironment()) { _ in }
    let problem = #expect(throws: DataProblem.self) { try other.part(nil) }
    #expect(problem?.message.contains("choose --split train") == true)
  }

  @Test func `encodings keep the order of the images, whatever part is taken`() throws {
    let trained = try TestRun(experiment(validation: 8)).open()
    let data = try trained.data(DataEnvironment()) { _ in }
    let all = trained.encode(try data.part(.train))
    let some = trained.encode(try data.part(.train, limit: 3))
    #expect(some.mean == Array(all.mean[0..<6]))
    let variances = try #require(all[parameter: "log_variance"])
    #expect(some[parameter: "log_variance"] == Array(variances[0..<6]))
    let direct = trained.access.encode(try data.part(.validation).slice)
    #expect(trained.encode(try data.part(.validation)).mean == direct.mean)
  }
}
