/// Attention of one head over the positions of a map, added to the map:
///
///     y = x + W_o·(V·softmax(QᵀK/√d)ᵀ)        Q = W_q·x, K = W_k·x, V = W_v·x at each position
///
/// `query`, `key`, `value` and `out` are 1×1 convolutions with a bias.
///
/// Shapes: `x` `[batch, channels, height, width]`; the result the same. Q and K have d numbers at each
/// position, V has `channels`. The scores take batch·(height·width)² numbers of memory.
///
/// Sources: Vaswani et al., "Attention is all you need", NeurIPS 2017, equation 1; over maps: Zhang et al.,
/// "Self-attention generative adversarial networks", ICML 2019.
///
/// - Parameters:
///   - dimension: d; nil for as many as x has channels.
///   - normGroups: Groups of a group normalisation, `norm`, of what Q, K and V are made from; nil: none.
/// - Throws: `BuildProblem` if `x` is not a batch of maps, or the scores would be absurdly large.
public func attention(
  _ x: Tensor, dimension: Int? = nil, normGroups: Int? = nil, weights: WeightOptions = .standard,
  in scope: Scope
) throws(BuildProblem) -> Tensor {
  let map = try requireImages(x, "attention")
  let (batch, channels, positions) = (x.shape[0], map[0], map[1] * map[2])
  let size = dimension ?? channels
  _ = try checkedShape([batch, positions, positions], of: "a batch's scores of attention")
  func projected(_ input: Tensor, _ name: String, _ count: Int) throws(BuildProblem) -> Tensor {
    try conv2d(input, channels: count, kernel: 1, weights: weights, in: scope.child(name))
  }
  var source = x
  if let normGroups { source = try groupNorm(x, groups: normGroups, in: scope.child("norm")) }
  let query = try projected(source, "query", size).reshaped([batch, size, positions])
  let key = try projected(source, "key", size).reshaped([batch, size, positions])
  let value = try projected(source, "value", channels).reshaped([batch, channels, positions])
  let seen = scope.layer("attention \(channels), \(positions) positions") {
    let scores = batchedMatmul(query, key, transposeA: true) * (1 / Float(size).squareRoot())
    let shares = scores.softmax(along: 2)
    return batchedMatmul(value, shares, transposeB: true).reshaped(x.shape)
  }
  let change = try projected(seen, "out", channels)
  return scope.graph.within(scope.path) { x + change }
}
