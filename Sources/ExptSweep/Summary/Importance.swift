/// How much of the differences between runs each setting explains.
///
/// For a setting with levels l: importance = Σ n_l (ȳ_l − ȳ)² / Σ (y_i − ȳ)², the share of the
/// metric's variance that lies between the levels (η² of a one-way analysis of variance). 1: the
/// setting decides everything; 0: nothing. A setting with more than four numbers as values is cut
/// into four bins of equally many runs. Shares of settings that were not varied independently can
/// overlap; what is left to 1 is interaction and noise.
public struct Importance: Sendable, Hashable {
  public var key: String
  public var share: Double

  public static let formula = "importance = Σ n_l (mean_l - mean)² / Σ (y_i - mean)²"

  /// The importance of each setting that has at least two levels, the greatest first.
  ///
  /// - Parameter runs: Each run's settings and its metric.
  public static func of(
    _ keys: [String], _ runs: [(settings: [String: String], value: Double)]
  ) -> [Importance] {
    guard runs.count > 2 else { return [] }
    let mean = runs.reduce(0) { $0 + $1.value } / Double(runs.count)
    let total = runs.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) }
    guard total > 0, total.isFinite else { return [] }
    var found: [Importance] = []
    for key in keys {
      var groups: [String: [Double]] = [:]
      for (level, run) in zip(levels(runs.map { $0.settings[key] ?? "" }), runs) {
        groups[level, default: []].append(run.value)
      }
      // As many levels as runs explain everything and mean nothing.
      guard groups.count > 1, groups.count < runs.count else { continue }
      let between = groups.keys.sorted().reduce(0.0) { sum, level in
        let values = groups[level] ?? []
        let difference = values.reduce(0, +) / Double(values.count) - mean
        return sum + Double(values.count) * difference * difference
      }
      found.append(Importance(key: key, share: between / total))
    }
    return found.sorted { ($1.share, $0.key) < ($0.share, $1.key) }
  }

  private static func levels(_ texts: [String]) -> [String] {
    let numbers = texts.compactMap { Double($0) }
    guard numbers.count == texts.count, Set(numbers).count > 4 else { return texts }
    let sorted = numbers.sorted()
    return numbers.map { number in
      let below = sorted.count { $0 < number }
      return "bin \(4 * below / sorted.count)"
    }
  }
}
