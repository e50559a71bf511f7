extension Int {
  /// The whole number nearest to a number from a file, which may be anything: the largest or the
  /// least where it lies beyond them, 0 where it is no number.
  ///
  /// `Int(_: Double)` ends the program there. What must be exact is read by `Int(exactly:)`.
  public init(nearest value: Double) {
    self = Int(exactly: value.rounded()) ?? (value.isNaN ? 0 : value < 0 ? .min : .max)
  }
}
