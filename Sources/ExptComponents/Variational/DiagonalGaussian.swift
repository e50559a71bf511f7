import ExptLayers
import ExptTensor

/// q(z|x) = N(mean, diag(exp(logVariance))): a Gaussian with independent dimensions for each image.
///
/// Shapes: both `[batch, latent]`.
public struct DiagonalGaussian {
  public let mean: Tensor
  public let logVariance: Tensor

  public init(mean: Tensor, logVariance: Tensor) {
    precondition(
      mean.shape == logVariance.shape,
      "means \(mean.shape) and log-variances \(logVariance.shape) differ")
    self.mean = mean
    self.logVariance = logVariance
  }

  public var batch: Int { mean.shape[0] }

  public var posterior: Posterior { .gaussian(mean: mean, logVariance: logVariance) }

  /// Samples that gradients go through, z = mean + exp(½ logVariance)·ε with ε ~ N(0, I):
  /// `[batch · count, latent]`, the samples of an image in consecutive rows.
  ///
  /// The noise is the stream `latent` of the run's random numbers.
  ///
  /// Source: Kingma & Welling, "Auto-Encoding Variational Bayes", ICLR 2014, section 2.4.
  public func samples(_ count: Int = 1, in scope: Scope) -> Tensor {
    let wide = repeated(count)
    let noise = scope.graph.normal(wide.mean.shape, stream: "latent")
    return reparameterize(mean: wide.mean, logVariance: wide.logVariance, noise: noise)
  }

  /// Each image's Gaussian `count` times in a row: `[batch · count, latent]`.
  public func repeated(_ count: Int) -> DiagonalGaussian {
    if count == 1 { return self }
    return DiagonalGaussian(
      mean: mean.repeatedRows(count), logVariance: logVariance.repeatedRows(count))
  }
}
