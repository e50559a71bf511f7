import ExptFiles

/// A named array of numbers, as checkpoints hold them.
public struct NamedTensor: Sendable, Hashable {
  public var name: String
  public var shape: [Int]
  /// Row-major, as many as `shape`'s product.
  public var values: [Float]

  public init(name: String, shape: [Int], values: [Float]) {
    self.name = name
    self.shape = shape
    self.values = values
  }
}

/// How far training has come.
public struct TrainingPosition: Sendable, Hashable, Comparable {
  /// Whole epochs done.
  public var epoch: Int
  /// Batches done in the epoch under way.
  public var batch: Int
  /// Optimizer steps done in all.
  public var step: Int

  public init(epoch: Int, batch: Int, step: Int) {
    self.epoch = epoch
    self.batch = batch
    self.step = step
  }

  public static func < (a: TrainingPosition, b: TrainingPosition) -> Bool {
    (a.step, a.epoch, a.batch) < (b.step, b.epoch, b.batch)
  }
}

/// A model in the midst of training: its weights and all that is needed to continue byte for byte.
///
/// Nothing that differs between machines or starts (times, hosts, threads) belongs in here.
public struct Checkpoint: Sendable, Hashable {
  public var position: TrainingPosition
  /// With PyTorch's names and shapes.
  public var weights: [NamedTensor]
  /// A moving average of the weights, with the same names and shapes; empty for a run without.
  public var average: [NamedTensor]
  /// The optimizer's slots and other Float state.
  public var tensors: [NamedTensor]
  /// Running sums and the like, kept in full.
  public var doubles: [String: [Double]]
  /// Counters and the random stream.
  public var integers: [String: [UInt64]]
  /// Words, such as the optimizer's id or the hash of the resolved experiment.
  public var notes: [String: String]

  public init(
    position: TrainingPosition, weights: [NamedTensor], average: [NamedTensor] = [],
    tensors: [NamedTensor] = [], doubles: [String: [Double]] = [:],
    integers: [String: [UInt64]] = [:],
    notes: [String: String] = [:]
  ) {
    self.position = position
    self.weights = weights
    self.average = average
    self.tensors = tensors
    self.doubles = doubles
    self.integers = integers
    self.notes = notes
  }
}

extension Checkpoint {
  static let formatKey = "expt.checkpoint"
  static let format = "1"

  /// The weights alone, for everybody to load: `last.safetensors`.
  var weightsFile: Safetensors { file(of: weights) }

  /// Their average alone, likewise: `ema.safetensors`; nil where there is none.
  var averageFile: Safetensors? { average.isEmpty ? nil : file(of: average) }

  private func file(of tensors: [NamedTensor]) -> Safetensors {
    var file = Safetensors(metadata: positionMetadata)
    for tensor in tensors { file.add(tensor.name, shape: tensor.shape, floats: tensor.values) }
    return file.sealed
  }

  /// Everything, weights included, so that one file is enough to go on: `last.state.safetensors`.
  var stateFile: Safetensors {
    var file = Safetensors(metadata: positionMetadata)
    for (key, text) in notes { file.metadata["note." + key] = text }
    for tensor in weights {
      file.add("weights/" + tensor.name, shape: tensor.shape, floats: tensor.values)
    }
    for tensor in average {
      file.add("average/" + tensor.name, shape: tensor.shape, floats: tensor.values)
    }
    for tensor in tensors {
      file.add("tensors/" + tensor.name, shape: tensor.shape, floats: tensor.values)
    }
    for (name, values) in doubles {
      file.add("doubles/" + name, shape: [values.count], doubles: values)
    }
    for (name, values) in integers {
      file.add("integers/" + name, shape: [values.count], uint64s: values)
    }
    return file.sealed
  }

  private var positionMetadata: [String: String] {
    [
      Self.formatKey: Self.format, "epoch": String(position.epoch),
      "batch": String(position.batch), "step": String(position.step),
    ]
  }

  /// From what `stateFile` made. Tensors come in order of their names.
  init(stateFile file: Safetensors, path: String) throws(FileProblem) {
    guard file.metadata[Self.formatKey] == Self.format,
      let position = TrainingPosition(metadata: file.metadata)
    else {
      throw FileProblem(
        .malformed, "this is not the state of a training run that this version can read.",
        path: path)
    }
    self.init(position: position, weights: [])
    for (key, text) in file.metadata where key.hasPrefix("note.") {
      notes[String(key.dropFirst(5))] = text
    }
    for tensor in file.tensors.sorted(by: { $0.name < $1.name }) {
      try add(tensor, path: path)
    }
  }

  private mutating func add(_ tensor: Safetensors.Tensor, path: String) throws(FileProblem) {
    let parts = tensor.name.split(separator: "/", maxSplits: 1).map(String.init)
    let name = parts.count == 2 ? parts[1] : ""
    switch (parts.first, tensor.floats, tensor.doubles, tensor.uint64s) {
    case ("weights", let values?, _, _):
      weights.append(NamedTensor(name: name, shape: tensor.shape, values: values))
    case ("average", let values?, _, _):
      average.append(NamedTensor(name: name, shape: tensor.shape, values: values))
    case ("tensors", let values?, _, _):
      tensors.append(NamedTensor(name: name, shape: tensor.shape, values: values))
    case ("doubles", _, let values?, _): doubles[name] = values
    case ("integers", _, _, let values?): integers[name] = values
    default:
      throw FileProblem(
        .malformed,
        "holds '\(tensor.name)' of type \(tensor.type.rawValue), which no training "
          + "state has.", path: path)
    }
  }
}

extension TrainingPosition {
  init?(metadata: [String: String]) {
    func number(_ key: String) -> Int? { metadata[key].flatMap { Int($0) } }
    guard let epoch = number("epoch"), let batch = number("batch"), let step = number("step") else {
      return nil
    }
    self.init(epoch: epoch, batch: batch, step: step)
  }
}
