import ExptComponents
import ExptTensor

/// The hyperbolic tangent.
public struct TanhLayer: ActivationLayer {
  public static let id = "tanh"
  public static let summary = "The hyperbolic tangent."

  public init() {}

  public var activation: Activation { .tanh }
}
