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

extension DiagonalGaussian: Distribution {
  public var space: LatentSpace { .vector(mean.shape[1]) }
  public var expectation: Tensor? { mean }

  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let values = samples(count, in: scope)
    return Draw(values, logDensity: logDensity(values))
  }

  public func logDensity(_ values: Tensor) -> Tensor? {
    let wide = repeated(values.shape[0] / batch)
    return gaussianLogDensity(values, mean: wide.mean, logVariance: wide.logVariance)
  }

  /// To N(0, I), and to another Gaussian of independent dimensions, one for each example or one for
  /// all:
  ///
  ///     KLⱼ = ½ (log σₚ² − log σ² + (σ² + (μ − μₚ)²) / σₚ² − 1)
  public func divergence(from prior: any Distribution) -> Divergence? {
    switch prior {
    case is StandardNormal:
      return Divergence(perDimension: gaussianKL(mean: mean, logVariance: logVariance))
    case let prior as DiagonalGaussian where prior.batch == batch || prior.batch == 1:
      let (location, spread) =
        prior.batch == batch
        ? (prior.mean, prior.logVariance)
        : (prior.mean.reshaped(space.shape), prior.logVariance.reshaped(space.shape))
      let distance = square(mean - location) * exp(-spread)
      return Divergence(
        perDimension: (spread - logVariance + exp(logVariance - spread) + distance - 1) * 0.5)
    default:
      return nil
    }
  }
}

extension LatentSpace {
  /// Of one example's numbers.
  var shape: Shape { [width] }
}
