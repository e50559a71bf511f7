import ExptComponents
import ExptTensor

/// An autoencoder of codes without a codebook (lookup-free quantization): each of the encoder's numbers
/// becomes −1 or 1, by its sign.
///
///     loss = −log p(x|sign(z)) + commitment · Σ ‖z − sg(sign(z))‖² + entropy · (E H(c|z) − diversity · H(c))
///
/// The encoder's numbers, `latent` of them at each place of its map (or `latent` in all, for an encoder
/// that ends with a vector), are taken in pieces of `bits`; each piece is one of 2^bits codes. The entropies
/// are of a soft choice among them, over all pieces of the batch: see `SignBits`. They are of one code,
/// while the other terms are of an image.
///
/// The prior draws each code on its own, by how often it was chosen lately: a baseline. Latents everywhere
/// are the numbers of the codes.
///
/// Units: nats per image for the reconstruction; `commitment` is a sum over the image, averaged over the
/// batch; `choice_entropy` and `code_entropy`, E H(c|z) and H(c), are nats a code. `perplexity` (from 1 to
/// K) and `usage` (the share of codes in use) are of all images of an epoch.
///
/// Source: Yu et al., "Language Model Beats Diffusion – Tokenizer is Key to Visual Generation", ICLR 2024,
/// section 3.1.
public struct LFQAE: CodedModel {
  public static let id = "lfq_ae"
  public static let summary = "Autoencoder of codes without a codebook: signs."
  public static let exampleSettings =
    "{ encoder: {type: conv, channels: [4], hidden: []}, latent: 6, bits: 3 }"

  @Group public var parts = AutoencoderParts()
  @Setting("Numbers of a code: it is one of 2^bits.", .within(1...16)) public var bits: Int = 10
  @Setting("Weight of the commitment term.", .atLeast(0)) public var commitment: Float = 0.25
  @Setting("Weight of the entropy terms.", .atLeast(0)) public var entropy: Float = 0.1
  @Setting("Weight of the codes' entropy beside that of each choice.", .atLeast(0))
  public var diversity: Float = 1
  @Setting("Temperature τ of the soft choice that the entropies are of.", .above(0))
  public var temperature: Float = 1

  public init() {}

  public var formula: String? {
    "−log p(x|c) + {β=commitment}·Σ ‖z − sg(c)‖² + {ε=entropy}·(E H(c|z) − {δ=diversity}·H(c)),  c = sign(z)"
  }

  public func pieceCount() throws(BuildProblem) -> Int {
    try piecesOf(bits, in: parts.latent, setting: "bits")
  }

  public func codes(in scope: Scope) -> any Coding {
    let signs = SignBits(bits)
    return TableCoding(
      size: signs.size, table: signs.table, use: CodeUse(signs.size, in: scope).counts,
      number: signs.indices)
  }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let (scope, signs) = (pass.scope, SignBits(bits))
    let latents = try coded(batch, in: scope)
    let codes = signs.quantized(latents.vectors)
    let decoded = try decode(vectors: codes, latents.layout, given: batch, in: scope)
    let reconstruction = parts.negativeLogLikelihood(decoded, of: batch, in: scope).mean()
    let distance =
      square(latents.vectors - codes.stopGradient()).sum() / Float(batch.count)
    let (choice, code) = signs.entropies(latents.vectors, temperature: temperature)
    let counts = codeCounts(signs.indices(of: latents.vectors), size: signs.size)
    CodeUse(signs.size, in: scope).follow(counts)
    return LossTerms(
      total: reconstruction + distance * commitment + (choice - code * diversity) * entropy,
      reconstruction: reconstruction,
      extra: [("commitment", distance), ("choice_entropy", choice), ("code_entropy", code)],
      decoded: decoded, tallies: [.codes("codes", counts)])
  }
}
