/// Batch normalisation, `y = (x − mean)/√(variance + epsilon)·weight + bias` for each channel.
///
/// In training mean and variance are the batch's, and `running_mean` and `running_var` follow them:
/// new = (1 − momentum)·old + momentum·batch's. In evaluation the running ones are used. Parameters
/// `weight` (1 at first) and `bias` (0), as PyTorch's `nn.BatchNorm2d`.
///
/// Shapes: `x` `[batch, channels, …]`; the result the same.
///
/// Source: Ioffe & Szegedy, "Batch normalization", ICML 2015.
///
/// - Throws: `BuildProblem` if `x` has no channels.
public func batchNorm(
  _ x: Tensor, momentum: Float = 0.1, epsilon: Float = 1e-5, in scope: Scope
) throws(BuildProblem) -> Tensor {
  guard x.shape.rank >= 2 else {
    throw BuildProblem("batch normalisation takes [batch, channels, …], not \(x.shape)")
  }
  let channels: Shape = [x.shape[1]]
  return scope.layer("batch_norm \(x.shape[1])") {
    batchNorm(
      x, scale: scope.parameter("weight", channels, .ones),
      shift: scope.parameter("bias", channels, .zeros),
      runningMean: scope.state("running_mean", channels, .zeros),
      runningVariance: scope.state("running_var", channels, .ones), momentum: momentum,
      epsilon: epsilon)
  }
}
