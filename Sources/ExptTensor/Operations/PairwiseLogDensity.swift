internal import CKernels

/// log N(zᵢₖ; μⱼₖ, σ²ⱼₖ) of every point i under every Gaussian j, in each dimension k, in nats.
///
/// Summed over k and averaged over j with `logSumExp`, this is the density of a mixture, such as the
/// aggregate posterior.
///
/// Shapes: `z` `[n, d]`; `mean` and `logVariance` `[m, d]`; the result `[n, m, d]`.
public func pairwiseGaussianLogDensity(
  _ z: Tensor, mean: Tensor, logVariance: Tensor
) -> Tensor {
  precondition(
    z.shape.rank == 2 && mean.shape.rank == 2 && mean.shape == logVariance.shape
      && mean.shape[1] == z.shape[1],
    "pairwiseGaussianLogDensity: z \(z.shape), mean \(mean.shape), log-variance "
      + "\(logVariance.shape)")
  return .applying(
    PairwiseLogDensity(), to: [z, mean, logVariance],
    shape: [z.shape[0], mean.shape[0], z.shape[1]])
}

private struct PairwiseLogDensity: Operation {
  let name = "pairwise_log_density"
  var backwardReads: BackwardReads { .inputs }

  /// 1/σ² and −½ (log 2π + log σ²).
  func saved(inputs: [Shape], output: Shape) -> [Shape] { [[2, output[1], output[2]]] }

  func forward(_ pass: ForwardPass) {
    let (z, mean) = (pass.inputs[0], pass.inputs[1])
    ck_pairwise_log_density(
      pass.pool, z.shape[0], mean.shape[0], z.shape[1], z.pointer, mean.pointer,
      pass.inputs[2].pointer, pass.saved[0].pointer, pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    let (z, mean) = (pass.inputs[0], pass.inputs[1])
    ck_pairwise_log_density_backward(
      pass.pool, z.shape[0], mean.shape[0], z.shape[1], z.pointer, mean.pointer,
      pass.saved[0].pointer, pass.outputGradient.pointer, pass.target(0), pass.target(1),
      pass.target(2))
  }
}
