import ExptComponents
import ExptFiles
import ExptTensor

/// How sparse the latents of a dictionary are, how much they explain, and whether the dictionary is a known one.
///
/// `l0` is the mean number of latents that are on (not 0) in an image, `dead_share` the share of latents that
/// are on in none, `explained_variance` 1 − Σ(x − x̂)² / Σ(x − x̄)² over all images and values. Where the true patterns
/// are known, from an array `known` `[features, values]` or because the dataset made the images of them, also
///
/// - `mean_max_cosine`: the mean over true patterns of the greatest cosine with a learned one;
/// - `mcc`: the mean cosine of the best matching, in which each learned pattern stands for one true pattern at
///   most; true patterns without a partner count 0.
///
/// Patterns that are permuted and scaled by positive factors have 1 of both. A pattern and its negative are two
/// patterns: latents are not negative.
///
/// Source: Bricken et al., "Towards Monosemanticity", 2023; matching: Sharkey, Braun & Millidge, "Taking
/// features out of superposition with sparse autoencoders", 2022, and Kuhn, "The Hungarian method", 1955.
public struct Sparsity: Evaluator {
  public static let id = "sparsity"
  public static let summary =
    "Latents on in an image, dead ones, variance explained, a known dictionary."
  public static let direction = Direction.lowerIsBetter
  public static let needs: Set<EvaluationNeed> = [.dictionary]

  @Setting("A .npy file of the true patterns, [features, values]; null: not known.")
  public var known: String? = nil

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let encodings = subject.encodings
    let width = encodings.latent
    var on = [Int](repeating: 0, count: width)
    for (place, value) in encodings.mean.enumerated() where value != 0 { on[place % width] += 1 }
    let l0 = Double(on.reduce(0, +)) / Double(max(1, encodings.count))
    var numbers = [
      Score.Number("l0", l0),
      .init("dead_share", Double(on.count { $0 == 0 }) / Double(max(1, width))),
      .init("explained_variance", try Self.explained(subject)),
    ]
    var method = "of \(width) latents over \(encodings.count) images"
    let size = subject.images.shape.count
    var truth = subject.images.patterns
    if let known { truth = try Self.read(known, size: size) }
    if let truth {
      numbers += try Self.matched(truth, subject.dictionary ?? [], size: size)
      method += "; beside \(truth.count / size) patterns of \(known ?? "the dataset")"
    }
    return Score(numbers, method: method)
  }

  private static func explained(_ subject: any EvaluationSubject) throws(EvaluationProblem)
    -> Double
  {
    let errors = try AnomalyScore.squaredErrors(of: subject).reduce(0.0) { $0 + Double($1) }
    let images = subject.presented
    let size = max(1, subject.images.shape.count)
    var spread = 0.0
    for value in 0..<size {
      var moments = Moments()
      for place in stride(from: value, to: images.count, by: size) {
        moments.add(Double(images[place]))
      }
      spread += moments.variance * Double(max(0, moments.count - 1))
    }
    guard spread > 0 else {
      throw EvaluationProblem("the images do not vary: nothing is to be explained")
    }
    return 1 - errors / spread
  }

  /// `[features, values]`.
  private static func read(_ path: String, size: Int) throws(EvaluationProblem) -> [Float] {
    let array: NPYArray
    do throws(FileProblem) { array = try NPYArray.read(path) } catch {
      throw EvaluationProblem("\(error)")
    }
    guard array.shape.count == 2, array.shape[0] > 0, array.shape[1] == size else {
      throw EvaluationProblem(
        "\(path) holds an array \(array.shape), and must hold patterns of \(size) values, "
          + "[features, \(size)]")
    }
    guard array.floats.allSatisfy(\.isFinite) else {
      throw EvaluationProblem("\(path) holds a number that is not finite")
    }
    return array.floats
  }

  private static func matched(
    _ known: [Float], _ learned: [Float], size: Int
  ) throws(EvaluationProblem) -> [Score.Number] {
    let (features, patterns) = (known.count / size, learned.count / size)
    guard features <= 4096, patterns <= 65_536 else {
      throw EvaluationProblem(
        "\(features) true and \(patterns) learned patterns are more than can be matched, 4096 and 65536"
      )
    }
    let cosines = cosines(unit(known, size), unit(learned, size), size)
    let greatest = (0..<features).map { cosines[$0 * patterns..<($0 + 1) * patterns].max() ?? 0 }
    let matching = BestMatching(gains: cosines, rows: features, columns: patterns)
    return [
      .init("mcc", matching.total / Double(features)),
      .init("mean_max_cosine", greatest.reduce(0, +) / Double(features)),
    ]
  }

  /// Rows divided by their lengths; rows of length 0 stay.
  private static func unit(_ rows: [Float], _ size: Int) -> [Double] {
    stride(from: 0, to: rows.count, by: size).flatMap { start -> [Double] in
      let row = rows[start..<start + size].map(Double.init)
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return length > 0 ? row.map { $0 / length } : row
    }
  }

  /// `[rows of a, rows of b]`.
  private static func cosines(_ a: [Double], _ b: [Double], _ size: Int) -> [Double] {
    let (rows, columns) = (a.count / size, b.count / size)
    var result = [Double](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        var sum = 0.0
        for place in 0..<size { sum += a[row * size + place] * b[column * size + place] }
        result[row * columns + column] = sum
      }
    }
    return result
  }
}
