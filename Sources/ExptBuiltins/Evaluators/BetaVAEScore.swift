import ExptComponents
import ExptTensor

/// The score of the β-VAE paper: whether a linear classifier tells from two groups of latents which factor
/// was held fixed in the pairs.
///
/// One point: a factor drawn at random, `batch` pairs of images that share a value of it, and the mean of
/// |μ(x₁) − μ(x₂)| over the pairs. A multinomial logistic regression (C = 1) is fitted to `train` points,
/// and the score is its accuracy on `test` others; 1/m for m factors is chance. As in disentanglement_lib,
/// but that pairs are drawn from the images at hand.
///
/// Source: Higgins et al., "β-VAE", ICLR 2017, section 3; Locatello et al., ICML 2019, and its code.
public struct BetaVAEScore: Evaluator {
  public static let id = "beta_vae_score"
  public static let summary = "The β-VAE paper's score: which factor is fixed in pairs."
  public static let direction = Direction.higherIsBetter
  public static let needs: Set<EvaluationNeed> = [.numbers, .factors]

  @Setting("Points to fit the classifier to.", .within(10...1_000_000)) public var train: Int =
    10_000
  @Setting("Points to test it on.", .within(10...1_000_000)) public var test: Int = 5000
  @Setting("Pairs of a point.", .within(1...10_000)) public var batch: Int = 64
  @Setting("Levels of a factor that takes more values than this.", .within(2...10_000))
  public var factorBins: Int = 40
  @Setting("The seed of the pairs.") public var seed: UInt64 = 0

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let codes = CodeColumns(subject.encodings)
    let factors = try FactorLevels(subject.encodings.annotations, bins: factorBins).factors
    let images = factors.map { $0.images.filter { $0.count > 1 } }
    let usable = factors.indices.filter { !images[$0].isEmpty }
    guard usable.count > 1 else {
      throw EvaluationProblem("'\(Self.id)' needs two factors whose values several images share")
    }
    var rows: [[Double]] = []
    var labels: [Int] = []
    for point in 0..<train + test {
      var random = RandomSequence(
        seed: seed, stream: Random.stream(Self.id), position: UInt64(point))
      let label = random.below(usable.count)
      let levels = images[usable[label]]
      var sum = [Double](repeating: 0, count: codes.width)
      for _ in 0..<batch {
        let level = levels[random.below(levels.count)]
        let first = level[random.below(level.count)]
        let second = level[random.below(level.count)]
        for dimension in sum.indices {
          sum[dimension] += abs(codes.columns[dimension][first] - codes.columns[dimension][second])
        }
      }
      rows.append(sum.map { $0 / Double(batch) })
      labels.append(label)
    }
    let classifier = LogisticRegression(
      Array(rows[..<train]), Array(labels[..<train]), classes: usable.count)
    let accuracy = classifier.accuracy(Array(rows[train...]), Array(labels[train...]))
    return Score(
      [.init(Self.id, accuracy)],
      method: "\(train) points of \(batch) pairs, logistic regression, accuracy on \(test) others")
  }
}
