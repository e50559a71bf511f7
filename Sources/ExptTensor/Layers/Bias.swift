/// The numbers that a layer adds to its products, and what they are at first.
public enum Bias: Sendable {
  /// Drawn like the weight; 0 where that begins by another rule than PyTorch's.
  case drawn
  /// These values at first. For a convolution one for each channel, or one for each pixel of the
  /// output, of which each channel's mean is taken.
  case starting(@Sendable () -> [Float])
  /// No bias.
  case absent

  /// The parameter `bias`, or nil.
  ///
  /// - Parameter count: One for each unit or channel.
  func parameter(
    _ count: Int, fanIn: Int, beside weights: WeightOptions, in scope: Scope
  ) -> Tensor? {
    switch self {
    case .drawn:
      scope.parameter(
        "bias", [count], weights.initialiser == .fanInUniform ? .fanIn(fanIn) : .zeros)
    case .starting(let values):
      scope.parameter("bias", [count], .values { meanOfEach(count, values()) })
    case .absent: nil
    }
  }
}

/// Cuts `values` into `count` runs of equal length and takes the mean of each.
private func meanOfEach(_ count: Int, _ values: [Float]) -> [Float] {
  precondition(
    count > 0 && !values.isEmpty && values.count % count == 0,
    "\(values.count) first values for \(count) biases")
  let length = values.count / count
  return (0..<count).map { run in
    let sum = values[run * length..<(run + 1) * length].reduce(0.0) { $0 + Double($1) }
    return Float(sum / Double(length))
  }
}
