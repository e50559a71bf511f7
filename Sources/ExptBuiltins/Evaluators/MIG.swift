import ExptComponents
import Foundation

/// The mutual information gap: whether each factor is told by one latent alone.
///
///     mig = (1/m) Σᵥ (I(z₁; v) − I(z₂; v)) / H(v)
///
/// z₁ and z₂ are the two latents that tell most about the factor v; with a single latent the second term is
/// 0. From 0 to 1. As in disentanglement_lib, z are encoder means, each cut into `bins` equal parts of
/// its range. A factor that takes more than `factor_bins` values is cut into as many parts of its range; one
/// that takes a single value is left out. Labels stand for factors where there are none.
///
/// Sources: Chen et al., "Isolating Sources of Disentanglement in VAEs", NeurIPS 2018, section 4.1;
/// Locatello et al., ICML 2019, and its code, github.com/google-research/disentanglement_lib.
public struct MIG: Evaluator {
  public static let id = "mig"
  public static let summary = "The mutual information gap between latents and factors."
  public static let direction = Direction.higherIsBetter
  public static let needs: Set<EvaluationNeed> = [.numbers, .factors]

  @Setting("Bins of the histogram of each latent.", .within(2...10_000)) public var bins: Int = 20
  @Setting("Bins of a factor that takes more values than this.", .within(2...10_000))
  public var factorBins: Int = 40

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let encodings = subject.encodings
    let codes = CodeColumns(encodings).columns.map { Self.binned($0, bins: bins) }
    let factors = try FactorLevels(encodings.annotations, bins: factorBins).factors
    return Score(
      Self.gaps(factors, named: Self.id) { factor in
        codes.map { Self.mutualInformation($0, factor.levels) }
      }, method: "encoder means, \(bins)-bin histograms, divided by each factor's entropy")
  }

  /// The mean gap over the factors, then that of each.
  ///
  /// - Parameter information: I(z; v) of each latent and a factor, in nats.
  static func gaps(
    _ factors: [FactorLevels.Factor], named id: String,
    information: (FactorLevels.Factor) -> [Double]
  ) -> [Score.Number] {
    let gaps = factors.map { factor in
      let told = information(factor).sorted(by: >)
      let gap = told[0] - (told.dropFirst().first ?? 0)
      return Score.Number("\(id)_\(factor.name)", gap / entropy(factor.levels))
    }
    return [.init(id, gaps.reduce(0) { $0 + $1.value } / Double(gaps.count))] + gaps
  }

  /// Which of equal parts of their range numbers lie in. (`numpy.histogram`'s edges; what is not
  /// finite lies in the first.)
  static func binned(_ values: [Double], bins: Int) -> [Int] {
    let finite = values.filter(\.isFinite)
    guard let least = finite.min(), let most = finite.max(), most > least else {
      return [Int](repeating: 0, count: values.count)
    }
    let step = (most - least) / Double(bins)
    let edges = (0..<bins).map { Double($0) * step + least }
    return values.map { value in
      guard value.isFinite else { return 0 }
      var bin = min(bins - 1, max(0, Int((value - least) / step)))
      while bin > 0, value < edges[bin] { bin -= 1 }
      while bin + 1 < bins, value >= edges[bin + 1] { bin += 1 }
      return bin
    }
  }

  /// In nats.
  static func entropy(_ values: [Int]) -> Double {
    // In the order of the values, so that the sum is the same each time.
    var counts = [Int](repeating: 0, count: (values.max() ?? 0) + 1)
    for value in values { counts[value] += 1 }
    return counts.filter { $0 > 0 }.reduce(0) { sum, count in
      let share = Double(count) / Double(values.count)
      return sum - share * log(share)
    }
  }

  /// In nats: H(a) + H(b) − H(a, b), of counts.
  static func mutualInformation(_ a: [Int], _ b: [Int]) -> Double {
    let width = (b.max() ?? 0) + 1
    return max(0, entropy(a) + entropy(b) - entropy(zip(a, b).map { $0 * width + $1 }))
  }
}
