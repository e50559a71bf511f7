import ExptComponents
import ExptTensor

/// Whether a classifier tells samples from images: its accuracy on those it was not fitted to, ½ for equal
/// distributions and 1 for samples that anything tells apart.
///
/// Half of each: `folds` folds in turn are told by the classifier of the others. The classifier is that of
/// the k nearest neighbours, or a logistic regression (C = 1) on features brought to mean 0 and variance 1.
///
/// Source: Lopez-Paz & Oquab, "Revisiting Classifier Two-Sample Tests", ICLR 2017, section 3.
public struct C2ST: Evaluator {
  public enum Classifier: String, NamedChoice { case knn, logistic }

  public static let id = "c2st"
  public static let summary = "Whether a classifier tells samples from images; ½ is best."
  public static let exampleSettings = "{ components: 2 }"
  public static let direction = Direction.lowerIsBetter
  public static let needs: Set<EvaluationNeed> = [.prior]

  @Group public var settings = SampleSettings()
  @Setting("Nearest neighbours or a logistic regression.") public var classifier: Classifier = .knn
  @Setting("Number of neighbours, odd.", .within(1...999)) public var neighbours: Int = 5
  @Setting("Number of folds.", .within(2...100)) public var folds: Int = 5

  public init() {}

  public func check(_ report: SettingsReport) {
    if neighbours.isMultiple(of: 2) {
      report.error("'neighbours' must be odd, so that votes are never equal", at: "neighbours")
    }
  }

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let features = try SampleFeatures(subject, settings)
    let fitted = 2 * features.count - (2 * features.count + folds - 1) / folds
    guard classifier == .logistic || fitted >= neighbours, 2 * features.count >= folds else {
      throw EvaluationProblem(
        "'\(Self.id)' needs more images: \(folds) folds and \(neighbours) neighbours of \(features.count)"
      )
    }
    let share = accuracy(features.real, features.made, features.width, subject.pool)
    return Score(
      [Labels.share(Self.id, share, of: 2 * features.count)],
      method: "\(features.method), \(folds) folds, "
        + (classifier == .knn ? "\(neighbours) nearest neighbours" : "logistic regression"))
  }

  func accuracy(_ real: [Float], _ made: [Float], _ width: Int, _ pool: ThreadPool?) -> Double {
    let count = real.count / width
    // Images and samples in one mixed order, the same for every fold.
    var random = RandomSequence(seed: settings.seed, stream: Random.stream(Self.id))
    let order = KID.sample(2 * count, of: 2 * count, &random)
    var rows: [Float] = []
    for index in order {
      let (source, row) = index < count ? (real, index) : (made, index - count)
      rows += source[row * width..<(row + 1) * width]
    }
    let labels = order.map { $0 < count ? 0 : 1 }
    var right = 0
    for fold in 0..<folds {
      let held = labels.indices.filter { $0 % folds == fold }
      let fitted = labels.indices.filter { $0 % folds != fold }
      right += judge(rows, labels, width, held: held, fitted: fitted, pool)
    }
    return Double(right) / Double(2 * count)
  }

  /// How many of the held-out rows are told.
  private func judge(
    _ rows: [Float], _ labels: [Int], _ width: Int, held: [Int], fitted: [Int], _ pool: ThreadPool?
  ) -> Int {
    func row(_ index: Int) -> ArraySlice<Float> { rows[index * width..<(index + 1) * width] }
    switch classifier {
    case .knn:
      let distances = PointDistances(to: fitted.flatMap(row), width: width)
      let told = distances.map(held.flatMap(row), pool: pool) { place, distances in
        let nearest = Neighbours.smallest(neighbours, of: distances)
        let votes = nearest.count { labels[fitted[$0.index]] == 1 }
        return (2 * votes > nearest.count ? 1 : 0) == labels[held[place]]
      }
      return told.count { $0 }
    case .logistic:
      let columns = (0..<width).map { column in
        fitted.map { Double(rows[$0 * width + column]) }
      }
      let scales = columns.map { ($0.mean, max($0.variance.squareRoot(), 1e-12)) }
      func scaled(_ index: Int) -> [Double] {
        zip(row(index), scales).map { (Double($0) - $1.0) / $1.1 }
      }
      let model = LogisticRegression(
        fitted.map(scaled), fitted.map { labels[$0] }, classes: 2)
      return held.count { model.predict(scaled($0)) == labels[$0] }
    }
  }
}
