import ExptComponents
import ExptTensor

/// An autoencoder of codes without a codebook (finite scalar quantization): each of the encoder's numbers
/// takes one of a few values.
///
///     loss = −log p(x|round(z))
///
/// The encoder's numbers, `latent` of them at each place of its map (or `latent` in all, for an encoder
/// that ends with a vector), are taken in pieces of as many as `levels` has entries; each piece is one of
/// K = Π levels codes: see `FiniteScalars` for the rounding. A conv encoder ends with a map with
/// `hidden: []`.
///
/// The prior draws each code on its own, by how often it was chosen lately: a baseline. Latents everywhere
/// are the numbers of the codes.
///
/// Units: nats per image. `perplexity` (from 1 to K) and `usage` (the share of codes in use) are of all
/// images of an epoch.
///
/// Source: Mentzer et al., "Finite Scalar Quantization: VQ-VAE Made Simple", ICLR 2024; its section 4.1
/// has levels for usual numbers of codes, such as [8, 5, 5, 5] for 1000.
public struct FSQAE: CodedModel {
  public static let id = "fsq_ae"
  public static let summary = "Autoencoder of codes without a codebook: numbers of a few values."
  public static let exampleSettings =
    "{ encoder: {type: conv, channels: [4], hidden: []}, latent: 4, levels: [3, 4] }"

  @Group public var parts = AutoencoderParts()
  @Setting("Values of each number of a code.", .within(2...1024)) public var levels: [Int] = [
    8, 5, 5, 5,
  ]

  public init() {}

  public var formula: String? {
    "−log p(x|e),  e = round(z),  the numbers of a code have {L=levels} values"
  }

  public func check(_ report: SettingsReport) {
    let size = levels.reduce(1.0) { $0 * Double($1) }
    if levels.isEmpty || size > 65536 {
      report.error(
        levels.isEmpty
          ? "a code needs at least one number" : "these levels make more than 65536 codes",
        at: "levels", help: "such as [8, 5, 5, 5], which make 1000")
    }
  }

  public func pieceCount() throws(BuildProblem) -> Int {
    try piecesOf(levels.count, in: parts.latent, setting: "levels")
  }

  public func codes(in scope: Scope) -> any Coding {
    let scalars = FiniteScalars(levels)
    return TableCoding(
      size: scalars.size, table: scalars.table, use: CodeUse(scalars.size, in: scope).counts,
      number: scalars.indices)
  }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let (scope, scalars) = (pass.scope, FiniteScalars(levels))
    let latents = try coded(batch, in: scope)
    let decoded = try decode(
      vectors: scalars.quantized(latents.vectors), latents.layout, given: batch, in: scope)
    let reconstruction = parts.negativeLogLikelihood(decoded, of: batch, in: scope).mean()
    let counts = codeCounts(scalars.indices(of: latents.vectors), size: scalars.size)
    CodeUse(scalars.size, in: scope).follow(counts)
    return LossTerms(
      total: reconstruction, reconstruction: reconstruction, decoded: decoded,
      tallies: [.codes("codes", counts)])
  }
}
