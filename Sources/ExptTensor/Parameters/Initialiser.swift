/// How a parameter's first values are drawn. The draw depends on the run's seed and the
/// parameter's name alone.
public enum Initialiser: Sendable {
  case constant(Float)
  /// Uniform in ±`bound`.
  case uniform(bound: Float)
  /// Normal around 0.
  case normal(deviation: Float)
  /// Normal around values that are repeated as often as they fit in.
  case around(deviation: Float, @Sendable () -> [Float])
  /// Rows, or columns if there are fewer, of length 1 and at right angles, drawn evenly from all such.
  case orthogonal(rows: Int, columns: Int)
  /// These values, in the parameter's own order.
  case values(@Sendable () -> [Float])

  public static let zeros = Initialiser.constant(0)
  public static let ones = Initialiser.constant(1)

  /// Uniform in ±1/√fanIn, as PyTorch's linear and convolution layers begin.
  public static func fanIn(_ fanIn: Int) -> Initialiser {
    .uniform(bound: 1 / Float(max(1, fanIn)).squareRoot())
  }
}
