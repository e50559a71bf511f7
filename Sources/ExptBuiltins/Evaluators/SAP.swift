import ExptComponents

/// The separated attribute predictability: how much better the best latent predicts a factor than the
/// second best.
///
///     sap = (1/m) Σᵥ (s₁(v) − s₂(v))
///
/// In the form `r2`, s is the squared correlation of latent and factor. In the form `svm`, it is the
/// accuracy of a linear support vector classifier (squared hinge, C = 0.01, one class against the rest) that
/// sees one latent alone, fitted to two thirds of the images and tested on the others; a latent that does
/// not vary has 0.
///
/// Source: Kumar, Sattigeri & Balakrishnan, "Variational Inference of Disentangled Latent Concepts from
/// Unlabeled Observations", ICLR 2018, section 3; Locatello et al., ICML 2019, and its code.
public struct SAP: Evaluator {
  public enum Form: String, NamedChoice { case r2, svm }

  public static let id = "sap"
  public static let summary = "How much better the best latent predicts a factor than the next."
  public static let direction = Direction.higherIsBetter
  public static let needs: Set<EvaluationNeed> = [.numbers, .factors]

  @Setting("Squared correlations, or accuracies of linear classifiers.") public var form: Form =
    .svm
  @Setting("Levels of a factor that takes more values than this, for svm.", .within(2...10_000))
  public var factorBins: Int = 40

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let codes = CodeColumns(subject.encodings)
    let annotations = subject.encodings.annotations
    let levels = try FactorLevels(annotations, bins: factorBins).factors
    var gaps: [Score.Number] = []
    for factor in levels {
      let scores: [Double]
      switch form {
      case .r2:
        let values = annotations.groundTruth.first { $0.name == factor.name }?.values ?? []
        scores = codes.columns.map { Self.squaredCorrelation($0, values.map(Double.init)) }
      case .svm:
        scores = codes.columns.map { Self.accuracy($0, factor.levels, classes: factor.count) }
      }
      let best = scores.sorted(by: >)
      gaps.append(.init("sap_\(factor.name)", best[0] - (best.dropFirst().first ?? 0)))
    }
    return Score(
      [.init("sap", gaps.map(\.value).mean)] + gaps,
      method: form == .r2
        ? "squared correlations of encoder means and factors"
        : "linear SVC with C 0.01 on one latent, two thirds to fit and one to test")
  }

  static func squaredCorrelation(_ a: [Double], _ b: [Double]) -> Double {
    let (meanA, meanB) = (a.mean, b.mean)
    let covariance =
      zip(a, b).reduce(0) { $0 + ($1.0 - meanA) * ($1.1 - meanB) } / Double(max(1, a.count))
    let scale = a.variance * b.variance
    return scale > 1e-12 ? covariance * covariance / scale : 0
  }

  /// Of a linear classifier of one number.
  private static func accuracy(_ values: [Double], _ levels: [Int], classes: Int) -> Double {
    guard values.variance > 1e-12 else { return 0 }
    let train = values.count * 2 / 3
    let lines = (0..<classes).map { label in
      LinearSVC(Array(values[..<train]), levels[..<train].map { $0 == label }, strength: 0.01)
    }
    let right = (train..<values.count).count { image in
      let scores = lines.map { $0.score(values[image]) }
      return scores.firstIndex(of: scores.max() ?? 0) == levels[image]
    }
    return Double(right) / Double(max(1, values.count - train))
  }
}

/// A linear support vector classifier of one number, with the squared hinge loss; the bias is penalised
/// as the weight is, as liblinear does.
///
///     minimise  ½ (w² + b²) + C Σᵢ max(0, 1 − yᵢ (w xᵢ + b))²
///
/// by Newton's method: two unknowns, convex and once differentiable.
struct LinearSVC {
  private(set) var weight = 0.0
  private(set) var bias = 0.0

  init(_ values: [Double], _ isMember: [Bool], strength: Double) {
    for _ in 0..<100 {
      var (gradientW, gradientB) = (weight, bias)
      var (ww, wb, bb) = (1.0, 0.0, 1.0)
      for (value, member) in zip(values, isMember) {
        let sign = member ? 1.0 : -1.0
        let short = 1 - sign * (weight * value + bias)
        guard short > 0 else { continue }
        gradientW -= 2 * strength * short * sign * value
        gradientB -= 2 * strength * short * sign
        ww += 2 * strength * value * value
        wb += 2 * strength * value
        bb += 2 * strength
      }
      let determinant = ww * bb - wb * wb
      guard determinant > 0, determinant.isFinite else { return }
      let stepW = (bb * gradientW - wb * gradientB) / determinant
      let stepB = (ww * gradientB - wb * gradientW) / determinant
      weight -= stepW
      bias -= stepB
      if abs(stepW) + abs(stepB) < 1e-12 * (1 + abs(weight) + abs(bias)) { return }
    }
  }

  func score(_ value: Double) -> Double { weight * value + bias }
}
