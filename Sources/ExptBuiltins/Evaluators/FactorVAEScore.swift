import ExptComponents
import ExptTensor

/// The score of the FactorVAE paper: whether the latent that varies least tells which factor was held
/// fixed.
///
/// One vote: a factor drawn at random, `batch` images that share a value of it, and the latent whose
/// variance over them is the smallest share of its variance over all images. Latents of a standard deviation
/// below 0.05 take no part. Each latent then stands for the factor that most of `train` votes gave it, and
/// the score is the share of `test` other votes that agree; 1/m for m factors is chance.
///
/// Source: Kim & Mnih, "Disentangling by Factorising", ICML 2018, section 4; Locatello et al., ICML 2019,
/// and its code.
public struct FactorVAEScore: Evaluator {
  public static let id = "factor_vae_score"
  public static let summary = "The FactorVAE paper's score: the latent that varies least."
  public static let direction = Direction.higherIsBetter
  public static let needs: Set<EvaluationNeed> = [.numbers, .factors]

  @Setting("Votes that say what a latent stands for.", .within(10...1_000_000))
  public var train: Int = 10_000
  @Setting("Votes to test it on.", .within(10...1_000_000)) public var test: Int = 5000
  @Setting("Images of a vote.", .within(2...10_000)) public var batch: Int = 64
  @Setting("Standard deviation below which a latent takes no part.", .atLeast(0))
  public var threshold: Double = 0.05
  @Setting("Levels of a factor that takes more values than this.", .within(2...10_000))
  public var factorBins: Int = 40
  @Setting("The seed of the votes.") public var seed: UInt64 = 0

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let codes = CodeColumns(subject.encodings)
    let factors = try FactorLevels(subject.encodings.annotations, bins: factorBins).factors
    let images = factors.map { $0.images.filter { $0.count > 1 } }
    let usable = factors.indices.filter { !images[$0].isEmpty }
    let variances = (0..<codes.width).map(codes.variance)
    let active = variances.indices.filter { variances[$0].squareRoot() >= threshold }
    guard usable.count > 1 else {
      throw EvaluationProblem("'\(Self.id)' needs two factors whose values several images share")
    }
    guard !active.isEmpty else {
      return Score([.init(Self.id, 0)], method: "no latent varies by \(threshold) or more")
    }
    var votes = Array(
      repeating: Array(repeating: 0, count: factors.count), count: codes.width)
    var right = 0
    for point in 0..<train + test {
      let (factor, latent) = vote(point, usable, images, codes, active, variances)
      if point < train {
        votes[latent][factor] += 1
      } else if votes[latent].firstIndex(of: votes[latent].max() ?? 0) == factor {
        right += 1
      }
    }
    return Score(
      [.init(Self.id, Double(right) / Double(test))],
      method: "\(train) votes of \(batch) images, \(active.count) of \(codes.width) latents, "
        + "accuracy on \(test) others")
  }

  private func vote(
    _ point: Int, _ usable: [Int], _ images: [[[Int]]], _ codes: CodeColumns, _ active: [Int],
    _ variances: [Double]
  ) -> (factor: Int, latent: Int) {
    var random = RandomSequence(
      seed: seed, stream: Random.stream(Self.id), position: UInt64(point))
    let factor = usable[random.below(usable.count)]
    let level = images[factor][random.below(images[factor].count)]
    let chosen = (0..<batch).map { _ in level[random.below(level.count)] }
    var least = (latent: active[0], share: Double.infinity)
    for latent in active {
      let share = chosen.map { codes.columns[latent][$0] }.variance / variances[latent]
      if share < least.share { least = (latent, share) }
    }
    return (factor, least.latent)
  }
}
