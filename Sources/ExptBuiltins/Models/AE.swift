import ExptComponents
import ExptTensor

/// An autoencoder: images through a bottleneck and back. With a corruption, a denoising one.
///
///     loss = −log p(x | decode(encode(x)))        in training: encode(corrupt(x))
///
/// Any likelihood serves as the reconstruction loss. A new corruption is drawn for each batch of
/// training; the loss compares with the clean images, and validation is on clean images.
///
/// Units: nats per image, summed over pixels, averaged over the batch.
///
/// Source: Hinton & Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks",
/// Science 313, 2006; denoising: Vincent et al., "Extracting and Composing Robust Features with
/// Denoising Autoencoders", ICML 2008.
public struct AE: Model {
  public static let id = "ae"
  public static let summary = "Autoencoder; with a corruption, a denoising autoencoder."

  @Group public var parts = AutoencoderParts()
  @OptionalSlot("Noise on the encoder's input in training; null: none.", .corruption)
  public var corruption: (any Corruption)? = nil

  public init() {}

  public var formula: String? {
    corruption == nil ? "−log p(x|f(x))" : "−log p(x|f(x̃)),  x̃: x with noise, in training"
  }

  public func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    PointMass(try parts.head(parts.latent, of: batch, in: scope))
  }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let code = try parts.head(
      parts.latent, of: batch, seeing: corrupted(batch.examples, in: scope), in: scope)
    let decoded = try decode(code, given: batch, in: scope)
    let reconstruction = parts.negativeLogLikelihood(decoded, of: batch, in: scope).mean()
    return LossTerms(total: reconstruction, reconstruction: reconstruction, decoded: decoded)
  }

  private func corrupted(_ images: Tensor, in scope: Scope) -> Tensor {
    guard let corruption, scope.mode == .training else { return images }
    return corruption.corrupt(images, in: scope.child("corruption"))
  }
}
