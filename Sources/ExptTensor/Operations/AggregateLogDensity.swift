internal import CKernels

/// log Σⱼ exp(wᵢⱼ) N(zᵢ; μⱼ, σ²ⱼ) of every point under a weighted sum of Gaussians with independent dimensions, in
/// nats: of each dimension by itself, then of all of them.
///
/// As `pairwiseGaussianLogDensity` with `logSumExp`, but the n·m·d densities between are stored nowhere.
///
/// Shapes: `z` `[n, d]`, d at most `aggregateWidth`; `mean` and `logVariance` `[m, d]`; `logWeights` `[n, m]`, a constant
/// to the gradient, or nil: 0; the result `[n, d + 1]`.
public func aggregateGaussianLogDensity(
  _ z: Tensor, mean: Tensor, logVariance: Tensor, logWeights: Tensor? = nil
) -> Tensor {
  precondition(
    z.shape.rank == 2 && mean.shape.rank == 2 && mean.shape == logVariance.shape
      && mean.shape[1] == z.shape[1] && z.shape[1] <= aggregateWidth && mean.shape[0] > 0
      && logWeights.map { $0.shape == [z.shape[0], mean.shape[0]] } ?? true,
    "aggregateGaussianLogDensity: z \(z.shape), mean \(mean.shape), log-variance "
      + "\(logVariance.shape), weights \(logWeights.map { "\($0.shape)" } ?? "none")")
  return .applying(
    AggregateLogDensity(),
    to: [z, mean, logVariance] + (logWeights.map { [$0.stopGradient()] } ?? []),
    shape: [z.shape[0], z.shape[1] + 1])
}

/// The most dimensions of `aggregateGaussianLogDensity`.
public let aggregateWidth = Int(CK_AGGREGATE_WIDTH)

private struct AggregateLogDensity: Operation {
  let name = "aggregate_log_density"

  private static func padded(_ mean: Shape) -> Int { (mean[0] + 15) / 16 * 16 }

  /// The Gaussians side by side, and each point's density under each.
  func saved(inputs: [Shape], output: Shape) -> [Shape] {
    [[(3 * inputs[1][1] + output[0]) * Self.padded(inputs[1])]]
  }

  func scratch(inputs: [Shape], output: Shape) -> [Shape] {
    [[output[0], Self.padded(inputs[1])]]
  }

  func forward(_ pass: ForwardPass) {
    let (z, mean) = (pass.inputs[0], pass.inputs[1])
    ck_aggregate_log_density(
      pass.pool, z.shape[0], mean.shape[0], z.shape[1], z.pointer, mean.pointer,
      pass.inputs[2].pointer, pass.inputs.count > 3 ? pass.inputs[3].pointer : nil,
      pass.saved[0].pointer, pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    let (z, mean) = (pass.inputs[0], pass.inputs[1])
    ck_aggregate_log_density_backward(
      pass.pool, z.shape[0], mean.shape[0], z.shape[1], z.pointer,
      pass.inputs.count > 3 ? pass.inputs[3].pointer : nil, pass.saved[0].pointer,
      pass.output.pointer, pass.outputGradient.pointer, pass.scratch[0].pointer, pass.target(0),
      pass.target(1), pass.target(2))
  }
}
