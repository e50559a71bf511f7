import ExptComponents
import ExptTensor

/// Layer normalisation of each example over all its numbers.
///
/// Source: Ba, Kiros & Hinton, "Layer normalization", 2016.
public struct LayerNormLayer: Layer {
  public static let id = "layer_norm"
  public static let summary = "Normalises each example over all its numbers."

  @Setting("Added to the variance.", .above(0)) public var epsilon: Float = 1e-5

  public init() {}

  public func apply(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    try layerNorm(x, epsilon: epsilon, in: scope)
  }
}
