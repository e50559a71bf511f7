import ExptTensor

// KL(q(z|x) ‖ N(0, I)), in nats.
extension DiagonalGaussian {
  /// The KL of each latent dimension, averaged over the batch, in closed form: `[latent]`.
  ///
  ///     KLⱼ = ½ (μⱼ² + σⱼ² − 1 − log σⱼ²)
  ///
  /// Source: Kingma & Welling, "Auto-Encoding Variational Bayes", ICLR 2014, appendix B.
  public var klPerDimension: Tensor {
    gaussianKL(mean: mean, logVariance: logVariance).meanOverBatch()
  }

  /// log q(z|x) − log p(z) of each sample, whose mean estimates the KL.
  ///
  /// - Parameter samples: As `samples(_:in:)` gives them, `[batch · count, latent]`.
  /// - Returns: `[batch · count]`.
  public func monteCarloKL(_ samples: Tensor) -> Tensor {
    precondition(
      samples.shape[0] % batch == 0, "samples \(samples.shape) for \(batch) Gaussians")
    let wide = repeated(samples.shape[0] / batch)
    return gaussianLogDensity(samples, mean: wide.mean, logVariance: wide.logVariance)
      - gaussianLogDensity(samples)
  }
}
