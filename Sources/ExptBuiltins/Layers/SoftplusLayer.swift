import ExptComponents
import ExptTensor

/// log(1 + eˣ).
public struct SoftplusLayer: ActivationLayer {
  public static let id = "softplus"
  public static let summary = "log(1 + eˣ)."

  public init() {}

  public var activation: Activation { .softplus }
}
