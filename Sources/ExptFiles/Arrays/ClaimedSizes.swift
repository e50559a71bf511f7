// The one way from sizes that a file claims to sizes in memory. A number of an untrusted file becomes
// an Int by `Int(exactly:)`, by `Int(text)`, or, where it is narrower than Int, by `Int(_:)`; sizes
// are multiplied and added by these, or are bounded by what the file is known to hold.

/// The product of non-negative sizes, or nil if one is negative or Int cannot hold it, even where
/// another is 0: what comes after may leave the 0 out.
public func checkedProduct(_ sizes: [Int]) -> Int? {
  var product = 1
  var isEmpty = false
  for size in sizes {
    if size < 0 { return nil }
    if size == 0 {
      isEmpty = true
      continue
    }
    let (next, overflow) = product.multipliedReportingOverflow(by: size)
    if overflow { return nil }
    product = next
  }
  return isEmpty ? 0 : product
}

/// The sum of non-negative sizes, or nil if one is negative or Int cannot hold it.
public func checkedSum(_ sizes: [Int]) -> Int? {
  var sum = 0
  for size in sizes {
    let (next, overflow) = sum.addingReportingOverflow(size)
    if overflow || size < 0 { return nil }
    sum = next
  }
  return sum
}

extension Int {
  /// The whole number nearest to a number from a file, which may be anything: the largest or the
  /// least where it lies beyond them, 0 where it is not a number.
  ///
  /// `Int(_: Double)` ends the program there. What must be exact is read by `Int(exactly:)`.
  public init(nearest value: Double) {
    self = Int(exactly: value.rounded()) ?? (value.isNaN ? 0 : value < 0 ? .min : .max)
  }
}
