/// How much of the differences between runs each setting explains.
///
/// For a setting with k levels among n runs: η² = Σ n_l (ȳ_l − ȳ)² / Σ (y_i − ȳ)², the share of the
/// metric's variance that lies between the levels, of which chance alone gives (k − 1)/(n − 1).
/// Corrected for that, importance = 1 − (1 − η²)(n − 1)/(n − k), not below 0 (ε² of a one-way
/// analysis of variance, as adjusted R²). 1: the setting decides everything; 0: nothing that chance
/// would not. A setting with more than four numbers as values is cut into four bins of equally many
/// runs.
///
/// Its limits: each setting is looked at by itself, so one that matters only together with another
/// can show 0, shares of settings that were not varied independently overlap, and a search that
/// tries good values more often distorts them. They need not sum to 1.
///
/// Source: Kelley, "An unbiased correlation ratio measure", PNAS 21, 1935.
public struct Importance: Sendable, Hashable {
  public var key: String
  public var share: Double

  public static let formula = "each on its own, corrected for chance: adjusted eta squared"

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
      let unexplained = max(0, 1 - between / total)
      let correction = Double(runs.count - 1) / Double(runs.count - groups.count)
      found.append(Importance(key: key, share: max(0, 1 - unexplained * correction)))
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
