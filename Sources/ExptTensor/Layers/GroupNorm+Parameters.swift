/// Group normalisation, `y = (x − mean)/√(variance + epsilon)·weight + bias`: mean and variance of each
/// example over groups of channels, `weight` (1 at first) and `bias` (0) `[channels]`, as PyTorch's
/// `nn.GroupNorm`.
///
/// Shapes: `x` `[batch, channels]` or `[batch, channels, …]`; the result the same.
///
/// Source: Wu & He, "Group normalization", ECCV 2018.
///
/// - Throws: `BuildProblem` if the groups do not divide the channels.
public func groupNorm(
  _ x: Tensor, groups: Int, epsilon: Float = 1e-5, in scope: Scope
) throws(BuildProblem) -> Tensor {
  guard x.shape.rank >= 2 else {
    throw BuildProblem("group normalisation takes [batch, channels, …], not \(x.shape)")
  }
  let channels = x.shape[1]
  guard groups > 0, channels % groups == 0 else {
    let divisors = (1...max(1, channels)).filter { channels % $0 == 0 }
    let near = divisors.min { abs($0 - groups) < abs($1 - groups) } ?? 1
    throw BuildProblem(
      "\(groups) groups do not divide \(channels) channels", help: "use \(near) groups, say")
  }
  return scope.layer("group_norm \(channels), \(groups) groups") {
    groupNorm(
      x, groups: groups, scale: scope.parameter("weight", [channels], .ones),
      shift: scope.parameter("bias", [channels], .zeros), epsilon: epsilon)
  }
}
