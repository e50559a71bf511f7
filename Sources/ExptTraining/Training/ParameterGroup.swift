import ExptComponents
import ExptInference
import ExptTensor

/// Parameters that one optimizer trains, with its state: the model's own, a part of them with an
/// optimizer of its own, or an opponent's.
final class ParameterGroup {
  /// "" for the model's own.
  let name: String
  let optimizer: any Optimizer
  /// The optimizer's arrays, in the order of `Optimizer.slots`, as long as the group.
  let slots: [UnsafeMutableBufferPointer<Float>]
  /// The optimizer, if its step changes every parameter by itself, from its own gradient as it is.
  private let elementwise: (any ElementwiseOptimizer)?
  /// The share of the initial learning rate to step by, whatever the schedule says; nil, the default, to
  /// follow the schedule.
  var rateShare: Double?
  private let network: Network
  private let range: Range<Int>

  /// - Parameter range: Where the group lies in the store's `values`.
  init(_ name: String, _ range: Range<Int>, _ optimizer: any Optimizer, in network: Network) {
    self.name = name
    self.range = range
    self.optimizer = optimizer
    self.network = network
    elementwise = optimizer.step.clips ? nil : optimizer as? any ElementwiseOptimizer
    slots = optimizer.slots.map { _ in AlignedMemory.allocate(range.count) }
  }

  /// The groups of a network, the model's own first.
  static func all(
    in network: Network, of experiment: Experiment, opponents: [OpponentLoss]
  ) -> [ParameterGroup] {
    network.store.groups.map { name, range in
      let own = experiment.parameterGroups.first { $0.key == name }?.value.optimizer
      let optimizer = opponents.first { $0.name == name }?.optimizer ?? own
      return ParameterGroup(name, range, optimizer ?? experiment.optimizer, in: network)
    }
  }

  deinit { slots.forEach(AlignedMemory.free) }

  /// Where a parameter lies in the slots; nil for another group's, and for state.
  func place(of spec: ParameterSpec) -> Range<Int>? {
    guard spec.group == name, let place = network.store.range(of: spec.name) else { return nil }
    return place.lowerBound - range.lowerBound..<place.upperBound - range.lowerBound
  }

  /// Whether its step may be taken while gradients are computed.
  var isElementwise: Bool { elementwise != nil }

  /// The step, not yet taken; nil for an optimizer that is not elementwise.
  func rule(_ step: Int, _ progress: Progress) -> UpdateRule? {
    elementwise?.rule(update(step, progress))
  }

  /// Whether the step by the present gradients is to be left out.
  var skipsStep: Bool {
    optimizer.step.skips(
      UnsafeMutableBufferPointer(rebasing: network.store.gradients[range]), pool: network.run.pool)
  }

  /// Takes step number `step`, from 1.
  func step(_ step: Int, _ progress: Progress) {
    let update = update(step, progress)
    optimizer.step.clip(update.gradients, pool: update.pool)
    optimizer.update(update)
  }

  private func update(_ step: Int, _ progress: Progress) -> ParameterUpdate {
    let store = network.store
    return ParameterUpdate(
      values: UnsafeMutableBufferPointer(rebasing: store.values[range]),
      gradients: UnsafeMutableBufferPointer(rebasing: store.gradients[range]), slots: slots,
      step: step,
      learningRate: rateShare.map { $0 * optimizer.step.learningRate }
        ?? optimizer.step.learningRate(at: progress),
      pool: network.run.pool)
  }
}
