import Foundation

/// Mean and variance of numbers seen one at a time.
///
/// Source: Welford, "Note on a method for calculating corrected sums of squares and products",
/// Technometrics 4, 1962.
public struct Moments {
  public private(set) var count = 0
  public private(set) var mean = 0.0
  private var squares = 0.0

  public init() {}

  public mutating func add(_ value: Double) {
    count += 1
    let before = value - mean
    mean += before / Double(count)
    squares += before * (value - mean)
  }

  /// Divided by n − 1; 0 for fewer than two numbers.
  public var variance: Double { count > 1 ? squares / Double(count - 1) : 0 }

  public var estimate: Estimate {
    Estimate(
      mean: mean, standardError: count > 1 ? (variance / Double(count)).squareRoot() : nil)
  }
}

/// A mean over images.
public struct Estimate: Sendable, Hashable {
  public var mean: Double
  /// How far the mean of other images of the same kind would be off: s / √n; nil for one image.
  public var standardError: Double?

  public init(mean: Double, standardError: Double?) {
    self.mean = mean
    self.standardError = standardError
  }
}

/// log (1/n) Σᵢ exp(xᵢ) of numbers seen one at a time, in Double and without overflow.
///
/// The sum is kept relative to the largest number so far: the result depends on the order of the
/// numbers, and not on the portions in which they come.
public struct LogMeanExp {
  private var count = 0
  private var largest = -Double.infinity
  private var sum = 0.0

  public init() {}

  public mutating func add(_ x: Double) {
    count += 1
    if x == -.infinity { return }  // adds nothing
    if x <= largest {
      sum += exp(x - largest)
    } else {
      sum = sum * exp(largest - x) + 1
      largest = x
    }
  }

  /// −∞ if there are no numbers, NaN where one was NaN.
  public var value: Double { sum == 0 ? largest : largest + log(sum) - log(Double(count)) }
}
