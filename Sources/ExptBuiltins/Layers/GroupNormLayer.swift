import ExptComponents
import ExptTensor

/// Group normalisation: each example is normalised over groups of its channels, whatever the batch.
///
/// Source: Wu & He, "Group normalization", ECCV 2018.
public struct GroupNormLayer: Layer {
  public static let id = "group_norm"
  public static let summary = "Normalises groups of channels of each example."
  public static let exampleSettings = "{ groups: 3 }"

  @Setting("Number of groups, a divisor of the channels.", .within(1...65536))
  public var groups: Int = 8
  @Setting("Added to the variance.", .above(0)) public var epsilon: Float = 1e-5

  public init() {}

  public func apply(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    try groupNorm(x, groups: groups, epsilon: epsilon, in: scope)
  }
}
