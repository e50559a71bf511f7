extension Comparison {
  /// The second group less the first: paired where both have the same seeds, else Welch's.
  var difference: DifferenceTest? {
    guard groups.count == 2, let metric else { return nil }
    return difference(groups[0], groups[1], metric)
  }

  /// The same of any two groups.
  func difference(_ first: Group, _ second: Group, _ metric: String) -> DifferenceTest? {
    let sides = [first, second].map { group in
      Dictionary(
        group.distinct.compactMap { run -> (UInt64, Double)? in
          let value =
            Metric.direction(of: metric) == .none ? run.last(metric) : run.best(metric)
          guard let seed = run.run.seed, let value, value.value.isFinite else { return nil }
          return (seed, value.value)
        }, uniquingKeysWith: { first, _ in first })
    }
    if Set(sides[0].keys) == Set(sides[1].keys) {
      let seeds = sides[0].keys.sorted()
      return .paired(seeds.compactMap { sides[0][$0] }, seeds.compactMap { sides[1][$0] })
    }
    return .welch(
      sides[0].sorted { $0.key < $1.key }.map(\.value),
      sides[1].sorted { $0.key < $1.key }.map(\.value))
  }

  /// The test in words, or of three groups and more the tests; why there is none.
  public var verdict: String? {
    guard groups.count > 1, let metric else { return nil }
    if groups.count > 2 { return verdictOfMany(metric) }
    guard let test else { return reasons.isEmpty ? noTest(metric) : nil }
    let (a, b) = (groups[0].label, groups[1].label)
    let isLower = test.difference < 0
    let decimals = Words.decimals(for: [test.difference])
    func text(_ value: Double) -> String { Words.fixed(value, min(8, decimals)) }
    let low = isLower ? -test.interval.upperBound : test.interval.lowerBound
    let high = isLower ? -test.interval.lowerBound : test.interval.upperBound
    let how =
      test.kind == .paired
      ? "Paired t-test over the same \(test.counts.0) seeds"
      : "Welch's t-test, \(test.counts.0) against \(test.counts.1) seeds"
    let best = Metric.direction(of: metric) == .none ? "last" : "best"
    return "The \(best) \(metric) of \(b) is \(text(abs(test.difference)))\(unit(metric)) "
      + "\(isLower ? "lower" : "higher") than that of \(a) "
      + "(95 % confidence interval \(text(low)) to \(text(high))). \(how): "
      + "t = \(Words.fixed(abs(test.t), 2)), \(probability(test.p)): "
      + (test.p < 0.05
        ? "chance alone hardly explains it." : "chance alone may well explain it.")
  }

  func noTest(_ metric: String) -> String {
    let counts = groups.map { $0.deciding(metric).count }
    if counts.contains(where: { $0 < 2 }) {
      return "No test of the difference: it needs at least two seeds in each group."
    }
    return "No test of the difference: nothing varies with the seed."
  }

  private func unit(_ metric: String) -> String {
    ["loss", "reconstruction", "kl", "elbo"].contains { metric.hasSuffix($0) } ? " nats" : ""
  }

  func probability(_ p: Double) -> String {
    p < 0.0001 ? "p < 0.0001" : "p = \(Words.significant(p, 2))"
  }
}
