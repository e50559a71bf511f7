import ExptTensor

/// How a gradient goes from what the decoder sees to what the encoder said, past the choice of a code.
public enum CodeGradient: String, NamedChoice {
  /// As it is (straight-through estimator).
  case ste
  /// Turned and stretched as the code is to the vector.
  case rotation

  /// `codes`, with a gradient by `vectors`; both `[n, d]`.
  ///
  ///     ste:        z + sg(e − z)
  ///     rotation:   λ·(z − 2·r·(r·z) + 2·ê·(ẑ·z)),   ẑ = z/‖z‖, ê = e/‖e‖, r = (ẑ + ê)/‖ẑ + ê‖, λ = ‖e‖/‖z‖
  ///
  /// where λ, r, ẑ and ê are constants to the gradient: a rotation of z to e, and a scale.
  ///
  /// Source: Bengio, Léonard & Courville, arXiv 1308.3432, 2013; Fifty et al., "Restructuring Vector
  /// Quantization with the Rotation Trick", ICLR 2025, section 4.
  public func passing(_ codes: Tensor, through vectors: Tensor) -> Tensor {
    switch self {
    case .ste:
      return vectors + (codes - vectors).stopGradient()
    case .rotation:
      let (from, to) = (vectors.stopGradient(), codes.stopGradient())
      let (fromLength, toLength) = (lengths(from), lengths(to))
      let start = from.scaledRows(by: reciprocal(fromLength))
      let end = to.scaledRows(by: reciprocal(toLength))
      let sum = start + end
      let middle = sum.scaledRows(by: reciprocal(lengths(sum)))
      let turned =
        vectors - middle.scaledRows(by: (middle * vectors).sumPerExample() * 2)
        + end.scaledRows(by: (start * vectors).sumPerExample() * 2)
      let scaled = turned.scaledRows(by: toLength / fromLength)
      return scaled + (codes - scaled).stopGradient()
    }
  }

  /// ‖x‖ of each row, at least 1e-6.
  private func lengths(_ rows: Tensor) -> Tensor { sqrt(square(rows).sumPerExample() + 1e-12) }
}
