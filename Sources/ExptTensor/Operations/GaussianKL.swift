internal import CKernels

/// The divergence of each latent dimension from the standard normal:
/// `KL(N(μ, σ²) ‖ N(0, 1)) = ½(σ² + μ² − 1 − log σ²)`, in nats, at least 0.
///
/// Shapes: both `[batch, latent]`, the result too; `sumPerExample()` makes it the KL of each
/// example, `meanOverBatch()` that of each dimension.
///
/// Source: Kingma & Welling, "Auto-encoding variational Bayes", ICLR 2014, appendix B.
public func gaussianKL(mean: Tensor, logVariance: Tensor) -> Tensor {
  precondition(
    mean.shape == logVariance.shape,
    "gaussianKL: mean \(mean.shape) and log-variance \(logVariance.shape)")
  return .applying(GaussianKL(), to: [mean, logVariance], shape: mean.shape)
}

private struct GaussianKL: Operation {
  let name = "gaussian_kl"
  var backwardReads: BackwardReads { .inputs }

  func forward(_ pass: ForwardPass) {
    ck_gaussian_kl(
      pass.pool, pass.output.count, pass.inputs[0].pointer, pass.inputs[1].pointer,
      pass.output.pointer)
  }

  func backward(_ pass: BackwardPass) {
    ck_gaussian_kl_backward(
      pass.pool, pass.outputGradient.count, pass.inputs[0].pointer, pass.inputs[1].pointer,
      pass.outputGradient.pointer, pass.inputGradients[0].target, pass.inputGradients[1].target)
  }
}
