import ExptComponents
import ExptTensor

/// Disentanglement, completeness and informativeness: from how much each latent matters to predicting each
/// factor by gradient-boosted trees.
///
///     disentanglement = Σᵢ ρᵢ (1 − H_m(P_i)),   P_i = R_i / Σ_v R_iv,  ρᵢ the latent's share of all R
///     completeness    = Σ_v ρ_v (1 − H_d(P_v)), P_v = R_v / Σ_i R_iv
///     informativeness = mean accuracy on images that were not fitted to
///
/// H_m is the entropy with logarithms to the base m, R the trees' importances: how much their splits lower
/// the squared error, a share of 1 for each factor. The trees: see `GradientBoosting`. Two thirds of the
/// images to fit, one to test.
///
/// Source: Eastwood & Williams, "A Framework for the Quantitative Evaluation of Disentangled
/// Representations", ICLR 2018, section 2; Locatello et al., ICML 2019, and its code.
public struct DCI: Evaluator {
  public static let id = "dci"
  public static let summary = "Disentanglement, completeness and informativeness, by boosted trees."
  public static let direction = Direction.higherIsBetter
  public static let needs: Set<EvaluationNeed> = [.numbers, .factors]

  @Setting("Trees of each class.", .within(1...10_000)) public var trees: Int = 100
  @Setting("Depth of a tree.", .within(1...12)) public var depth: Int = 3
  @Setting("How much of a tree's answer is added.", .above(0, upTo: 1)) public var rate: Double =
    0.1
  @Setting("Levels of a factor that takes more values than this.", .within(2...1000))
  public var factorBins: Int = 40

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let codes = CodeColumns(subject.encodings)
    let factors = try FactorLevels(subject.encodings.annotations, bins: factorBins).factors
    guard factors.count > 1 else {
      throw EvaluationProblem("'\(Self.id)' needs at least two factors")
    }
    let train = codes.count * 2 / 3
    guard train > 1, train < codes.count else {
      throw EvaluationProblem("'\(Self.id)' needs at least three images")
    }
    let binned = BinnedColumns(codes.columns, fitted: train)
    var importances: [[Double]] = []
    var accuracies: [Score.Number] = []
    for factor in factors {
      let model = GradientBoosting(
        binned, factor.levels, classes: factor.count, fitted: train, trees: trees, depth: depth,
        rate: rate)
      importances.append(model.importances)
      accuracies.append(.init("dci_accuracy_\(factor.name)", model.accuracy))
    }
    let disentanglement = Self.concentration(
      (0..<codes.width).map { latent in importances.map { $0[latent] } })
    let completeness = Self.concentration(importances)
    return Score(
      [
        .init("dci", disentanglement), .init("dci_completeness", completeness),
        .init("dci_informativeness", accuracies.map(\.value).mean),
      ] + accuracies,
      method: "\(trees) boosted trees of depth \(depth) a class, two thirds to fit, one to test")
  }

  /// Σ ρ (1 − H(row)), each row weighted by its share of the whole.
  static func concentration(_ rows: [[Double]]) -> Double {
    let total = rows.joined().reduce(0, +)
    guard total > 0, let count = rows.first?.count else { return 0 }
    guard count > 1 else { return 1 }
    return rows.reduce(0) { sum, row in
      let weight = row.reduce(0, +)
      guard weight > 0 else { return sum }
      let entropy = row.reduce(0) { sum, value in
        let share = value / weight
        return share > 0 ? sum - share * RepeatableMath.log(share) : sum
      }
      return sum + weight / total * (1 - entropy / RepeatableMath.log(Double(count)))
    }
  }
}
