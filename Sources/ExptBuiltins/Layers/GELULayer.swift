import ExptComponents
import ExptTensor

/// x·Φ(x), Φ the normal distribution function; exact, not the tanh approximation.
///
/// Source: Hendrycks & Gimpel, "Gaussian error linear units", 2016.
public struct GELULayer: ActivationLayer {
  public static let id = "gelu"
  public static let summary = "x·Φ(x), Φ the normal distribution function."

  public init() {}

  public var activation: Activation { .gelu }
}
