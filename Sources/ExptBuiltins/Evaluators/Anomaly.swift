import ExptComponents

/// How well a score finds the examples of some classes, which training was not shown.
///
/// The area under the ROC curve, the average precision, and the precision among as many of the highest scores
/// as there are such examples: see `BinaryRanking`, and `AnomalyScore` for the scores.
public struct Anomaly: Evaluator {
  public static let id = "anomaly"
  public static let summary = "How well a score finds examples of classes that training left out."
  public static let direction = Direction.higherIsBetter
  public static let needs: Set<EvaluationNeed> = [.labels]
  public static let exampleSettings = "{ score: nll }"

  @Setting("The score: the higher, the stranger.")
  public var score: AnomalyScore = .reconstruction
  @Setting("The classes to be found; none: those of the dataset's leave_out.")
  public var classes: [Int] = []
  @Setting("Latents drawn for each example, where the score draws any.", .within(1...100_000))
  public var samples: Int = 50
  @Setting("The seed of the draws.") public var seed: UInt64 = 0

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let sought = classes.isEmpty ? subject.leftOut : classes
    guard !sought.isEmpty else {
      throw EvaluationProblem(
        "'\(Self.id)' needs the classes to be found: 'classes: [4]' in its settings, or 'leave_out: [4]' "
          + "in the dataset's")
    }
    let labels = subject.encodings.annotations.labels ?? []
    let isSought = labels.map { sought.contains(Int($0)) }
    let values = try score.values(of: subject, samples: samples, seed: seed)
    let names = sought.map(String.init).joined(separator: ", ")
    guard let ranking = BinaryRanking(values, isSought: isSought) else {
      throw EvaluationProblem(
        "'\(Self.id)' needs images of the classes \(names) and others, and there are "
          + "\(isSought.count { $0 }) of \(isSought.count)")
    }
    return Score(
      [
        .init("auroc", ranking.auroc), .init("average_precision", ranking.averagePrecision),
        .init("precision_at_n", ranking.precisionAtN),
      ],
      method:
        "\(isSought.count { $0 }) of \(isSought.count) examples are of class \(names), found by "
        + score.description(samples: samples))
  }
}
