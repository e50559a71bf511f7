import ExptComponents

/// How well the labels of the nearest latents tell an image's own.
///
/// Each image of the second part is given the label that most of its k nearest neighbours of the first part
/// have, by Euclidean distance of encoder means; of equally many the smallest label.
public struct KNNAccuracy: Evaluator {
  public static let id = "knn_accuracy"
  public static let summary = "How well the labels of the nearest latents tell an image's own."
  public static let direction = Direction.higherIsBetter
  public static let needs: Set<EvaluationNeed> = [.numbers, .labels]

  @Setting("Numbers of neighbours k; the first is the one it is named after.")
  public var neighbours: [Int] = [5, 1, 20]
  @Setting("Share of the images that are neighbours, the first ones.", .above(0, upTo: 0.99))
  public var trainShare: Double = 0.5

  public init() {}

  public func check(_ report: SettingsReport) {
    if neighbours.isEmpty || !neighbours.allSatisfy({ (1...10_000).contains($0) }) {
      report.error("'neighbours' must be numbers from 1 to 10000", at: "neighbours")
    } else if Set(neighbours).count < neighbours.count {
      report.error("a number of neighbours is listed twice", at: "neighbours", help: "name it once")
    }
  }

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let encodings = subject.encodings
    let labels = try Labels(encodings)
    let train = Int(Double(encodings.count) * trainShare)
    let most = neighbours.max() ?? 1
    guard train >= most, train < encodings.count else {
      throw EvaluationProblem(
        "'\(Self.id)' needs \(most) images to be neighbours, and there are \(train)")
    }
    let width = encodings.latent
    let nearest = Neighbours(
      of: Array(encodings.mean[(train * width)...]),
      among: Array(encodings.mean[..<(train * width)]),
      width: width, count: neighbours.max() ?? 1, pool: subject.pool)
    let others = encodings.count - train
    let numbers = neighbours.map { k in
      let right = (0..<others).count { image in
        var votes = [Int](repeating: 0, count: labels.classes)
        for place in nearest[image].prefix(k) { votes[labels.values[place.index]] += 1 }
        return votes.firstIndex(of: votes.max() ?? 0) == labels.values[train + image]
      }
      return Labels.share("knn_accuracy_\(k)", Double(right) / Double(others), of: others)
    }
    var first = numbers[0]
    first.name = Self.id
    return Score(
      [first] + numbers,
      method: "\(neighbours[0]) nearest encoder means of \(train) images, accuracy on \(others) "
        + "others")
  }
}
