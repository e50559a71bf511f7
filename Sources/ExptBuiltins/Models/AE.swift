import ExptComponents
import ExptLayers
import ExptTensor

/// An autoencoder: images through a bottleneck and back. With a corruption, a denoising one.
///
///     loss = −log p(x | decode(encode(x)))        in training: encode(corrupt(x))
///
/// Any likelihood serves as the reconstruction loss. The corruption is drawn anew for each batch
/// of training; the loss compares with the clean images, and validation is on clean images.
///
/// Units: nats per image, summed over pixels, averaged over the batch.
///
/// Source: Hinton & Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks",
/// Science 313, 2006; denoising: Vincent et al., "Extracting and Composing Robust Features with
/// Denoising Autoencoders", ICML 2008.
public struct AE: Model {
  public static let id = "ae"
  public static let summary = "Autoencoder; with a corruption, a denoising one."

  @Group public var network = AutoencoderSettings()
  @OptionalSlot("Noise on what the encoder sees in training; null: none.", .corruption)
  public var corruption: (any Corruption)? = nil

  public init() {}

  public var betaSchedule: (any BetaSchedule)? { nil }

  public func encode(_ images: Tensor, in scope: Scope) throws(BuildProblem) -> Posterior {
    .code(try network.code(images, in: scope))
  }

  public func loss(_ images: Tensor, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let seen = corrupted(images, in: scope)
    let decoded = try network.decode(network.code(seen, in: scope), in: scope)
    let reconstruction = network.negativeLogLikelihood(decoded, images: images, in: scope).mean()
    return LossTerms(total: reconstruction, reconstruction: reconstruction, decoded: decoded)
  }

  private func corrupted(_ images: Tensor, in scope: Scope) -> Tensor {
    guard let corruption, scope.mode == .training else { return images }
    return corruption.corrupt(images, in: scope.child("corruption"))
  }
}
