public import ExptComponents
import ExptData
import ExptFiles
public import ExptInference
public import ExptRunFolder
import ExptTensor

/// A run's model with the weights of one of its checkpoints, finished or not, as commands use it.
///
///     let run = try TrainedRun.open("runs/vae/20260131-235908-1f3a9c2e", threads: 2, catalog: …)
///     run.access.decode(latents)
///
/// The shape of the images is taken from `run.json`: no data are loaded until `data` is called, and
/// nothing is written.
public struct TrainedRun {
  public let folder: RunFolder
  public let manifest: Manifest
  public let file: ExperimentFile
  public let network: Network
  /// The checkpoint that the weights are from.
  public let checkpoint: CheckpointStore.Name
  /// Which of its weights.
  public let weights: WeightsKind
  /// How far training had come by then; zero where the file does not tell.
  public let position: TrainingPosition
  /// What is odd about the weights, in sentences.
  public let concerns: [String]
  private let isPositionKnown: Bool

  public var experiment: Experiment { file.experiment }

  /// - Parameters:
  ///   - path: The run folder.
  ///   - checkpoint: nil: `best` if the run has validation images, else `last`.
  ///   - weights: nil: their average if the run keeps one.
  ///   - catalog: The components that the experiment may name.
  /// - Throws: `FileProblem` if something is missing or damaged, `Diagnostics` if the
  ///   experiment cannot be read or its model cannot be built.
  public static func open(
    _ path: String, checkpoint: CheckpointStore.Name? = nil, weights kind: WeightsKind? = nil,
    threads: Int, catalog: Catalog
  ) throws -> TrainedRun {
    let folder = try RunFolder.open(path)
    let manifest = try folder.readManifest()
    let file = try ExperimentFile.load(
      path: folder.resolvedFile, overrides: [], catalog: catalog, expansion: nil)
    let name = checkpoint ?? folder.defaultCheckpoint(manifest)
    let kind = kind ?? folder.checkpoints.defaultKind(name)
    let (weights, position) = try folder.checkpoints.loadWeights(name, kind)
    let facts = try DataFacts(manifest, path: folder.manifestFile)
    let network = try file.building { () throws in
      try Network(
        file.experiment.model, facts: facts, pool: ThreadPool(threads: threads),
        seed: file.experiment.seed)
    }
    let weightsFile = folder.checkpoints.file(name, kind)
    do { try network.load(weights) } catch {
      throw FileProblem(.malformed, error.message + ".", path: weightsFile)
    }
    let isUntrained = position?.step == 0 ? ["these are the initial weights, untrained"] : []
    let concerns =
      isUntrained + network.concerns(about: weights).map { "\(weightsFile): \($0)" }
    return TrainedRun(
      folder: folder, manifest: manifest, file: file, network: network, checkpoint: name,
      weights: kind, position: position ?? TrainingPosition(epoch: 0, batch: 0, step: 0),
      concerns: concerns,
      isPositionKnown: position != nil)
  }

  /// The checkpoint by how far it is, for names of files: `epoch-0010`, or `step-1234` in the midst
  /// of an epoch.
  ///
  /// Of a run with an average, weights that are not averaged are named so: `epoch-0010-trained`.
  public var stage: String {
    guard isPositionKnown else { return weightsName }
    let place =
      position.batch == 0
      ? CheckpointStore.Name.epoch(position.epoch).description : "step-\(position.step)"
    return place + suffix
  }

  /// The weights by the name of their checkpoint: `best`, or `best-trained` where the run has an average
  /// of them and they are not it.
  public var weightsName: String { "\(checkpoint)\(suffix)" }

  private var suffix: String {
    weights == folder.checkpoints.defaultKind(checkpoint) ? "" : "-\(weights.rawValue)"
  }
}

extension RunFolder {
  /// The checkpoint that says most: the best where validation chose it, else the last.
  func defaultCheckpoint(_ manifest: Manifest) -> CheckpointStore.Name {
    let hasBest =
      FilePath.exists(checkpoints.weightsFile(.best))
      || FilePath.exists(checkpoints.stateFile(.best))
    return manifest.dataset.validation > 0 && hasBest ? .best : .last
  }
}

extension CheckpointStore {
  /// The weights that were evaluated in training: the average where there is one.
  public func defaultKind(_ name: Name) -> WeightsKind { hasAverage(name) ? .average : .trained }
}

extension DataFacts {
  /// What a model with weights needs to know of the data.
  init(_ manifest: Manifest, path: String) throws(FileProblem) {
    let shape = manifest.dataset.shape
    guard shape.count == 3, shape.allSatisfy({ (1...65_536).contains($0) }),
      shape[0] * shape[1] * shape[2] <= 1 << 28
    else {
      throw FileProblem(
        .malformed, "its 'dataset.shape' \(shape) is not the shape of an image.", path: path)
    }
    let count = shape[0] * shape[1] * shape[2]
    // First values are drawn and then replaced; the mean image would only be needed for them.
    self.init(
      image: Shape(shape), classes: manifest.dataset.classes.flatMap { $0 > 0 ? $0 : nil },
      factors: manifest.dataset.factors
    ) { Array(repeating: 0, count: count) }
    trainingCount = manifest.dataset.training > 0 ? manifest.dataset.training : nil
    table = try manifest.dataset.table.map { json throws(FileProblem) in
      guard let table = TableColumns(json), table.shape == image else {
        throw FileProblem(
          .malformed, "its 'dataset.table' does not say what the columns are.", path: path)
      }
      return table
    }
  }
}
