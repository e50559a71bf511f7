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
    guard reasons.isEmpty, Metric.direction(of: metric) != .none else { return nil }
    let all = pairTests
    let pairs = all.filter { $0.first == 0 }
    guard !pairs.isEmpty else { return noTest(metric) }
    let (sure, unsure) = (pairs.filter { $0.p < 0.05 }, pairs.filter { $0.p >= 0.05 })
    var sentences = ["The best \(metric) of \(groups[0].label) is the best of all."]
    if !sure.isEmpty {
      sentences.append("Chance alone hardly explains that it is better than \(list(sure)).")
    }
    if !unsure.isEmpty {
      sentences.append("Chance alone may well explain that it is better than \(list(unsure)).")
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
