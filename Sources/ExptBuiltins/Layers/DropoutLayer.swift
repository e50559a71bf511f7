import ExptComponents
import ExptTensor

/// Dropout: in training, numbers become 0 with probability `rate` and the others grow to make up for
/// it.
///
/// Source: Srivastava et al., "Dropout", JMLR 2014.
public struct DropoutLayer: Layer {
  public static let id = "dropout"
  public static let summary = "Sets a share of the numbers to 0 in training."

  @Setting("Probability of being dropped.", .within(0...0.99)) public var rate: Float = 0.5

  public init() {}

  public func apply(_ x: Tensor, in scope: Scope) -> Tensor { dropout(x, rate: rate, in: scope) }
}
