import ExptTensor

/// A masked autoregressive step: each dimension of y from its own of x and those of y before it.
///
///     (m, a) = network(y)        yᵢ = xᵢ·exp(aᵢ) + mᵢ        log |det ∂y/∂x| = Σ aᵢ
///
/// with mᵢ and aᵢ of the dimensions of y before i alone. The inverse, which densities need, takes one
/// pass of the network; forward, which draws need, as many as there are dimensions. a is bounded:
/// limit·tanh(a / limit).
///
/// Source: Papamakarios, Pavlakou & Murray, "Masked Autoregressive Flow for Density Estimation", NIPS
/// 2017, section 3.1.
public struct MaskedAutoregressiveStep: FlowStep {
  private let network: MaskedNetwork
  private let limit: Float

  /// - Parameters:
  ///   - network: `MaskedNetwork.made` with 2 parts.
  ///   - limit: The largest |a|.
  public init(_ network: MaskedNetwork, limit: Float) {
    self.network = network
    self.limit = limit
  }

  public func inverse(_ y: Tensor) -> FlowValues? {
    let (shift, logScale) = numbers(y)
    return FlowValues(
      (y - shift) * exp(-logScale), logDeterminant: -logScale.sumPerExample())
  }

  /// Pass k gets the first k dimensions of the order right; what is wrong meanwhile is multiplied by
  /// weights of 0.
  public func forward(_ x: Tensor) -> FlowValues {
    var y = x
    var logDeterminant = x.sumPerExample()
    for _ in 0..<x.shape[1] {
      let (shift, logScale) = numbers(y)
      y = x * exp(logScale) + shift
      logDeterminant = logScale.sumPerExample()
    }
    return FlowValues(y, logDeterminant: logDeterminant)
  }

  private func numbers(_ y: Tensor) -> (shift: Tensor, logScale: Tensor) {
    let d = y.shape[1]
    let both = network(y)
    return (both.columns(0..<d), tanh(both.columns(d..<2 * d) / limit) * limit)
  }
}
