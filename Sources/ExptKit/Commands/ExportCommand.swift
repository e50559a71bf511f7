import ArgumentParser
import ExptFiles
import ExptRunFolder
import ExptTraining

/// `expt export RUN --format FORMAT`: a run for other programs.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a run in the format of another program.",
    discussion: """
      tensorboard: metrics and pictures as an event file (tensorboard --logdir FOLDER); for a file \
      that grows while the run trains, set outputs.tensorboard: true. safetensors, npz: the weights \
      with PyTorch's names and shapes. onnx: the encoder (images to mean and log_variance, or \
      latents) and the decoder (latents to images), for batches of any size. mlflow: settings, \
      metrics, pictures and weights in the folder format of MLflow; with -o, several runs can share \
      one folder. Prints the path of each file it wrote, or of the run's folder for MLflow.
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case tensorboard, safetensors, npz, onnx, mlflow
  }

  @Argument(
    help: ArgumentHelp("The run folder, finished or not.", valueName: "run"),
    completion: .directory)
  var path: String

  @Option(help: "What to write.")
  var format: Format

  @Option(
    help: ArgumentHelp(
      "The weights: best, last, or an epoch's number. Default: best where there is one.",
      valueName: "checkpoint"))
  var checkpoint: String?

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The folder to write to. Default: RUN/made.", valueName: "folder"),
    completion: .directory)
  var output: String?

  func validate() throws {
    if let checkpoint, CheckpointStore.Name(checkpoint) == nil {
      throw ValidationError(
        "--checkpoint \(checkpoint): write best, last, an epoch's number, or epoch-0010")
    }
  }

  func run() throws {
    try printing {
      let folder = try RunFolder.open(path)
      let place = output ?? folder.file("made")
      try TrainingFiles.refuse(folder: place)
      switch format {
      case .tensorboard: return try [tensorboard(folder, place)]
      case .safetensors, .npz: return try [weights(folder, place)]
      case .onnx: return try onnx(place)
      case .mlflow: return try [mlflow(folder, place)]
      }
    }
  }

  private func tensorboard(_ folder: RunFolder, _ place: String) throws -> String {
    let created = try folder.readManifest().created
    let events = try TensorBoardEvents(folder, created: created).all()
    // TensorBoard takes each folder for a run.
    let own = output == nil ? FilePath.join(place, "tensorboard") : place
    try ExclusiveFolder.makeAll(own)
    let file = FilePath.join(own, TensorBoardEvents.fileName(created: created))
    try AtomicFile.write(events, to: file)
    return file
  }

  private func mlflow(_ folder: RunFolder, _ place: String) throws -> String {
    let store = output ?? FilePath.join(place, "mlruns")
    let weights = folder.checkpoints.weightsFile(checkpointName(folder))
    let hasWeights = checkpoint != nil || FilePath.exists(weights)
    return try MLflowRun(folder, weights: hasWeights ? weights : nil)
      .write(to: MLflowStore(folder: store))
  }

  private func onnx(_ place: String) throws -> [String] {
    let run = try TrainedRun.open(
      path, checkpoint: checkpoint.flatMap(CheckpointStore.Name.init), threads: 1,
      catalog: Expt.catalog)
    return try ONNXFiles(run: run).write(to: place)
  }

  private func weights(_ folder: RunFolder, _ place: String) throws -> String {
    let name = checkpointName(folder)
    let file = try Safetensors.read(folder.checkpoints.weightsFile(name))
    try ExclusiveFolder.makeAll(place)
    let target = FilePath.join(place, "weights-\(name).\(format.rawValue)")
    if format == .safetensors {
      try file.write(to: target)
    } else {
      let arrays = file.tensors.compactMap { tensor in
        tensor.floats.map { (tensor.name, NPYArray(shape: tensor.shape, floats: $0)) }
      }
      try NPZ.write(arrays, to: target)
    }
    return target
  }

  private func checkpointName(_ folder: RunFolder) -> CheckpointStore.Name {
    let hasBest = FilePath.exists(folder.checkpoints.weightsFile(.best))
    return checkpoint.flatMap(CheckpointStore.Name.init) ?? (hasBest ? .best : .last)
  }
}
