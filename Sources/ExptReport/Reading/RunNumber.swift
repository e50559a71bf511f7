/// A number of a run, for comparisons: whole numbers count to their last digit, also those that a
/// Double has no room for, such as seeds of 64 bits.
struct RunNumber: Comparable {
  private var value: Double
  /// Nil for fractions, infinities and what 128 bits do not hold.
  private var whole: Int128?

  /// Nil for what is not a number, and for NaN, which has no place in any order.
  init?(_ value: RunValue) {
    guard case .number(let double, let text) = value, !double.isNaN else { return nil }
    self.value = double
    whole =
      Int(text).map { Int128($0) } ?? UInt64(text).map { Int128($0) } ?? Int128(exactly: double)
  }

  // Where one side is not a whole number of 128 bits, rounding the other to a Double changes nothing:
  // fractions are below 2^53, where whole numbers are exact.
  static func == (a: RunNumber, b: RunNumber) -> Bool {
    guard let first = a.whole, let second = b.whole else { return a.value == b.value }
    return first == second
  }

  static func < (a: RunNumber, b: RunNumber) -> Bool {
    guard let first = a.whole, let second = b.whole else { return a.value < b.value }
    return first < second
  }
}
