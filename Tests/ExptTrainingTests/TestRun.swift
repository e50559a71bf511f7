import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptRunFolder
import ExptTensor
import ExptTestSupport
import ExptTraining
import Foundation
import Testing

/// Images of 2×2 numbers, uniform in 0 … 1.
struct TestPoints: Dataset {
  static let id = "test_points"
  static let summary = "Small images of random numbers."

  @Group var split = SplitSettings()
  @Setting("Training images.", .atLeast(1)) var count: Int = 40
  @Setting("Test images.", .atLeast(0)) var test: Int = 30
  @Setting("Another number, other images.") var draw: Int = 0

  func imageShape(_ environment: DataEnvironment) -> Shape { [1, 2, 2] }

  func load(_ environment: DataEnvironment) -> LoadedData {
    LoadedData(train: images(count, part: 0), test: images(test, part: 1))
  }

  private func images(_ count: Int, part: Int) -> ImageSet {
    var random = RandomSequence(
      seed: UInt64(draw), stream: Random.stream("points"), position: UInt64(part))
    return ImageSet(
      shape: [1, 2, 2], count: count,
      pixels: .floats((0..<count * 4).map { _ in random.fraction() }),
      labels: (0..<count).map { Int32($0 % 3) })
  }
}

/// Other points, that can only be had where there is a data folder.
struct ElusivePoints: Dataset {
  static let id = "elusive_points"
  static let summary = "Images that are there only with a data folder."

  @Group var split = SplitSettings()

  func imageShape(_ environment: DataEnvironment) throws(DataProblem) -> Shape {
    try load(environment).train.shape
  }

  func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    guard environment.dataFolder != nil else { throw DataProblem(.missing, "they are elsewhere") }
    var points = TestPoints()
    points.draw = 1
    return points.load(environment)
  }
}

/// Points that nothing is known of.
struct UnlabelledPoints: Dataset {
  static let id = "unlabelled_points"
  static let summary = "Small images of random numbers, without labels."

  @Group var split = SplitSettings()

  func imageShape(_ environment: DataEnvironment) -> Shape { [1, 2, 2] }

  func load(_ environment: DataEnvironment) -> LoadedData {
    var data = TestPoints().load(environment)
    (data.train.labels, data.test.labels) = (nil, nil)
    return data
  }
}

/// Runs made in a folder of their own.
struct TestRun {
  let folder: TemporaryFolder
  let path: String

  static let catalog: Catalog = {
    do {
      return try Catalog(
        Catalog.builtins + [
          TestPoints.self, ElusivePoints.self, UnlabelledPoints.self, LinearRows.self,
          FeatureGaussian.self,
        ])
    } catch {
      return Catalog()
    }
  }()

  /// Trains an experiment to its end.
  init(_ experiment: String, environment: DataEnvironment = DataEnvironment()) throws {
    let session: RunSession
    (self, session) = try Self.starting(experiment, environment: environment)
    _ = try session.train()
  }

  private init(_ folder: TemporaryFolder) {
    self.folder = folder
    path = folder.file("run")
  }

  /// A run that is yet to be trained.
  static func starting(
    _ experiment: String, environment: DataEnvironment = DataEnvironment()
  ) throws -> (run: TestRun, session: RunSession) {
    let run = TestRun(TemporaryFolder())
    try AtomicFile.write(experiment, to: run.folder.file("experiment.yaml"))
    let file = try ExperimentFile.load(
      path: run.folder.file("experiment.yaml"), overrides: [], catalog: catalog)
    let session = try RunSession.starting(
      file,
      RunSession.Options(
        exactFolder: run.path, threads: 1, environment: environment,
        versions: Manifest.Versions(expt: "test", swift: "test")))
    return (run, session)
  }

  func open(
    _ checkpoint: CheckpointStore.Name? = nil, threads: Int = 1
  ) throws -> TrainedRun {
    try TrainedRun.open(path, checkpoint: checkpoint, threads: threads, catalog: Self.catalog)
  }

  var metrics: MetricsTable {
    get throws { try MetricsTable.read(RunFolder.open(path).metricsFile) }
  }

  /// A column of `metrics.csv`, an epoch each.
  func column(_ name: String) throws -> [Double] {
    try #require(metrics[name], "there is no \(name)")
  }

  /// All weights of a checkpoint, those of one tensor after those of another, by their names.
  func weights(_ checkpoint: String = "last") throws -> [Float] {
    let file = try Safetensors.read(FilePath.join(path, "checkpoints/\(checkpoint).safetensors"))
    return file.tensors.sorted { $0.name < $1.name }.flatMap { $0.floats ?? [] }
  }

  /// Changes a text in a file of the run.
  func replace(_ old: String, with new: String, in name: String) throws {
    let file = FilePath.join(path, name)
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let changed = text.replacingOccurrences(of: old, with: new)
    guard changed != text else { throw FileProblem(.malformed, "has no '\(old)'.", path: file) }
    try AtomicFile.write(changed, to: file)
  }
}
