public import ExptFiles

/// The `checkpoints/` folder of a run.
///
/// Each checkpoint is two files: `NAME.safetensors`, the weights for everybody, and
/// `NAME.state.safetensors`, everything needed to go on, weights included. Since the state is
/// complete in one file that appears in one rename, a kill can never leave a pair that does not fit:
/// the state is what counts, and `recover` makes the weights beside it anew.
///
/// A run that averages its weights has a third: the average for everybody, `ema.safetensors` beside `last`
/// and `NAME.ema.safetensors` beside any other.
///
/// Names are `epoch-0010`, …, `best` and `last`, and they are written in this order, `last` last: so
/// whatever a kill prevented is done again by the run that resumes from `last`.
public struct CheckpointStore: Sendable, Hashable {
  public let folder: String

  public init(folder: String) { self.folder = folder }

  /// Which checkpoint.
  public enum Name: Sendable, Hashable, CustomStringConvertible {
    case last, best
    case epoch(Int)

    /// As in file names.
    public var description: String {
      switch self {
      case .last: "last"
      case .best: "best"
      case .epoch(let epoch): EpochName.text(epoch)
      }
    }

    /// From `last`, `best`, `epoch-0010` or `10`.
    public init?(_ text: String) {
      switch text {
      case "last": self = .last
      case "best": self = .best
      default:
        guard let epoch = EpochName.epoch(text) ?? Int(text), epoch >= 0 else { return nil }
        self = .epoch(epoch)
      }
    }
  }

  public func weightsFile(_ name: Name) -> String {
    FilePath.join(folder, "\(name).safetensors")
  }
  /// The file of the averaged weights.
  public func averageFile(_ name: Name) -> String {
    FilePath.join(folder, name == .last ? "ema.safetensors" : "\(name).ema.safetensors")
  }
  /// The file of these weights.
  public func file(_ name: Name, _ kind: WeightsKind) -> String {
    kind == .average ? averageFile(name) : weightsFile(name)
  }
  public func stateFile(_ name: Name) -> String {
    FilePath.join(folder, "\(name).state.safetensors")
  }

  /// The epochs that have a checkpoint of their own, in order.
  public var epochs: [Int] {
    let names = (try? FilePath.names(in: folder)) ?? []
    let suffix = ".state.safetensors"
    return names.filter { $0.hasSuffix(suffix) }
      .compactMap { EpochName.epoch(String($0.dropLast(suffix.count))) }.sorted()
  }

  // MARK: Writing

  /// Saves a checkpoint as `last` and, where asked, under its epoch and as `best`.
  ///
  /// - Parameters:
  ///   - asEpoch: also keep it as `epoch-N`, N being `position.epoch`.
  ///   - isBest: also keep it as `best`.
  ///   - keeping: the number of `epoch-N` checkpoints that stay, the newest; nil keeps all.
  public func save(
    _ checkpoint: Checkpoint, asEpoch: Bool, isBest: Bool, keeping: Int? = nil
  ) throws(FileProblem) {
    var names: [Name] = asEpoch ? [.epoch(checkpoint.position.epoch)] : []
    if isBest { names.append(.best) }
    names.append(.last)
    let first = names[0]
    try checkpoint.stateFile.write(to: stateFile(first))
    try checkpoint.weightsFile.write(to: weightsFile(first))
    try checkpoint.averageFile?.write(to: averageFile(first))
    for name in names.dropFirst() {
      // The same file under another name: nothing is written twice.
      try AtomicFile.link(stateFile(first), as: stateFile(name))
      try AtomicFile.link(weightsFile(first), as: weightsFile(name))
      if !checkpoint.average.isEmpty {
        try AtomicFile.link(averageFile(first), as: averageFile(name))
      }
    }
    if let keeping { try prune(keeping: keeping) }
  }

  /// Removes all but the newest `epoch-N` checkpoints.
  public func prune(keeping: Int) throws(FileProblem) {
    for epoch in epochs.dropLast(max(0, keeping)) {
      // The state goes last: `epochs` goes by it, so a kill in between is made up for later.
      try FilePath.remove(weightsFile(.epoch(epoch)))
      try FilePath.remove(averageFile(.epoch(epoch)))
      try FilePath.remove(stateFile(.epoch(epoch)))
    }
  }

  // MARK: Reading

  /// A checkpoint whole.
  public func load(_ name: Name) throws(FileProblem) -> Checkpoint {
    let path = stateFile(name)
    return try Checkpoint(stateFile: Safetensors.read(path), path: path)
  }

  /// Whether a checkpoint has averaged weights.
  public func hasAverage(_ name: Name) -> Bool {
    FilePath.exists(averageFile(name))
      || (!FilePath.exists(weightsFile(name))
        && (try? load(name)).map { !$0.average.isEmpty } ?? false)
  }

  /// Weights, with their names, shapes and position; nil for a position that the file does not tell,
  /// having been written by another program. Reads the state where the weights are missing.
  public func loadWeights(
    _ name: Name, _ kind: WeightsKind = .trained
  ) throws(FileProblem) -> (weights: [NamedTensor], position: TrainingPosition?) {
    do { return try readWeights(name, kind) } catch {
      guard error.isDamage else { throw error }
      var problem = error
      let others = names.filter { $0 != name && (try? readWeights($0, kind)) != nil }
      problem.message +=
        others.isEmpty
        ? " No other checkpoint is undamaged."
        : " Undamaged, for --checkpoint: \(Self.list(others))."
      throw problem
    }
  }

  private func readWeights(
    _ name: Name, _ kind: WeightsKind
  ) throws(FileProblem) -> (weights: [NamedTensor], position: TrainingPosition?) {
    let path = file(name, kind)
    if !FilePath.exists(path), FilePath.exists(stateFile(name)) {
      let checkpoint = try load(name)
      let weights = kind == .average ? checkpoint.average : checkpoint.weights
      guard !weights.isEmpty else {
        throw FileProblem(.missing, "this run does not average its weights.", path: folder)
      }
      return (weights, checkpoint.position)
    }
    if !FilePath.exists(path) {
      throw FileProblem(
        .missing, "there is no such checkpoint; available: \(Self.list(names)).", path: path)
    }
    let file = try Safetensors.read(path)
    var weights: [NamedTensor] = []
    for tensor in file.tensors.sorted(by: { $0.name < $1.name }) {
      guard let values = tensor.floats else {
        throw FileProblem(
          .unsupported, "'\(tensor.name)' is of type \(tensor.type.rawValue); weights are F32.",
          path: path)
      }
      weights.append(NamedTensor(name: tensor.name, shape: tensor.shape, values: values))
    }
    return (weights, TrainingPosition(metadata: file.metadata))
  }

  /// Makes the folder whole after a kill and returns the checkpoint to resume from: `last`, or, where
  /// that is missing or damaged, the newest other one. Nil if there is none at all. The caller
  /// holds the run's lock.
  ///
  /// - Parameters:
  ///   - keeping: as in `save`, for the clearing up that a kill may have prevented.
  ///   - warn: told of each checkpoint that is damaged.
  /// - Throws: the problem with `last` when it is damaged and there is no other.
  public func recover(
    keeping: Int? = nil, warn: (String) -> Void = { _ in }
  ) throws(FileProblem) -> (checkpoint: Checkpoint, from: Name)? {
    let found = try newest()
    // Only with a good `last` are the others no longer needed.
    if let keeping, found?.from == .last { try prune(keeping: keeping) }
    if let found, found.from != .last {
      warn("continuing from the checkpoint \(found.from) instead of 'last'")
    }
    for name in [Name.best, .last] + epochs.map(Name.epoch)
    where FilePath.exists(stateFile(name)) {
      let checkpoint: Checkpoint
      do { checkpoint = try load(name) } catch {
        warn("\(error)")
        continue
      }
      try restore(checkpoint.weightsFile, to: weightsFile(name))
      if let average = checkpoint.averageFile { try restore(average, to: averageFile(name)) }
    }
    return found
  }

  private func restore(_ file: Safetensors, to path: String) throws(FileProblem) {
    let bytes = file.bytes
    if (try? FileBytes.read(path)) != bytes { try AtomicFile.write(bytes, to: path) }
  }

  private func newest() throws(FileProblem) -> (checkpoint: Checkpoint, from: Name)? {
    var problem: FileProblem?
    do {
      return (try load(.last), .last)
    } catch {
      guard error.isDamage || error.code == .missing else { throw error }
      problem = error.code == .missing ? nil : error
    }
    var newest: (checkpoint: Checkpoint, from: Name)?
    for name in epochs.map(Name.epoch) + [.best] {
      guard let checkpoint = try? load(name) else { continue }
      if newest.map({ $0.checkpoint.position < checkpoint.position }) ?? true {
        newest = (checkpoint, name)
      }
    }
    if newest == nil, let problem { throw problem }
    return newest
  }

  /// The checkpoints that are there, whole or not.
  private var names: [Name] {
    ([Name.best, .last] + epochs.map(Name.epoch)).filter {
      FilePath.exists(weightsFile($0)) || FilePath.exists(stateFile($0))
    }
  }

  private static func list(_ names: [Name]) -> String {
    names.isEmpty ? "none" : names.map(\.description).joined(separator: ", ")
  }
}

/// Which weights of a checkpoint.
public enum WeightsKind: String, Sendable, CaseIterable {
  /// The moving average of the weights, where the run keeps one (`training.ema`).
  case average = "ema"
  /// The weights that the optimizer has reached.
  case trained
}
