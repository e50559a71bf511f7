import ExptTensor

/// Numbers that are added up over all batches of an epoch, and the columns that follow from the sums: what
/// no mean over batches tells, such as how many codes are in use.
///
///     LossTerms(…, tallies: [.codes("codes", counts)])      // train_perplexity, validation_usage, …
public struct Tally {
  public struct Column: Sendable {
    /// In `metrics.csv`, behind `train_` and `validation_`.
    public var name: String
    /// From the sums over the epoch and the number of its images.
    public var value: @Sendable (_ sums: [Double], _ images: Int) -> Double

    public init(
      _ name: String, _ value: @escaping @Sendable (_ sums: [Double], _ images: Int) -> Double
    ) {
      self.name = name
      self.value = value
    }
  }

  /// What the numbers count, as far as reports and the diagnosis know it.
  public enum Subject: String, Sendable, Hashable {
    /// How often each code was chosen.
    case codes
    /// In how many images each latent was not 0.
    case latents
  }

  /// In `summary/usage.npz`: `codes`.
  public var name: String
  /// Of this batch: `[n]`.
  public var sums: Tensor
  public var columns: [Column]
  /// Nil for numbers that are not counts.
  public var subject: Subject?

  public init(_ name: String, _ sums: Tensor, columns: [Column], subject: Subject? = nil) {
    precondition(sums.shape.rank == 1, "a tally of \(sums.shape), which is no row")
    self.name = name
    self.sums = sums
    self.columns = columns
    self.subject = subject
  }
}

extension Tally {
  /// How often each of K codes was chosen, `[K]`: `perplexity`, exp of the entropy of their shares, from
  /// 1 (one code) to K (all alike); and `usage`, the share of codes that were chosen at all.
  ///
  /// - Parameter suffix: Of the columns, where there are several codebooks: `_1`.
  public static func codes(_ name: String, _ counts: Tensor, suffix: String = "") -> Tally {
    Tally(
      name, counts,
      columns: [
        Column("perplexity" + suffix) { counts, _ in perplexity(counts) },
        Column("usage" + suffix) { counts, _ in
          Double(counts.count { $0 > 0 }) / Double(max(1, counts.count))
        },
      ], subject: .codes)
  }

  /// exp(−Σ p log p) of the shares p of counts; 0 where nothing was counted.
  public static func perplexity(_ counts: [Double]) -> Double {
    let total = counts.reduce(0, +)
    guard total > 0 else { return 0 }
    let entropy = counts.reduce(0.0) { sum, count in
      count > 0 ? sum - count / total * RepeatableMath.log(count / total) : sum
    }
    return exponential(entropy)
  }

  /// eˣ for x ≥ 0, the same on every machine: by powers of e^¼ and the series of the rest.
  private static func exponential(_ x: Double) -> Double {
    let quarters = (x * 4).rounded()
    let rest = x - quarters / 4
    var (term, sum) = (1.0, 1.0)
    for order in 1...14 {
      term *= rest / Double(order)
      sum += term
    }
    return sum * RepeatableMath.power(1.2840254166877414, Int(quarters))
  }
}
