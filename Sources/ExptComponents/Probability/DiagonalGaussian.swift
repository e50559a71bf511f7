import ExptTensor

/// q(z|x) = N(mean, diag(exp(logVariance))): a Gaussian with independent dimensions for each image.
///
/// Shapes: both `[batch, latent]`.
public struct DiagonalGaussian {
  public let mean: Tensor
  public let logVariance: Tensor
  private let stream: String

  /// - Parameter stream: Of its noise: priors have another than posteriors, so that draws of both are
  ///   independent.
  public init(mean: Tensor, logVariance: Tensor, stream: String = "latent") {
    precondition(
      mean.shape == logVariance.shape,
      "means \(mean.shape) and log-variances \(logVariance.shape) differ")
    self.mean = mean
    self.logVariance = logVariance
    self.stream = stream
  }

  public var batch: Int { mean.shape[0] }

  /// Samples that gradients go through, z = mean + exp(½ logVariance)·ε with ε ~ N(0, I):
  /// `[batch · count, latent]`, the samples of an image in consecutive rows.
  ///
  /// The noise is the stream `latent` of the run's random numbers; a prior's is `prior`.
  ///
  /// Source: Kingma & Welling, "Auto-Encoding Variational Bayes", ICLR 2014, section 2.4.
  public func samples(_ count: Int = 1, in scope: Scope) -> Tensor {
    let wide = repeated(count)
    let noise = scope.graph.normal(wide.mean.shape, stream: stream)
    return reparameterize(mean: wide.mean, logVariance: wide.logVariance, noise: noise)
  }

  /// Each image's Gaussian `count` times in a row: `[batch · count, latent]`.
  public func repeated(_ count: Int) -> DiagonalGaussian {
    if count == 1 { return self }
    return DiagonalGaussian(
      mean: mean.repeatedRows(count), logVariance: logVariance.repeatedRows(count), stream: stream)
  }
}

extension DiagonalGaussian: Distribution {
  public var space: LatentSpace { .vector(mean.shape[1]) }
  public var expectation: Tensor? { mean }
  public var parameters: [(name: String, value: Tensor)] { [("log_variance", logVariance)] }

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
      return .split(gaussianKL(mean: mean, logVariance: logVariance))
    case let prior as DiagonalGaussian where prior.batch == batch || prior.batch == 1:
      let (location, spread) =
        prior.batch == batch
        ? (prior.mean, prior.logVariance)
        : (prior.mean.reshaped(space.shape), prior.logVariance.reshaped(space.shape))
      let distance = square(mean - location) * exp(-spread)
      return .split(
        (spread - logVariance + exp(logVariance - spread) + distance - 1) * 0.5)
    default:
      return nil
    }
  }
}

extension DiagonalGaussian {
  public func tempered(_ temperature: Float) -> (any Distribution)? { spread(by: temperature) }

  /// The same with its standard deviations times a factor.
  func spread(by factor: Float) -> DiagonalGaussian {
    // Of a factor of 0 there is no logarithm.
    let shift = Float(2 * RepeatableMath.log(Double(max(factor, 1e-15))))
    return DiagonalGaussian(mean: mean, logVariance: logVariance + shift, stream: stream)
  }

  public var detached: (any Distribution)? {
    DiagonalGaussian(
      mean: mean.stopGradient(), logVariance: logVariance.stopGradient(), stream: stream)
  }

  public func pairwiseLogDensity(_ values: Tensor) -> Tensor? {
    pairwiseGaussianLogDensity(values, mean: mean, logVariance: logVariance)
  }

  public func aggregateLogDensity(_ values: Tensor, logWeights: [Float]?) -> Tensor? {
    guard mean.shape[1] <= aggregateWidth else {
      return pairwiseLogDensity(values).map { $0.aggregated(logWeights: logWeights) }
    }
    let weights = logWeights.map {
      values.graph.constant($0, [values.shape[0], mean.shape[0]])
    }
    return aggregateGaussianLogDensity(
      values, mean: mean, logVariance: logVariance, logWeights: weights)
  }

  public var variance: Tensor? { exp(logVariance) }
}

extension LatentSpace {
  /// Of one example's numbers.
  var shape: Shape { [width] }
}
