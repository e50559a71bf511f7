import ExptTensor

/// An affine coupling step of RealNVP: some dimensions stay, and say how the others are scaled and
/// shifted.
///
///     (t, a) = network(k·x)        y = k·x + (1 − k)·(x·exp(a) + t)        log |det| = Σ (1 − kᵢ)·aᵢ
///
/// where k is 1 for the dimensions that stay. a is bounded: limit·tanh(a / limit). Both directions take
/// one pass of the network.
///
/// Source: Dinh, Sohl-Dickstein & Bengio, "Density Estimation Using Real NVP", ICLR 2017, equations 4
/// to 9.
public struct CouplingStep: FlowStep {
  private let network: MaskedNetwork
  /// 1 for the dimensions that change.
  private let changes: [Float]
  private let limit: Float

  /// - Parameters:
  ///   - ranks: The place of each dimension in the order: the first half stays.
  ///   - network: Rows of d numbers to 2·d, without masks.
  ///   - limit: The largest |a|.
  public init(ranks: [Int], _ network: MaskedNetwork, limit: Float) {
    changes = ranks.map { $0 < ranks.count / 2 ? 0 : 1 }
    self.network = network
    self.limit = limit
  }

  public func forward(_ x: Tensor) -> FlowValues {
    let (shift, logScale) = numbers(x)
    return FlowValues(
      x * exp(logScale) + shift, logDeterminant: logScale.sumPerExample())
  }

  public func inverse(_ y: Tensor) -> FlowValues? {
    let (shift, logScale) = numbers(y)
    return FlowValues(
      (y - shift) * exp(-logScale), logDeterminant: -logScale.sumPerExample())
  }

  /// Both 0 for the dimensions that stay, of which x and y have the same.
  private func numbers(_ x: Tensor) -> (shift: Tensor, logScale: Tensor) {
    let d = x.shape[1]
    let changes = x.graph.constant(changes, [d])
    let both = network(x * (1 - changes))
    return (
      both.columns(0..<d) * changes,
      tanh(both.columns(d..<2 * d) / limit) * limit * changes
    )
  }
}
