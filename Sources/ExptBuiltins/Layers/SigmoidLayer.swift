import ExptComponents
import ExptTensor

/// σ(x) = 1 / (1 + e⁻ˣ). A decoder for a Bernoulli must not end with it: the likelihood takes logits.
public struct SigmoidLayer: ActivationLayer {
  public static let id = "sigmoid"
  public static let summary = "1 / (1 + e⁻ˣ)."

  public init() {}

  public var activation: Activation { .sigmoid }
}
