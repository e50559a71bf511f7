import ExptComponents

/// How well a linear classifier finds the labels from the latents.
///
/// A multinomial logistic regression on encoder means, each brought to mean 0 and variance 1 over the images
/// it is fitted to; `train_share` of the images to fit, the rest to test. The standard error is that of a
/// share of so many images.
public struct LinearProbe: Evaluator {
  public static let id = "linear_probe"
  public static let summary = "How well a linear classifier finds the labels from the latents."
  public static let direction = Direction.higherIsBetter
  public static let needs: Set<EvaluationNeed> = [.numbers, .labels]

  @Setting("Share of the images to fit to, the first ones.", .above(0, upTo: 0.99))
  public var trainShare: Double = 0.5
  @Setting("Inverse strength C of the penalty.", .above(0)) public var strength: Double = 1

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let codes = CodeColumns(subject.encodings)
    let labels = try Labels(subject.encodings)
    let train = Int(Double(codes.count) * trainShare)
    guard train > 1, train < codes.count else {
      throw EvaluationProblem("'\(Self.id)' needs more images than \(codes.count)")
    }
    let columns = codes.columns.map { column in
      let fitted = Array(column[..<train])
      let (mean, deviation) = (fitted.mean, fitted.variance.squareRoot())
      return column.map { deviation > 0 ? ($0 - mean) / deviation : 0 }
    }
    let rows = (0..<codes.count).map { row in columns.map { $0[row] } }
    let classifier = LogisticRegression(
      Array(rows[..<train]), Array(labels.values[..<train]), classes: labels.classes,
      strength: strength)
    let accuracy = classifier.accuracy(Array(rows[train...]), Array(labels.values[train...]))
    return Score(
      [Labels.share("linear_probe", accuracy, of: codes.count - train)],
      method: "logistic regression with C \(strength) on \(train) images, accuracy on "
        + "\(codes.count - train) others")
  }
}

/// The classes of images.
struct Labels {
  let values: [Int]
  let classes: Int

  init(_ encodings: Encodings) throws(EvaluationProblem) {
    values = (encodings.annotations.labels ?? []).map(Int.init)
    classes = (values.max() ?? 0) + 1
    guard values.allSatisfy({ $0 >= 0 }), classes > 1, classes < 1 << 16 else {
      throw EvaluationProblem("the labels of these images do not tell them apart")
    }
  }

  /// A share of images, with the standard error of one.
  static func share(_ name: String, _ share: Double, of count: Int) -> Score.Number {
    .init(
      name, share,
      standardError: (share * (1 - share) / Double(max(1, count))).squareRoot())
  }
}
