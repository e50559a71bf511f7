import ExptComponents
import ExptTensor

/// The kernel distance between images and samples: the unbiased squared maximum mean discrepancy with the
/// cubic kernel k(x, y) = (xᵀy/d + 1)³.
///
///     (1/(n(n−1))) Σ_{i≠j} (k(xᵢ, xⱼ) + k(yᵢ, yⱼ)) − (2/n²) Σᵢⱼ k(xᵢ, yⱼ)
///
/// averaged over random subsets of `subset_size`, with the standard error over the subsets. Features are
/// divided by the images' standard deviation over all dimensions. It may be negative, and is 0 on average for
/// equal distributions. KID is this in the features of one trained network, with which it is not comparable.
///
/// Source: Bińkowski et al., "Demystifying MMD GANs", ICLR 2018, section 4.
public struct KID: Evaluator {
  public static let id = "kid"
  public static let summary = "The kernel distance (MMD² of a cubic kernel) of images and samples."
  public static let direction = Direction.lowerIsBetter
  public static let needs: Set<EvaluationNeed> = [.prior]

  @Group public var settings = SampleSettings()
  @Setting("Number of subsets.", .within(1...10_000)) public var subsets: Int = 100
  @Setting("Images and samples of a subset, at most.", .within(2...10_000))
  public var subsetSize: Int = 1000

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let features = try SampleFeatures(subject, settings)
    let (width, count) = (features.width, features.count)
    let mean = features.real.reduce(0) { $0 + Double($1) } / Double(features.real.count)
    let variance =
      features.real.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
      / Double(features.real.count)
    let scale = variance > 0 ? Float(1 / variance.squareRoot()) : 1
    let (real, made) = (features.real.map { $0 * scale }, features.made.map { $0 * scale })
    let size = min(subsetSize, count)
    var estimates = Moments()
    for subset in 0..<subsets {
      var random = RandomSequence(
        seed: settings.seed, stream: Random.stream(Self.id), position: UInt64(subset))
      func choose(_ rows: [Float]) -> [Float] {
        Self.sample(size, of: count, &random).flatMap { rows[$0 * width..<($0 + 1) * width] }
      }
      estimates.add(
        Self.discrepancy(choose(real), choose(made), width: width, pool: subject.pool))
    }
    // Subsets of all of them are all the same.
    var estimate = estimates.estimate
    if size == count { estimate.standardError = nil }
    return Score(
      [.init(Self.id, estimate)],
      method: "\(features.method), \(subsets) subsets of \(size)")
  }

  /// Different numbers below `count`.
  static func sample(_ size: Int, of count: Int, _ random: inout RandomSequence) -> [Int] {
    var numbers = Array(0..<count)
    for place in 0..<size { numbers.swapAt(place, place + random.below(count - place)) }
    return Array(numbers[..<size])
  }

  /// The unbiased estimate for equally many of both.
  static func discrepancy(_ a: [Float], _ b: [Float], width: Int, pool: ThreadPool?) -> Double {
    let n = a.count / width
    func kernels(_ x: [Float], _ y: [Float], isSame: Bool) -> Double {
      let products = EngineProduct.of(x, y, n, width, n, transposeB: true, pool: pool)
      var sum = 0.0
      for row in 0..<n {
        var line = 0.0
        for column in 0..<n where !isSame || row != column {
          let base = Double(products[row * n + column]) / Double(width) + 1
          line += base * base * base
        }
        sum += line
      }
      return sum
    }
    let pairs = Double(n) * Double(n - 1)
    let own = (kernels(a, a, isSame: true) + kernels(b, b, isSame: true)) / pairs
    return own - 2 * kernels(a, b, isSame: false) / (Double(n) * Double(n))
  }
}
