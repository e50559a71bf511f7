import ExptInference
public import ExptRunFolder
import ExptTensor

/// A checkpoint holds everything that training needs to continue exactly: parameters, state, the
/// optimizer's arrays and the position. The noise needs nothing: it follows from the seed and the
/// position.
extension Trainer {
  /// A copy of the present state.
  public var checkpoint: Checkpoint {
    precondition(!showsAverage, "a checkpoint while the average is in the weights' place")
    var checkpoint = Checkpoint(position: position.saved, weights: network.weights)
    for group in groups {
      for (name, slot) in zip(group.optimizer.slots, group.slots) {
        for spec in network.store.specs {
          guard let range = group.place(of: spec) else { continue }
          checkpoint.tensors.append(
            NamedTensor(
              name: "\(name)/\(spec.name)", shape: spec.shape.dimensions,
              values: Array(slot[range])))
        }
      }
    }
    // Not the same storage: the next step would have to copy what it adds to, while this is written.
    checkpoint.doubles = ["losses": position.losses, "sums": position.sums.map(\.self)]
    if !tallies.isEmpty { checkpoint.doubles["tallies"] = position.tallies.flatMap(\.self) }
    checkpoint.integers = ["images": [UInt64(position.images)]]
    if skipsSteps {
      checkpoint.integers["skipped"] = [position.skipped, position.skippedInEpoch].map(UInt64.init)
    }
    if let average { checkpoint.average = average.tensors(network.store.specs) }
    for group in groups {
      checkpoint.notes[Self.note(of: group)] = type(of: group.optimizer).id
    }
    return checkpoint
  }

  /// Puts a saved state in place of the present one.
  ///
  /// - Throws: `TrainingFailure` if it is of another model or optimizer.
  public func restore(_ checkpoint: Checkpoint) throws(TrainingFailure) {
    try network.load(checkpoint.weights)
    try restoreSlots(checkpoint)
    try average?.load(checkpoint.average, network.store.specs)
    let largestStep = 1 << 53  // which no training reaches, and to which one can be added
    guard let losses = checkpoint.doubles["losses"], let sums = checkpoint.doubles["sums"],
      let images = checkpoint.integers["images"]?.first.flatMap({ Int(exactly: $0) }),
      let tallied = restoredTallies(checkpoint.doubles["tallies"]),
      losses.count == checkpoint.position.epoch, sums.count == noSums.count,
      (0...batchesPerEpoch).contains(checkpoint.position.batch),
      (0...largestStep).contains(checkpoint.position.step), images <= largestStep,
      let skipped = skipped(checkpoint)
    else {
      throw TrainingFailure(
        "the checkpoint belongs to another experiment: its metrics or its position do not match this one"
      )
    }
    var position = Position()
    position.epoch = checkpoint.position.epoch
    position.batch = checkpoint.position.batch
    position.step = checkpoint.position.step
    position.losses = losses
    position.sums = sums
    position.tallies = tallied
    position.images = images
    (position.skipped, position.skippedInEpoch) = skipped
    resume(at: position)
  }

  /// Steps left out before, and of them those of the epoch under way; nil if that is nonsense.
  private func skipped(_ checkpoint: Checkpoint) -> (all: Int, inEpoch: Int)? {
    guard skipsSteps else { return (0, 0) }
    let numbers = (checkpoint.integers["skipped"] ?? []).compactMap { Int(exactly: $0) }
    guard numbers.count == 2, numbers[1] <= numbers[0], numbers[0] <= checkpoint.position.step
    else {
      return nil
    }
    return (numbers[0], numbers[1])
  }

  private func restoreSlots(_ checkpoint: Checkpoint) throws(TrainingFailure) {
    let saved = Dictionary(checkpoint.tensors.map { ($0.name, $0.values) }) { first, _ in first }
    for group in groups {
      for (name, slot) in zip(group.optimizer.slots, group.slots) {
        for spec in network.store.specs {
          guard let range = group.place(of: spec) else { continue }
          guard let values = saved["\(name)/\(spec.name)"], values.count == range.count else {
            let other = checkpoint.notes[Self.note(of: group)] ?? "another optimizer"
            throw TrainingFailure(
              "the checkpoint does not hold the optimizer's '\(name)' for \(spec.name): it was "
                + "saved by \(other)")
          }
          _ = UnsafeMutableBufferPointer(rebasing: slot[range]).update(fromContentsOf: values)
        }
      }
    }
  }

  /// Under which a checkpoint says who trained a group.
  private static func note(of group: ParameterGroup) -> String {
    group.name.isEmpty ? "optimizer" : "optimizer of \(group.name)"
  }
}

extension Position {
  /// As a checkpoint's files say it.
  var saved: TrainingPosition { TrainingPosition(epoch: epoch, batch: batch, step: step) }
}

extension WeightAverage {
  /// A copy of all averages.
  fileprivate func tensors(_ specs: [ParameterSpec]) -> [NamedTensor] {
    specs.map { spec in
      NamedTensor(
        name: spec.name, shape: spec.shape.dimensions, values: self[spec.name].map(Array.init) ?? []
      )
    }
  }

  /// Puts saved averages in place.
  ///
  /// - Throws: `TrainingFailure` naming the first that is missing.
  fileprivate func load(
    _ saved: [NamedTensor], _ specs: [ParameterSpec]
  ) throws(TrainingFailure) {
    let saved = Dictionary(saved.map { ($0.name, $0.values) }) { first, _ in first }
    for spec in specs {
      guard let values = saved[spec.name], values.count == spec.shape.count else {
        throw TrainingFailure("the checkpoint does not hold the average of \(spec.name)")
      }
      _ = self[spec.name]?.update(fromContentsOf: values)
    }
  }
}

extension Network {
  /// A copy of all parameters and state.
  public var weights: [NamedTensor] {
    store.specs.map { spec in
      NamedTensor(
        name: spec.name, shape: spec.shape.dimensions,
        values: store[spec.name].map { Array($0.values) } ?? [])
    }
  }

  /// Puts saved parameters and state in place.
  ///
  /// - Throws: `TrainingFailure` naming the first that is missing or of another shape.
  public func load(_ weights: [NamedTensor]) throws(TrainingFailure) {
    let saved = Dictionary(weights.map { ($0.name, $0) }) { first, _ in first }
    for spec in store.specs {
      guard let found = saved[spec.name] else {
        throw TrainingFailure(
          "the checkpoint does not hold \(spec.name): it belongs to another model")
      }
      guard found.shape == spec.shape.dimensions, found.values.count == spec.shape.count else {
        let shape = found.shape.map(String.init).joined(separator: "×")
        throw TrainingFailure(
          "\(spec.name) is \(shape) in the checkpoint and \(spec.shape) in the model")
      }
      _ = store[spec.name]?.values.update(fromContentsOf: found.values)
    }
  }

  /// What is odd about saved weights that were taken: tensors that the model does not have, and
  /// values that are not numbers.
  func concerns(about weights: [NamedTensor]) -> [String] {
    let known = Set(store.specs.map(\.name))
    let surplus = weights.map(\.name).filter { !known.contains($0) }
    let broken = weights.filter { known.contains($0.name) && !$0.values.allSatisfy(\.isFinite) }
    var sentences: [String] = []
    if let first = surplus.first {
      let more = surplus.count > 1 ? " and \(surplus.count - 1) more" : ""
      sentences.append("it holds '\(first)'\(more), which the model does not have: ignored")
    }
    if let first = broken.first {
      sentences.append("'\(first.name)' holds values that are not finite (NaN or infinity)")
    }
    return sentences
  }
}
