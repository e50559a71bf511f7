import ExptLayers
import ExptTensor

/// An autoencoder: how images become latents and images again, and what training minimises.
public protocol Model: Component {
  /// Latent size, likelihood, encoder and decoder: `@Group var network = AutoencoderSettings()`.
  var network: AutoencoderSettings { get }

  /// The schedule of β, or nil for a model without a KL term.
  var betaSchedule: (any BetaSchedule)? { get }

  /// The posterior of images `[batch, channels, height, width]`.
  func encode(_ images: Tensor, in scope: Scope) throws(BuildProblem) -> Posterior

  /// The loss of a batch and what it is made of, the same function in training and validation.
  func loss(_ images: Tensor, in pass: LossPass) throws(BuildProblem) -> LossTerms
}

/// What an encoder says about the latents of each image, `[batch, latent]`.
public enum Posterior {
  /// A point: an autoencoder's code.
  case code(Tensor)
  /// A Gaussian with independent dimensions.
  case gaussian(mean: Tensor, logVariance: Tensor)

  /// The code, or the mean.
  public var mean: Tensor {
    switch self {
    case .code(let code): code
    case .gaussian(let mean, _): mean
    }
  }
}

/// What `Model.loss` works with besides the images.
public struct LossPass {
  public let scope: Scope
  /// β at this step, a scalar.
  public let beta: Tensor
  /// The KL that the term is drawn to, or nil where the schedule has none.
  public let klTarget: Tensor?

  public init(scope: Scope, beta: Tensor, klTarget: Tensor?) {
    self.scope = scope
    self.beta = beta
    self.klTarget = klTarget
  }
}

/// A batch's loss and its parts: scalars, in nats, summed over pixels or latents and averaged over
/// the batch.
public struct LossTerms {
  /// What training minimises.
  public var total: Tensor
  public var reconstruction: Tensor
  /// KL(q(z|x) ‖ p(z)), not weighted; nil for a model without one.
  public var kl: Tensor?
  /// The KL of each latent dimension, averaged over the batch: `[latent]`.
  public var klPerDimension: Tensor?
  /// More columns for `metrics.csv`, by name.
  public var extra: [(name: String, value: Tensor)]
  /// The decoder's raw output for the images, `[batch, …]`.
  public var decoded: Tensor

  public init(
    total: Tensor, reconstruction: Tensor, kl: Tensor? = nil, klPerDimension: Tensor? = nil,
    extra: [(name: String, value: Tensor)] = [], decoded: Tensor
  ) {
    self.total = total
    self.reconstruction = reconstruction
    self.kl = kl
    self.klPerDimension = klPerDimension
    self.extra = extra
    self.decoded = decoded
  }
}

extension Role where Value == any Model {
  public static var model: Self {
    Role("model", title: "model", includes: { $0 is any Model.Type }, cast: { $0 as? any Model })
  }
}
