import ExptComponents
import ExptTensor

/// Attention of one head over the positions of a map, added to the map: `y = x + W_o·attention(x)`, with
/// softmax(QᵀK/√d) over all height·width positions.
///
/// Its cost and memory grow with the square of the number of positions: it belongs where maps are small.
/// In the mirror of a list it stays as it is.
///
/// Sources: Vaswani et al., NeurIPS 2017; Zhang et al., "Self-attention GANs", ICML 2019. With
/// `norm_groups` as in diffusion models: Ho, Jain & Abbeel, NeurIPS 2020.
public struct AttentionLayer: Layer {
  public static let id = "attention"
  public static let summary = "Lets each position of a map attend to all others."

  @Setting(
    "Numbers d of queries and keys; null: as many as the map has channels.", .within(1...65536))
  public var dimension: Int? = nil
  @Setting(
    "Groups of a group normalisation of what is attended to; null: none.", .within(1...65536))
  public var normGroups: Int? = nil
  @Group public var weights = WeightSettings()

  public init() {}

  public func apply(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    try attention(
      x, dimension: dimension, normGroups: normGroups, weights: weights.options, in: scope)
  }
}
