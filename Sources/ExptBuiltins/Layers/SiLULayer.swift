import ExptComponents
import ExptTensor

/// x·σ(x), also known as swish.
///
/// Source: Elfwing et al., "Sigmoid-weighted linear units", 2018.
public struct SiLULayer: ActivationLayer {
  public static let id = "silu"
  public static let summary = "x·σ(x), also known as swish."

  public init() {}

  public var activation: Activation { .silu }
}
