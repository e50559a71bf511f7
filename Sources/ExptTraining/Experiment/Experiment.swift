public import ExptComponents
import ExptDocument
import ExptFiles
public import ExptTensor

/// An experiment: everything an experiment file says, typed and valid.
public struct Experiment: Settings {
  @Setting("The experiment's name; runs go to runs/<name>/. Default: the file's name.")
  public var name: String = ""
  @Setting("Seed of all randomness; the same seed gives the same bytes.")
  public var seed: UInt64 = 0
  @Slot("The images.", .dataset) public var dataset: any Dataset
  @Slot("The autoencoder.", .model) public var model: any Model
  @Slot("How gradients are turned into steps.", .optimizer, default: "adam")
  public var optimizer: any Optimizer
  @Entries(
    "Parameters with their own optimizer, by the start of their names.",
    each: "{ optimizer: sgd }")
  public var parameterGroups: [Entry<ParameterGroupSettings>] = []
  @Section("How long to train, and in what batches.") public var training = TrainingSettings()
  @Section("What is written to the run folder, and how often.") public var outputs =
    OutputSettings()

  public init() {}

  public func check(_ report: SettingsReport) {
    checkFit(report)
    guard let problem = FolderName.problem(with: name) else { return }
    let isGiven = report.isGiven("name")
    report.error(
      "\(isGiven ? "" : "the file's own name ")\(Diagnostic.quote(name)) cannot name a folder: "
        + "it \(problem)", at: "name",
      help: isGiven ? FolderName.rule : "give another with 'name:' in the file, or with --name")
  }
}

/// Parameters that are trained by another optimizer than the rest of the model.
public struct ParameterGroupSettings: Settings {
  @Slot("How their gradients are turned into steps.", .optimizer) public var optimizer:
    any Optimizer

  public init() {}
}

extension Experiment {
  /// Which of `parameter_groups` a parameter belongs to: the longest one that its name starts with, part
  /// by part; nil for none, and for an opponent's.
  func parameterGroup(of spec: ParameterSpec) -> String? {
    guard spec.group.isEmpty else { return nil }
    return parameterGroups.map(\.key)
      .filter { spec.name == $0 || spec.name.hasPrefix($0 + ".") }
      .max { $0.count < $1.count }
  }
}

/// How long to train, and in what batches.
public struct TrainingSettings: Settings {
  @Setting("Passes over the training images.", .within(1...1_000_000)) public var epochs: Int = 10
  @Setting("Images per batch.", .within(1...1_000_000)) public var batchSize: Int = 128
  @Setting("Shuffle the images every epoch.") public var shuffle: Bool = true
  @Setting("Leave out the last batch of an epoch if it is smaller.")
  public var dropLast: Bool = false
  @Setting("Number of batches whose gradients are averaged for one step.", .within(1...100_000))
  public var accumulate: Int = 1
  @Setting("Stop after this many epochs without improvement; null: never.", .atLeast(1))
  public var earlyStopping: Int? = nil
  @Setting("How much lower a loss must be to count as better, in nats.", .atLeast(0))
  public var minimumImprovement: Double = 0
  @Setting(
    "Decay of a moving average of the weights, corrected for its start, which is then evaluated, judged, "
      + "shown and used by commands; null: none.", .within(0..<1))
  public var ema: Double? = nil
  @Setting("Number format of matrix products: float32, or bf16 on processors with AVX-512 BF16.")
  public var precision: Precision = .float32
  @Setting(
    "Keep fewer values for the gradients and compute the others again: less memory, up to a third more "
      + "time, the same bytes.")
  public var recompute: Bool = false

  public init() {}
}

extension Precision: NamedChoice {}

/// What is written to the run folder, and how often.
public struct OutputSettings: Settings {
  @Setting("Save a checkpoint every N epochs; 0: only at the end.", .atLeast(0))
  public var checkpointEvery: Int = 1
  @Setting("Keep the newest N numbered checkpoints (last and best are always kept).", .atLeast(0))
  public var keepCheckpoints: Int = 3
  @Setting("Write reconstructions and samples every N epochs; 0: never.", .atLeast(0))
  public var imagesEvery: Int = 1
  @Setting("Number of images in each picture.", .within(1...1024)) public var imageCount: Int = 64
  @Setting("File formats of pictures: pgm (ppm for colour), png or both.")
  public var imageFormats: [ImageFormat] = ImageFormat.allCases
  @Setting("Write latents and traversals for reports when training ends.")
  public var summary: Bool = true
  @Setting("Write metrics and pictures for TensorBoard too, into tensorboard/.")
  public var tensorboard: Bool = false
  @Section("What is measured while the run trains, and how often.")
  public var evaluate = EvaluateSettings()
  @Slots("Further outputs, such as traversals.", .output) public var also: [any Output] = []

  public init() {}

  public func check(_ report: SettingsReport) {
    if imageFormats.isEmpty {
      report.error(
        "pictures need a format", at: "image_formats",
        help: "write [pgm, png], or images_every: 0 for no pictures")
    } else if Set(imageFormats).count < imageFormats.count {
      report.error("a format is listed twice", at: "image_formats", help: "name it once")
    }
    let ids = also.map(\.id)
    if let twice = ids.first(where: { id in ids.count { $0 == id } > 1 }) {
      report.error(
        "'\(twice)' is listed twice: its files would have the same names", at: "also",
        help: "name it once")
    }
  }
}
