/// A few numbers taken for draws from one distribution, such as a metric of runs that differ in
/// their seed.
public struct Sample: Sendable, Hashable {
  public var values: [Double]

  public init(_ values: [Double]) { self.values = values }

  public var count: Int { values.count }

  /// NaN for no values.
  public var mean: Double { values.reduce(0, +) / Double(count) }

  /// The variance with n − 1; NaN below two values.
  public var variance: Double {
    guard count > 1 else { return .nan }
    let mean = mean
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
  }

  /// With n − 1; NaN below two values.
  public var standardDeviation: Double { variance.squareRoot() }

  /// The 95 % confidence interval of the mean, from Student's t; nil below two values.
  public var interval: ClosedRange<Double>? {
    guard count > 1 else { return nil }
    let width =
      StudentT(degrees: Double(count - 1)).quantile(0.975)
      * (variance / Double(count)).squareRoot()
    return width.isFinite ? mean - width...mean + width : nil
  }
}
