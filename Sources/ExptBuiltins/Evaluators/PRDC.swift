import ExptComponents
import ExptTensor

/// How faithful and how diverse samples are, by the neighbourhoods of images and samples.
///
///     precision: the share of samples within the k-th neighbour's distance of an image
///     recall:    the share of images within the k-th neighbour's distance of a sample
///     density:   (1/k) · the mean number of images whose neighbourhood a sample lies in
///     coverage:  the share of images whose neighbourhood holds a sample
///
/// The k nearest neighbours are of the same kind, and an image is none of its own; a point at exactly that
/// distance lies within. Of equal distributions the expected density is 1, and the expected coverage
/// 1 − Π_{j=1..k} (N − j)/(N + M − j). The four are measured together; the evaluator's name says which comes
/// first.
///
/// Source: Kynkäänniemi et al., "Improved Precision and Recall Metric for Assessing Generative Models",
/// NeurIPS 2019; Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative Models", ICML 2020.
public struct PRDC: Evaluator {
  public static let id = "precision"
  public static let ids = ["precision", "recall", "density", "coverage"]
  public static let summary = "Samples in the neighbourhoods of images, and the other way round."
  public static let exampleSettings = "{ components: 2 }"
  public static let direction = Direction.higherIsBetter
  public static let needs: Set<EvaluationNeed> = [.prior]

  @Group public var settings = SampleSettings()
  @Setting("Number of neighbours k.", .within(1...1000)) public var neighbours: Int = 5
  public let id: String

  public init() { self.init(id: Self.id) }
  public init(id: String) { self.id = id }

  public var summary: String {
    switch id {
    case "precision": "The share of samples near an image."
    case "recall": "The share of images near a sample."
    case "density": "How many images a sample is near to, by the number expected."
    default: "The share of images that have a sample nearby."
    }
  }

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let features = try SampleFeatures(subject, settings)
    guard features.count > neighbours else {
      throw EvaluationProblem(
        "'\(id)' needs more images than neighbours, and there are \(features.count)")
    }
    let found = Self.measure(features, neighbours: neighbours, pool: subject.pool)
    let names = [id] + Self.ids.filter { $0 != id }
    return Score(
      names.map { .init($0, found[$0] ?? .nan) },
      method: "\(features.method), k \(neighbours)")
  }

  static func measure(
    _ features: SampleFeatures, neighbours: Int, pool: ThreadPool?
  ) -> [String: Double] {
    let count = features.count
    let toReal = PointDistances(to: features.real, width: features.width)
    let toMade = PointDistances(to: features.made, width: features.width)
    let realRadius = toReal.map(features.real, pool: pool) { index, row in
      radius(&row, neighbours: neighbours, without: index)
    }
    let madeRadius = toMade.map(features.made, pool: pool) { index, row in
      radius(&row, neighbours: neighbours, without: index)
    }
    // Of each sample: in how many neighbourhoods of images it lies.
    let held = toReal.map(features.made, pool: pool) { _, row in
      zip(row, realRadius).count { $0 <= $1 }
    }
    // Of each image: whether a sample's neighbourhood holds it, and whether its own holds a sample.
    let covered = toMade.map(features.real, pool: pool) { index, row in
      let isHeld = zip(row, madeRadius).contains { $0 <= $1 }
      let holds = (row.min() ?? .infinity) <= realRadius[index]
      return (isHeld: isHeld, holds: holds)
    }
    let total = Double(count)
    return [
      "precision": Double(held.count { $0 > 0 }) / total,
      "recall": Double(covered.count { $0.isHeld }) / total,
      "density": Double(held.reduce(0, +)) / (Double(neighbours) * total),
      "coverage": Double(covered.count { $0.holds }) / total,
    ]
  }

  /// The squared distance of the k-th nearest point.
  private static func radius(_ row: inout [Float], neighbours: Int, without index: Int) -> Float {
    row[index] = .infinity
    return Neighbours.smallest(neighbours, of: row).last?.distance ?? .infinity
  }
}
