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
            run.direction(of: metric) == .none ? run.last(metric) : run.best(metric)
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
    let best = direction(of: metric) == .none ? "last" : "best"
    return "The \(best) \(metric) of \(b) is \(text(abs(test.difference)))\(unit(metric)) "
      + "\(isLower ? "lower" : "higher") than that of \(a) "
      + "(95 % confidence interval \(text(low)) to \(text(high))). \(how): "
      + "t = \(Words.fixed(abs(test.t), 2)), \(probability(test.p)): "
      + (test.p < 0.05
        ? "chance alone is unlikely to explain it." : "chance alone may well explain it.")
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

extension Comparison {
  /// A test of two of several groups.
  struct PairTest {
    /// Places in `groups`.
    var first: Int
    var second: Int
    var test: DifferenceTest
    /// Corrected for the number of pairs by Holm's method.
    var p: Double
  }

  /// The tests of all pairs of groups that can be tested.
  var pairTests: [PairTest] {
    guard let metric else { return [] }
    var pairs: [PairTest] = []
    for second in groups.indices {
      for first in 0..<second {
        guard let test = difference(groups[first], groups[second], metric) else { continue }
        pairs.append(PairTest(first: first, second: second, test: test, p: test.p))
      }
    }
    for (index, p) in Holm.corrected(pairs.map(\.p)).enumerated() { pairs[index].p = p }
    return pairs
  }

  /// How sure it is that the first of three groups or more, which are ranked, is the best.
  func verdictOfMany(_ metric: String) -> String? {
    guard reasons.isEmpty, direction(of: metric) != .none else { return nil }
    let all = pairTests
    let pairs = all.filter { $0.first == 0 }
    guard !pairs.isEmpty else { return noTest(metric) }
    let (sure, unsure) = (pairs.filter { $0.p < 0.05 }, pairs.filter { $0.p >= 0.05 })
    var sentences = ["\(groups[0].label) has the best \(metric)."]
    if !sure.isEmpty {
      sentences.append("Chance alone is unlikely to explain its lead over \(list(sure)).")
    }
    if !unsure.isEmpty {
      sentences.append("Chance alone may well explain its lead over \(list(unsure)).")
    }
    return sentences.joined(separator: " ")
      + " (t-tests of \(all.count) pairs of groups, paired where the seeds are the same, else "
      + "Welch's; p corrected by Holm's method.)"
  }

  private func list(_ pairs: [PairTest]) -> String {
    let most = 6
    let shown = pairs.prefix(most).map {
      "\(groups[$0.second].label) (\(probability($0.p)))"
    }
    let rest = pairs.count > most ? ["\(pairs.count - most) more"] : []
    let words = shown + rest
    return words.count < 2
      ? words.joined() : words.dropLast().joined(separator: ", ") + " and " + (words.last ?? "")
  }
}
