import ExptComponents
import ExptTensor

/// max(x, 0).
public struct ReLULayer: ActivationLayer {
  public static let id = "relu"
  public static let summary = "max(x, 0)."

  public init() {}

  public var activation: Activation { .relu }
}
