import ExptTensor

/// An inverse autoregressive step, gated as in an LSTM: all dimensions of y at once from those of x.
///
///     (m, s) = network(x, h)        yᵢ = σ(sᵢ)·xᵢ + σ(−sᵢ)·mᵢ        log |det| = Σ log σ(sᵢ)
///
/// mᵢ and sᵢ depend on the dimensions of x before i alone, so that ∂y/∂x is triangular. `forget` is
/// added to s: with a network that begins at 0, y is σ(forget)·x at first.
///
/// The inverse would go dimension by dimension; it is not offered.
///
/// Source: Kingma et al., "Improved Variational Inference with Inverse Autoregressive Flow", NIPS 2016,
/// algorithm 1 and equations 13 and 14.
public struct InverseAutoregressiveStep: FlowStep {
  private let network: MaskedNetwork
  private let forget: Float

  /// - Parameter network: `MaskedNetwork.made` with 2 parts.
  public init(_ network: MaskedNetwork, forget: Float) {
    self.network = network
    self.forget = forget
  }

  public func forward(_ x: Tensor) -> FlowValues {
    let d = x.shape[1]
    let both = network(x)
    let gate = both.columns(d..<2 * d) + forget
    return FlowValues(
      sigmoid(gate) * x + sigmoid(-gate) * both.columns(0..<d),
      logDeterminant: logSigmoid(gate).sumPerExample())
  }
}
