import ArgumentParser
import ExptFiles
import ExptRunFolder
import ExptTraining

/// `expt export RUN --format FORMAT`: a run for other programs.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a run in the format of another program.",
    usage: "expt export <run> --format <format> [<options>]",
    discussion: """
      tensorboard: metrics and pictures as an event file (tensorboard --logdir FOLDER); for a file \
      that grows while the run trains, set outputs.tensorboard: true. safetensors, npz: the weights \
      with PyTorch's names and shapes. onnx: the encoder (images to mean and log_variance, or \
      latents) and the decoder (latents to images), for batches of any size. Where latents are \
      choices or switches, mean has their probabilities, and a further output of the encoder, points, \
      the choices made: decode those to reconstruct. Labels and factors that a model is told are \
      inputs, labels and factor/NAME, and so is observed where pixels may be missing: 1 for one that \
      is there, else 0. mlflow: settings, \
      metrics, pictures and weights in the folder format of MLflow; with -o, several runs can share \
      one folder, and a run already there is updated. Prints the path of each file \
      written, or of the run's folder for MLflow.
      """)

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case tensorboard, safetensors, npz, onnx, mlflow
  }

  @Argument(
    help: ArgumentHelp(
      "The run, finished or not: a path, a name, the beginning of its folder's name, or 'latest'.",
      valueName: "run"), completion: Completions.run)
  var word: String

  @OptionGroup var place: RunsFolderOption

  @Option(help: ArgumentHelp("What to write.", valueName: "format"))
  var format: Format

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The weights: best, last, or an epoch's number. Default: best if there is one.",
      valueName: "checkpoint"), completion: Completions.checkpoint)
  var checkpoint: String?

  @OptionGroup var choice: WeightsOption

  @OptionGroup var files: MadeFilesOptions

  func validate() throws {
    if let checkpoint, CheckpointStore.Name(checkpoint) == nil {
      throw ValidationError(
        "--checkpoint \(checkpoint): write best, last, an epoch's number, or epoch-0010")
    }
  }

  func run() throws {
    try printing {
      let folder = try place.find(word)
      switch format {
      case .tensorboard: return try tensorboard(folder)
      case .safetensors, .npz: return try weights(folder)
      case .onnx: return try onnx(folder)
      case .mlflow: return [try mlflow(folder)]
      }
    }
  }

  private func tensorboard(_ folder: RunFolder) throws -> [String] {
    let created = try folder.readManifest().created
    let events = try TensorBoardEvents(folder, created: created).all()
    let name = TensorBoardEvents.fileName(created: created)
    // TensorBoard takes each folder for a run.
    let place = files.output ?? FilePath.join(folder.file("made"), "tensorboard")
    try TrainingFiles.refuse(folder: place)
    let file = FilePath.join(place, name)
    if files.output != nil { try files.overwriting.refuse([file]) }
    try ExclusiveFolder.makeAll(place)
    try AtomicFile.write(events, to: file)
    return [file]
  }

  /// A store holds many runs: this one is added, or brought up to date where it is there already.
  private func mlflow(_ folder: RunFolder) throws -> String {
    let store = files.output ?? FilePath.join(folder.file("made"), "mlruns")
    try TrainingFiles.refuse(folder: store)
    let name = checkpointName(folder)
    let weights = folder.checkpoints.file(name, kind(folder, name))
    let hasWeights = checkpoint != nil || FilePath.exists(weights)
    return try MLflowRun(folder, weights: hasWeights ? weights : nil)
      .write(to: MLflowStore(folder: store))
  }

  private func onnx(_ folder: RunFolder) throws -> [String] {
    let run = try TrainedRun.open(
      folder.path, checkpoint: checkpoint.flatMap(CheckpointStore.Name.init),
      weights: choice.weights, threads: 1,
      catalog: Expt.catalog)
    if files.namesFile {
      throw CommandFailure(
        .usage, "the encoder and the decoder are written to a file each: name a folder with -o")
    }
    let models = try ONNXFiles(run: run)
    let targets = try models.names.map { name in
      try files.targets(name, ["onnx"], of: folder)
    }.flatMap(\.self)
    return try models.write(to: targets.map(\.path))
  }

  private func weights(_ folder: RunFolder) throws -> [String] {
    let name = checkpointName(folder)
    let file = try Safetensors.read(folder.checkpoints.file(name, kind(folder, name)))
    let isDefault = kind(folder, name) == folder.checkpoints.defaultKind(name)
    let suffix = isDefault ? "" : "-\(kind(folder, name).rawValue)"
    let targets = try files.targets("weights-\(name)\(suffix)", [format.rawValue], of: folder)
    let arrays = file.tensors.compactMap { tensor in
      tensor.floats.map { (tensor.name, NPYArray(shape: tensor.shape, floats: $0)) }
    }
    for target in targets {
      if format == .safetensors {
        try file.write(to: target.path)
      } else {
        try NPZ.write(arrays, to: target.path)
      }
    }
    return targets.map(\.path)
  }

  private func kind(_ folder: RunFolder, _ name: CheckpointStore.Name) -> WeightsKind {
    choice.weights ?? folder.checkpoints.defaultKind(name)
  }

  private func checkpointName(_ folder: RunFolder) -> CheckpointStore.Name {
    let hasBest = FilePath.exists(folder.checkpoints.weightsFile(.best))
    return checkpoint.flatMap(CheckpointStore.Name.init) ?? (hasBest ? .best : .last)
  }
}
