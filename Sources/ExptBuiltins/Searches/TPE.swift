import ExptComponents

/// The tree-structured Parzen estimator: draws where good trials lie and bad ones do not.
///
/// The trials so far are split at the best tenth (at most 25). For each setting by itself, the
/// good and the bad ones each give a density: a mixture of normal distributions, truncated to the
/// range, one at each trial's value and one over the whole range; for choices, counts plus one. Of
/// `candidates` draws from the good density l, the one with the greatest l(x)/g(x) is next. The
/// first `startup` trials are drawn at random.
///
/// A trial without a value (it failed, diverged or fitted no model) is a bad one, and never a good
/// one. Which settings fail together the densities of single settings cannot tell, so once there is
/// such a trial whole points compete, and each also has to be likely to work: see `Feasibility`.
///
/// Source: Bergstra et al., "Algorithms for Hyper-Parameter Optimization", NeurIPS 2011, section 4.
/// Widths are as there: the greater distance to a neighbour, at least range/(1 + n), n ≤ 100.
public struct TPE: Search {
  public static let id = "tpe"
  public static let summary =
    "Tree-structured Parzen estimator: tries values that did well more often."
  public static let exampleSettings =
    "{ trials: 30, settings: { x: { uniform: [0, 1] }, kind: { choice: [a, b] } } }"

  @Group public var shared = TrialSettings()
  @Setting("Number of random points to start with.", .within(1...100_000)) public var startup: Int =
    10
  @Setting("Number of draws that compete to be the next point.", .within(1...10_000))
  public var candidates: Int = 24

  public init() {}

  public var draws: Draws? { shared.draws }

  /// Follows from the seed and the results in their order.
  public func propose(_ number: Int, after results: [TrialResult]) -> [Assignment] {
    let draws = shared.draws
    guard number >= startup, results.count >= 2 else { return draws.point(number) }
    let settings = draws.settings
    let failed = results.filter { !$0.value.isFinite }.map(\.settings)
    let worked = results.filter(\.value.isFinite)
    let order = worked.indices.sorted { (worked[$0].value, $0) < (worked[$1].value, $1) }
    let split = max(1, min(25, Int((Double(results.count) / 10).rounded(.up))))
    let good = order.prefix(split).map { worked[$0].settings }
    let bad = order.dropFirst(split).map { worked[$0].settings } + failed
    let densities = settings.map { (good: Parzen($0, good), bad: Parzen($0, bad)) }
    let best = positions(number, densities)
    guard !failed.isEmpty else { return draws.point(at: best) }
    var pool = [best]
    for draw in 0..<candidates {
      // Half of them from the whole range: the good ones may all lie beside what fails.
      pool.append(
        densities.enumerated().map { place, density in
          var random = SplitMix64(draws.seed, UInt64(number), UInt64(place), 2, UInt64(draw))
          return draw.isMultiple(of: 2) ? density.good.draw(&random) : random.unit()
        })
    }
    let feasibility = Feasibility(settings, worked: worked.map(\.settings), failed: failed)
    let scored = pool.map { positions in
      let scores = zip(densities, positions).map { $0.good.logDensity($1) - $0.bad.logDensity($1) }
      let logChance = feasibility.logChance(at: positions)
      // Each setting's own score is as large as a factor of the chance: together they count alike.
      return scores.reduce(0, +) + Double(settings.count + 1) * logChance
    }
    let winner = scored.indices.max { scored[$0] < scored[$1] } ?? 0
    return draws.point(at: pool[winner])
  }

  /// For each setting by itself the best of its candidates.
  private func positions(_ number: Int, _ densities: [(good: Parzen, bad: Parzen)]) -> [Double] {
    densities.enumerated().map { place, density in
      var random = SplitMix64(shared.seed, UInt64(number), UInt64(place), 1)
      var best: (position: Double, score: Double)?
      for _ in 0..<candidates {
        let position = density.good.draw(&random)
        let score = density.good.logDensity(position) - density.bad.logDensity(position)
        if score > best?.score ?? -.infinity { best = (position, score) }
      }
      return best?.position ?? 0.5
    }
  }
}
