internal import CKernels

/// log N(z; μ, σ²) of each example, in nats, summed over its dimensions:
/// `−½ Σ ((z − μ)²/σ² + log σ² + log 2π)`.
///
/// Shapes: `z`, `mean` and `logVariance` `[batch, …]`, alike; the result `[batch]`.
///
/// - Parameters:
///   - mean: nil, together with `logVariance`, for the standard normal N(0, I).
public func gaussianLogDensity(
  _ z: Tensor, mean: Tensor? = nil, logVariance: Tensor? = nil
) -> Tensor {
  precondition(z.shape.rank > 0, "gaussianLogDensity: z has no examples")
  precondition(
    (mean == nil) == (logVariance == nil),
    "gaussianLogDensity: give both the mean and the log-variance, or neither")
  let moments = [mean, logVariance].compactMap { $0 }
  precondition(
    moments.allSatisfy { $0.shape == z.shape },
    "gaussianLogDensity: z is \(z.shape), mean and log-variance are \(moments.map(\.shape))")
  return .applying(GaussianLogDensity(), to: [z] + moments, shape: [z.shape[0]])
}

private struct GaussianLogDensity: Operation {
  let name = "gaussian_log_density"
  var backwardReads: BackwardReads { .inputs }

  func forward(_ pass: ForwardPass) {
    let (z, moments) = (pass.inputs[0], pass.inputs.dropFirst())
    ck_gaussian_log_density(
      pass.pool, z.shape[0], z.shape.count(from: 1), z.pointer, moments.first?.pointer,
      moments.last?.pointer, pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    let (z, moments) = (pass.inputs[0], pass.inputs.dropFirst())
    ck_gaussian_log_density_backward(
      pass.pool, z.shape[0], z.shape.count(from: 1), z.pointer, moments.first?.pointer,
      moments.last?.pointer, pass.outputGradient.pointer, pass.target(0), pass.target(1),
      pass.target(2))
  }
}
