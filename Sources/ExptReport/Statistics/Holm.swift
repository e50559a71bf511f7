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
