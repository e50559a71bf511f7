/// How good a model is on some images, in nats per image. β and free bits do not enter.
public struct Evaluation: Sendable {
  /// Images.
  public var count: Int
  /// Latents sampled for each image; 1 for an autoencoder, whose codes are not drawn.
  public var samples: Int
  public var seed: UInt64
  /// E[−log p(x|z)], z from the posterior: the mean over the samples, then over the images.
  public var reconstruction: Estimate
  /// What only a model with a posterior has.
  public var variational: Variational?
  /// What the likelihood is on these images; a density where nobody says otherwise.
  public var likelihood = MeasuredLikelihood.unknown
  /// Each latent dimension, in order.
  public var dimensions: [LatentDimension]

  public struct Variational: Sendable {
    /// KL(q(z|x) ‖ p(z)): in closed form where there is one, else the mean of log q − log p over the
    /// samples.
    public var kl: Estimate
    /// −reconstruction − KL: at most log p(x) on average.
    public var elbo: Estimate
    /// −log (1/k) Σᵢ wᵢ, wᵢ = p(x|zᵢ)·p(zᵢ) / q(zᵢ|x), zᵢ from the posterior: at least
    /// −log p(x) on average, and nearer to it the more samples there are.
    ///
    /// Source: Burda, Grosse & Salakhutdinov, "Importance Weighted Autoencoders", ICLR 2016, eq. 8.
    public var importanceWeightedNLL: Estimate

    public init(kl: Estimate, elbo: Estimate, importanceWeightedNLL: Estimate) {
      self.kl = kl
      self.elbo = elbo
      self.importanceWeightedNLL = importanceWeightedNLL
    }
  }

  public init(
    count: Int, samples: Int, seed: UInt64, reconstruction: Estimate, variational: Variational?,
    dimensions: [LatentDimension]
  ) {
    self.count = count
    self.samples = samples
    self.seed = seed
    self.reconstruction = reconstruction
    self.variational = variational
    self.dimensions = dimensions
  }

  /// Dimensions whose posterior mean varies from image to image.
  public var activeUnits: Int { dimensions.count { $0.isActive } }
  /// Dimensions with a KL.
  public var informativeUnits: Int { dimensions.count { $0.isInformative } }
}

/// How probable one image is to a model, in nats.
public struct ExampleLikelihood: Sendable, Hashable {
  /// E[−log p(x|z)], z from the posterior.
  public var reconstruction: Double
  /// KL(q(z|x) ‖ p(z)), as in `Evaluation`; nil for a model without a prior or densities.
  public var kl: Double?
  /// As in `Evaluation`; nil likewise.
  public var importanceWeightedNLL: Double?

  public init(reconstruction: Double, kl: Double? = nil, importanceWeightedNLL: Double? = nil) {
    self.reconstruction = reconstruction
    self.kl = kl
    self.importanceWeightedNLL = importanceWeightedNLL
  }

  /// −reconstruction − KL.
  public var elbo: Double? { kl.map { -reconstruction - $0 } }
}
