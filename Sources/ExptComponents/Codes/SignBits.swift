import ExptTensor

/// Lookup-free quantization: each number of a code is −1 or 1, by its sign, and the code is all of them
/// together: 2^bits codes without a codebook.
///
///     value = sign(z), 1 where z > 0, with the gradient of z        number = Σᵢ 2ⁱ·[zᵢ > 0]
///
/// The entropies are of the soft choice among all codes c, p(c|z) ∝ exp(−‖z − c‖² / τ): that of each
/// vector is to be low (sure choices), that of their mean high (all codes in use). With more than ten bits
/// the entropy of the mean is the sum over groups of at most ten, which is never less.
///
/// Shapes: rows `[n, bits]`. Units: nats.
///
/// Source: Yu et al., "Language Model Beats Diffusion – Tokenizer is Key to Visual Generation", ICLR 2024,
/// section 3.1.
public struct SignBits: Sendable, Hashable {
  public let bits: Int

  private static let largestGroup = 10

  public init(_ bits: Int) {
    precondition((1...16).contains(bits), "\(bits) bits")
    self.bits = bits
  }

  /// K.
  public var size: Int { 1 << bits }

  public func quantized(_ rows: Tensor) -> Tensor {
    rows + (step(rows) * 2 - 1 - rows).stopGradient()
  }

  /// The numbers of the codes of rows: `[n]`.
  public func indices(of rows: Tensor) -> Tensor {
    let weights = rows.graph.constant((0..<bits).map { Float(1 << $0) }, [bits])
    return (step(rows) * weights).sumPerExample()
  }

  /// The values of every code, `[K, bits]`.
  public var table: [Float] { Self.table(bits) }

  private static func table(_ bits: Int) -> [Float] {
    (0..<1 << bits).flatMap { code in (0..<bits).map { code >> $0 & 1 == 1 ? 1 : -1 } }
  }

  /// The mean entropy of the choices of rows, and the entropy of their mean: scalars.
  public func entropies(_ rows: Tensor, temperature: Float) -> (ofEach: Tensor, ofMean: Tensor) {
    // The bits of one vector are independent: the choice of 1 has the logit ((z + 1)² − (z − 1)²) / τ.
    let logits = rows * (4 / temperature)
    let on = sigmoid(logits)
    let each = -(on * logSigmoid(logits) + (1 - on) * logSigmoid(-logits))
    let ofMean = stride(from: 0, to: bits, by: Self.largestGroup).map { first in
      entropyOfMean(
        rows.columns(first..<min(first + Self.largestGroup, bits)), temperature: temperature)
    }
    return (each.sumPerExample().mean(), ofMean.dropFirst().reduce(ofMean[0], +))
  }

  private func entropyOfMean(_ rows: Tensor, temperature: Float) -> Tensor {
    let bits = rows.shape[1]
    let codes = rows.graph.constant(Self.table(bits), [1 << bits, bits])
    let shares = (matmul(rows, codes, transposeB: true) * (2 / temperature)).softmax()
      .meanOverBatch()
    return -(shares * log(shares + 1e-20)).sum()
  }
}
