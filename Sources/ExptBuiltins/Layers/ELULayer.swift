import ExptComponents
import ExptTensor

/// x for x > 0, else alpha·(eˣ − 1).
///
/// Source: Clevert et al., "Exponential linear units", ICLR 2016.
public struct ELULayer: ActivationLayer {
  public static let id = "elu"
  public static let summary = "x for x > 0, else alpha·(eˣ − 1)."

  @Setting("What the function tends to at −∞ is −alpha.", .within(0...100))
  public var alpha: Float = 1

  public init() {}

  public var activation: Activation { .elu(alpha: alpha) }
}
