import ExptComponents
import Foundation

/// The interventional robustness score: whether a latent stays where it is while all factors but one
/// change.
///
/// For each factor, images are grouped by its value; how far a latent goes from its group's mean is taken at
/// the 99th percentile, averaged over the groups, and divided by the furthest that the latent goes from
/// its mean over all images. A latent's score is 1 less that for its best factor, and the score of all is
/// their mean, weighted by how far each goes.
///
/// Source: Suter et al., "Robustly Disentangled Causal Mechanisms", ICML 2019, section 4;
/// disentanglement_lib's code.
public struct IRS: Evaluator {
  public static let id = "irs"
  public static let summary = "Whether a latent stays while all factors but one change."
  public static let direction = Direction.higherIsBetter
  public static let needs: Set<EvaluationNeed> = [.numbers, .factors]

  @Setting("The percentile of the distances, as a share.", .within(0...1))
  public var quantile: Double = 0.99
  @Setting("Bins of a factor that takes more values than this.", .within(2...10_000))
  public var factorBins: Int = 40

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let factors = try FactorLevels(subject.encodings.annotations, bins: factorBins).factors
    guard factors.count > 1 else {
      throw EvaluationProblem("'\(Self.id)' needs at least two factors")
    }
    var scores: [(score: Double, weight: Double)] = []
    for column in CodeColumns(subject.encodings).columns {
      let mean = column.mean
      let furthest = column.map { abs($0 - mean) }.max() ?? 0
      guard furthest > 0 else { continue }
      let least =
        factors.map { factor in
          let groups = factor.images.filter { !$0.isEmpty }
          return groups.map { group in spread(group.map { column[$0] }) }.mean
        }.min() ?? furthest
      scores.append((1 - least / furthest, furthest))
    }
    let weight = scores.reduce(0) { $0 + $1.weight }
    let score = weight > 0 ? scores.reduce(0) { $0 + $1.score * $1.weight } / weight : 0
    return Score(
      [.init(Self.id, score)],
      method: "encoder means, distances at the quantile \(quantile), \(scores.count) latents")
  }

  /// How far numbers are from their mean, at the quantile, between neighbours in a straight line.
  private func spread(_ values: [Double]) -> Double {
    let mean = values.mean
    let distances = values.map { abs($0 - mean) }.sorted()
    let place = quantile * Double(distances.count - 1)
    let lower = min(distances.count - 1, Int(place))
    let upper = min(distances.count - 1, lower + 1)
    return distances[lower] + (place - Double(lower)) * (distances[upper] - distances[lower])
  }
}
