/// Whether the means of two samples differ by more than chance explains.
public struct DifferenceTest: Sendable {
  public enum Kind: String, Sendable {
    /// The same seeds on both sides: Student's test of the differences.
    case paired
    /// Different seeds: Welch's test, which asks for no equal variances.
    case welch
  }

  public var kind: Kind
  /// The second mean less the first.
  public var difference: Double
  /// The 95 % confidence interval of the difference.
  public var interval: ClosedRange<Double>
  public var t: Double
  public var degrees: Double
  /// Two-sided.
  public var p: Double
  /// Values on each side; for a paired test pairs.
  public var counts: (Int, Int)

  /// The paired test: `second[i]` belongs to `first[i]`. Nil below two pairs, and where all
  /// differences are equal, so that there is nothing to judge chance by.
  public static func paired(_ first: [Double], _ second: [Double]) -> DifferenceTest? {
    precondition(first.count == second.count, "\(first.count) and \(second.count) make no pairs")
    let differences = Sample(zip(first, second).map { $1 - $0 })
    guard differences.count > 1 else { return nil }
    let error = (differences.variance / Double(differences.count)).squareRoot()
    return DifferenceTest(
      .paired, differences.mean, error, degrees: Double(differences.count - 1),
      scale: first.map(abs).max() ?? 0, counts: (first.count, first.count))
  }

  /// Welch's test. Nil if a side has below two values, and where nothing varies.
  public static func welch(_ first: [Double], _ second: [Double]) -> DifferenceTest? {
    guard first.count > 1, second.count > 1 else { return nil }
    let (a, b) = (Sample(first), Sample(second))
    let (va, vb) = (a.variance / Double(a.count), b.variance / Double(b.count))
    let error = (va + vb).squareRoot()
    let degrees =
      (va + vb) * (va + vb) / (va * va / Double(a.count - 1) + vb * vb / Double(b.count - 1))
    return DifferenceTest(
      .welch, b.mean - a.mean, error, degrees: degrees, scale: abs(a.mean),
      counts: (a.count, b.count))
  }

  private init?(
    _ kind: Kind, _ difference: Double, _ error: Double, degrees: Double, scale: Double,
    counts: (Int, Int)
  ) {
    // Equal values differ by a rounding error only, which is not a measure of chance.
    guard error > 1e-12 * scale, error.isFinite, difference.isFinite, degrees.isFinite else {
      return nil
    }
    let student = StudentT(degrees: degrees)
    let width = student.quantile(0.975) * error
    self.kind = kind
    self.difference = difference
    self.counts = counts
    self.degrees = degrees
    interval = difference - width...difference + width
    t = difference / error
    p = student.twoSided(difference / error)
  }
}

/// Holm's correction: p-values for several tests at once, so that the probability of calling any
/// difference real that is none stays below the level asked for.
///
/// Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
/// Statistics 6 (1979), 65–70.
enum Holm {
  /// The corrected value of each, in the order given: the k-th smallest of n (from 0) times n − k,
  /// never below the one before it, at most 1.
  static func corrected(_ values: [Double]) -> [Double] {
    var result = values
    var floor = 0.0
    for (k, index) in values.indices.sorted(by: { values[$0] < values[$1] }).enumerated() {
      floor = max(floor, min(1, values[index] * Double(values.count - k)))
      result[index] = floor
    }
    return result
  }
}
