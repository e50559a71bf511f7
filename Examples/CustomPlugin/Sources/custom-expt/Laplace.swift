import ExptComponents
import ExptTensor

/// A Laplace distribution with independent dimensions: its tails are heavier than a Gaussian's, and as a
/// prior it favours latents of which few are far from 0.
///
///     log p(z) = −Σⱼ (|zⱼ − μⱼ| / bⱼ + log bⱼ + log 2)
///
/// The KL to another one has a closed form, in nats:
///
///     KLⱼ = log (cⱼ / bⱼ) + (bⱼ·exp(−|μⱼ − νⱼ| / bⱼ) + |μⱼ − νⱼ|) / cⱼ − 1,   to the location ν, scale c
///
/// Shapes: `[batch, latent]` each. A draw is μ + b·(e₁ − e₂), of two exponential numbers.
struct Laplacian: Distribution {
  let location: Tensor
  let logScale: Tensor
  /// Of its noise: another for the prior than for the posterior, so that their draws are independent.
  var stream = "latent"

  var space: LatentSpace { .vector(location.shape[1]) }
  var expectation: Tensor? { location }
  var parameters: [(name: String, value: Tensor)] { [("log_scale", logScale)] }

  func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let (location, logScale) = (
      location.repeatedExamples(count), logScale.repeatedExamples(count)
    )
    let noise =
      scope.graph.exponential(location.shape, stream: stream + " up")
      - scope.graph.exponential(location.shape, stream: stream + " down")
    let values = location + exp(logScale) * noise
    return Draw(values, logDensity: logDensity(values))
  }

  func logDensity(_ values: Tensor) -> Tensor? {
    let count = values.shape[0] / location.shape[0]
    let (location, logScale) = (
      location.repeatedExamples(count), logScale.repeatedExamples(count)
    )
    let distance = abs(values - location) * exp(-logScale)
    return -(distance + logScale + Float(RepeatableMath.log(2))).sumPerExample()
  }

  func divergence(from prior: any Distribution) -> Divergence? {
    guard let prior = prior as? Laplacian, prior.location.shape == location.shape else {
      return nil
    }
    let distance = abs(location - prior.location)
    let scale = exp(logScale)
    let overlap = scale * exp(-(distance / scale)) + distance
    return .split(prior.logScale - logScale + overlap * exp(-prior.logScale) - 1)
  }
}

/// q(z|x), from as many numbers for the scale as for the location.
struct LaplacePosterior: Posterior {
  static let id = "laplace_posterior"
  static let summary = "A Laplace distribution with independent dimensions."

  func headWidth(latent: Int) -> Int { 2 * latent }

  func distribution(head: Tensor, latent: Int, in scope: Scope) -> any Distribution {
    Laplacian(
      location: head.columns(0..<latent), logScale: head.columns(latent..<2 * latent))
  }
}

/// p(z) around 0, by default of variance 1, as N(0, I) has: the variance is 2·scale².
struct LaplacePrior: Prior {
  static let id = "laplace_prior"
  static let summary = "A Laplace distribution around 0: few latents are far from it."

  @Setting("Scale of each dimension.", .above(0)) var scale: Float = 0.707_106_8

  func distribution(in context: PriorContext) throws(BuildProblem) -> any Distribution {
    guard case .vector(let latent) = context.space else {
      throw BuildProblem(
        "a Laplace distribution needs latents that are numbers, and these are \(context.space)",
        help: "choose a prior that goes with the posterior")
    }
    let shape: Shape = [context.batch.count, latent]
    let graph = context.scope.graph
    return Laplacian(
      location: graph.constant(0, shape),
      logScale: graph.constant(Float(RepeatableMath.log(Double(scale))), shape), stream: "prior")
  }
}
