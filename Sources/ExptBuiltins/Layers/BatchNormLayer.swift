import ExptComponents
import ExptTensor

/// Batch normalisation of each channel, with running statistics for evaluation.
///
/// Source: Ioffe & Szegedy, "Batch normalization", ICML 2015.
public struct BatchNormLayer: Layer {
  public static let id = "batch_norm"
  public static let summary = "Normalises each channel over the batch."

  @Setting("How far the running statistics move towards each batch's.", .within(0...1))
  public var momentum: Float = 0.1
  @Setting("Added to the variance.", .above(0)) public var epsilon: Float = 1e-5

  public init() {}

  public func apply(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    try batchNorm(x, momentum: momentum, epsilon: epsilon, in: scope)
  }
}
