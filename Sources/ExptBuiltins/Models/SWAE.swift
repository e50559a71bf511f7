import ExptComponents
import ExptTensor

/// A sliced Wasserstein autoencoder: the aggregate posterior meets the prior in one dimension at a time,
/// along random directions.
///
///     loss = E[−log p(x|z)] + λ · SW₂²
///     SW₂² = (1/L) Σₗ (1/B) Σᵢ (θₗ·z₍ᵢ₎ − θₗ·z′₍ᵢ₎)²
///
/// θₗ are L directions, uniform on the sphere and new in each step; z are the codes of a batch, z′ as many
/// draws of the prior, each sorted along the direction. In one dimension that pairing is the best there is.
/// Codes that are shifted by s are s²/d apart, in d dimensions.
///
/// Units: nats per image for the reconstruction; `sw2` is a squared distance of latents, not weighted.
///
/// Source: Kolouri, Pope, Martin & Rohde, "Sliced Wasserstein Auto-Encoders", ICLR 2019, arXiv
/// 1804.01947, equation 13 and algorithm 1.
public struct SWAE: LatentModel {
  public static let id = "swae"
  public static let summary = "Sliced Wasserstein autoencoder: sorted projections meet the prior's."

  @Group public var latents = LatentParts(posterior: "point")
  @Slot("Weight λ of the distance, a number or a schedule.", .schedule, default: 100)
  public var lambda: any Schedule
  @Setting("Directions of projection (L) in each step.", .within(1...100_000))
  public var projections: Int = 50

  public init() {}

  public var formula: String? {
    "E[−log p(x|z)] + {λ=lambda}·SW₂²(q(z), p(z)),  along {L=projections} directions"
  }

  public func check(_ report: SettingsReport) { report.refuseCapacities(of: self) }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let coded = try autoencode(batch, in: scope)
    let (codes, prior) = (coded.draw.values, coded.prior)
    let reconstruction = coded.negativeLogLikelihood.mean()
    let drawn = scope.graph.normal([projections, codes.shape[1]], stream: "direction")
    let distance = slicedDistance(
      codes, prior.draw(1, batch: batch.count, in: scope).values, along: drawn)
    return LossTerms(
      total: reconstruction + distance * pass.weight("lambda", lambda),
      reconstruction: reconstruction, extra: [("sw2", distance)], decoded: coded.decoded)
  }
}

/// The squared 2-Wasserstein distance of two sets of as many rows, `[n, d]` each, along directions of any
/// length, `[L, d]`, averaged over these: a scalar.
func slicedDistance(_ a: Tensor, _ b: Tensor, along directions: Tensor) -> Tensor {
  let lengths = sqrt(square(directions).sumPerExample())
  let unit = directions.scaledRows(by: reciprocal(lengths))
  func sorted(_ rows: Tensor) -> Tensor { matmul(unit, rows, transposeB: true).sortedRows() }
  return square(sorted(a) - sorted(b)).mean()
}
