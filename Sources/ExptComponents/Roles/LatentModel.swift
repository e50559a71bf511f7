import ExptTensor

/// A model whose latents have a posterior and a prior: it adds a loss to `LatentParts`.
///
///     struct VAE: LatentModel { @Group var latents = LatentParts() … }
public protocol LatentModel: Model {
  var latents: LatentParts { get }
}

extension LatentModel {
  public var parts: AutoencoderParts { latents.autoencoder }

  public func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    try latents.posterior(of: batch, in: scope)
  }

  public func prior(for batch: Batch, space: LatentSpace, in scope: Scope) throws(BuildProblem)
    -> (any Distribution)?
  { try latents.prior(for: batch, space: space, in: scope) }

  /// A batch's way from its images to what is decoded: what most losses begin with.
  ///
  /// - Parameter samples: Draws from each image's posterior.
  public func autoencode(
    _ batch: Batch, samples: Int = 1, in scope: Scope
  ) throws(BuildProblem) -> Autoencoded {
    let posterior = try latents.posterior(of: batch, in: scope)
    let prior = try latents.prior(for: batch, space: posterior.space, in: scope)
    let draw = posterior.draw(samples, batch: batch.count, in: scope)
    let decoded = try decode(draw.values, given: batch, in: scope)
    return Autoencoded(
      posterior: posterior, prior: prior, draw: draw, decoded: decoded,
      negativeLogLikelihood: parts.negativeLogLikelihood(decoded, of: batch, in: scope))
  }
}

/// A batch with its latents and what they are decoded to.
public struct Autoencoded {
  /// q(z|x).
  public let posterior: any Distribution
  /// p(z), or p(z|c).
  public let prior: any Distribution
  /// z ~ q(z|x), the samples of an image in consecutive rows.
  public let draw: Draw
  /// The likelihood's parameters for each sample.
  public let decoded: Tensor
  /// −log p(x|z) of each sample, in nats.
  public let negativeLogLikelihood: Tensor
}

/// The parts of an autoencoder whose latents have a distribution: with a posterior and a prior.
public struct LatentParts: Settings {
  @Group public var autoencoder = AutoencoderParts()
  @Slot("q(z|x): the distribution of an image's latents.", .posterior, default: "gaussian")
  public var posterior: any Posterior
  @Slot(
    "p(z): the distribution from which latents are drawn to generate images.", .prior,
    default: "standard_normal")
  public var prior: any Prior

  public init() {}

  /// With another posterior by default.
  public init(posterior id: String) {
    _posterior = Slot(
      "q(z|x): the distribution of an image's latents.", .posterior, default: id)
  }

  /// q(z|x) of each example of a batch.
  public func posterior(of batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    let latent = autoencoder.latent
    let head = try autoencoder.head(posterior.headWidth(latent: latent), of: batch, in: scope)
    return try locating("posterior") { () throws(BuildProblem) in
      try posterior.distribution(head: head, latent: latent, in: scope.child("posterior"))
    }
  }

  /// p(z), or p(z|c) of each example of a batch.
  ///
  /// - Throws: `BuildProblem` if it does not live where the posterior does.
  public func prior(
    for batch: Batch, space: LatentSpace, in scope: Scope
  ) throws(BuildProblem) -> any Distribution {
    let condition = try autoencoder.conditionRows(batch, in: scope)
    return try locating("prior") { () throws(BuildProblem) in
      let context = PriorContext(
        scope: scope.child("prior"), space: space, batch: batch, condition: condition
      ) { (other) throws(BuildProblem) in try posterior(of: other, in: scope) }
      let prior = try prior.distribution(in: context)
      guard prior.space == space else {
        throw BuildProblem(
          "the prior is over \(prior.space), and the posterior over \(space)",
          help: "choose a prior that goes with the posterior")
      }
      return prior
    }
  }
}
