import ExptComponents
import ExptTensor

/// How evenly the codes of a model are used: the perplexity of their shares, and the share of codes that are
/// chosen at all.
///
///     perplexity = exp(−Σ pₖ·log pₖ), from 1 (one code for all) to K (all equally often)
///
/// pₖ is the share of code k among all choices of all images: one number of the whole part, and not the mean
/// over batches that papers print. Codes of several levels (residual codes, several choices) have a table
/// each: the first numbers are means over the levels, and with several there follow those of each, `_1`, ….
///
/// Source: van den Oord, Vinyals & Kavukcuoglu, "Neural Discrete Representation Learning", NeurIPS 2017.
public struct CodebookUse: Evaluator {
  public static let id = "codebook"
  public static let summary = "Perplexity and usage of a model's codes over all images."
  public static let direction = Direction.higherIsBetter
  public static let needs: Set<EvaluationNeed> = [.codes]

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let levels = Self.counts(subject.encodings)
    let each = levels.map { counts in
      (Self.perplexity(counts), Double(counts.count { $0 > 0 }) / Double(max(1, counts.count)))
    }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }
    var numbers = [
      Score.Number("codebook_perplexity", mean(each.map(\.0))),
      .init("codebook_usage", mean(each.map(\.1))),
    ]
    if each.count > 1 {
      for (place, level) in each.enumerated() {
        numbers.append(.init("codebook_perplexity_\(place + 1)", level.0))
        numbers.append(.init("codebook_usage_\(place + 1)", level.1))
      }
    }
    let size = levels.first?.count ?? 0
    return Score(
      numbers,
      method:
        "of \(size) codes, by their shares over all choices of \(subject.encodings.count) images"
        + (each.count > 1 ? ", mean over \(each.count) levels" : ""))
  }

  /// How often each code was chosen, of each level.
  static func counts(_ encodings: Encodings) -> [[Int]] {
    let width = encodings.latent
    switch encodings.space {
    case .indices(let grid, let size):
      var counts = Array(repeating: [Int](repeating: 0, count: size), count: grid[0])
      let places = grid[1] * grid[2]
      for (place, code) in encodings.mean.enumerated() {
        let level = place % width / places
        if let code = Int(exactly: code), (0..<size).contains(code) { counts[level][code] += 1 }
      }
      return counts
    case .codes(let count, let size):
      var counts = Array(repeating: [Int](repeating: 0, count: size), count: count)
      for (place, value) in encodings.points.enumerated() where value > 0.5 {
        counts[place % width / size][place % size] += 1
      }
      return counts
    default: return []
    }
  }

  static func perplexity(_ counts: [Int]) -> Double {
    let total = Double(max(1, counts.reduce(0, +)))
    let entropy = counts.filter { $0 > 0 }.reduce(0.0) { sum, count in
      let share = Double(count) / total
      return sum - share * RepeatableMath.log(share)
    }
    return RepeatableMath.exp(entropy)
  }
}
