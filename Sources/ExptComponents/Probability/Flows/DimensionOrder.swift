import ExptTensor

/// In which order the steps of a flow take the dimensions, and so which of them depend on which.
public enum DimensionOrder: String, NamedChoice {
  /// First to last, and at every other step last to first.
  case reversed
  /// In an order of its own at every step, the same in every run.
  case shuffled

  /// The place of each dimension, from 0, at a step.
  public func ranks(step: Int, dimensions: Int) -> [Int] {
    switch self {
    case .reversed:
      return (0..<dimensions).map { step.isMultiple(of: 2) ? $0 : dimensions - 1 - $0 }
    case .shuffled:
      var ranks = Array(0..<dimensions)
      var random = RandomSequence(
        seed: 0, stream: Random.stream("flow/order"), position: UInt64(step))
      for last in stride(from: dimensions - 1, to: 0, by: -1) {
        ranks.swapAt(last, random.below(last + 1))
      }
      return ranks
    }
  }
}
