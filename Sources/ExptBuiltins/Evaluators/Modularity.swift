import ExptComponents

/// Whether each latent depends on one factor alone.
///
///     modularity = mean over latents of 1 − Σ_{v ≠ v*} I(z; v)² / (I(z; v*)² (m − 1))
///
/// v* is the factor that the latent tells most about; latents that tell nothing are left out. Latents are
/// encoder means, each cut into `bins` equal parts of its range.
///
/// Source: Ridgeway & Mozer, "Learning Deep Disentangled Embeddings with the F-Statistic Loss", NeurIPS
/// 2018, section 3.1; Locatello et al., ICML 2019, and its code.
public struct Modularity: Evaluator {
  public static let id = "modularity"
  public static let summary = "Whether each latent depends on one factor alone."
  public static let direction = Direction.higherIsBetter
  public static let needs: Set<EvaluationNeed> = [.numbers, .factors]

  @Setting("Bins of the histogram of each latent.", .within(2...10_000)) public var bins: Int = 20
  @Setting("Bins of a factor that takes more values than this.", .within(2...10_000))
  public var factorBins: Int = 40

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let factors = try FactorLevels(subject.encodings.annotations, bins: factorBins).factors
    guard factors.count > 1 else {
      throw EvaluationProblem("'\(Self.id)' needs at least two factors")
    }
    let scores = CodeColumns(subject.encodings).columns.compactMap { column -> Double? in
      let codes = MIG.binned(column, bins: bins)
      let squares = factors.map { factor in
        let told = MIG.mutualInformation(codes, factor.levels)
        return told * told
      }
      guard let most = squares.max(), most > 0 else { return nil }
      return 1 - (squares.reduce(0, +) - most) / (most * Double(factors.count - 1))
    }
    guard !scores.isEmpty else {
      return Score([.init(Self.id, 0)], method: "no latent tells anything about a factor")
    }
    return Score(
      [.init(Self.id, scores.mean)],
      method: "encoder means, \(bins)-bin histograms, \(scores.count) latents")
  }
}
