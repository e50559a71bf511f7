/// Layer normalisation: each example is brought to mean 0 and variance 1 over all its numbers, then
/// multiplied by `weight` (1 at first) and shifted by `bias` (0), both of the example's shape, as
/// PyTorch's `nn.LayerNorm` over all but the batch.
///
/// Shapes: `x` `[batch, …]`; the result the same.
///
/// Source: Ba, Kiros & Hinton, "Layer normalization", 2016.
///
/// - Throws: `BuildProblem` if `x` has nothing but a batch.
public func layerNorm(_ x: Tensor, epsilon: Float = 1e-5, in scope: Scope)
  throws(BuildProblem) -> Tensor
{
  guard x.shape.rank >= 2 else {
    throw BuildProblem("layer normalisation takes [batch, …], not \(x.shape)")
  }
  let example = x.shape.withoutBatch
  return scope.layer("layer_norm \(example)") {
    layerNorm(
      x, scale: scope.parameter("weight", example, .ones),
      shift: scope.parameter("bias", example, .zeros), epsilon: epsilon)
  }
}
