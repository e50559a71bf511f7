public import ExptComponents

/// How well scores tell two kinds of examples apart: those that are sought should have the higher ones.
///
/// Equal scores count as half in order, half out of it.
public struct BinaryRanking {
  private let scores: [Double]
  private let isSought: [Bool]
  private let sought: Int
  private let others: Int

  /// - Returns: nil where there are not both kinds.
  public init?(_ scores: [Double], isSought: [Bool]) {
    (self.scores, self.isSought) = (scores, isSought)
    sought = isSought.count { $0 }
    others = isSought.count - sought
    guard sought > 0, others > 0, scores.count == isSought.count else { return nil }
  }

  /// The area under the ROC curve: the share of pairs, one of each kind, whose sought example has the higher
  /// score (Mann and Whitney's U over the pairs).
  ///
  /// Source of its standard error: DeLong, DeLong & Clarke-Pearson, "Comparing the Areas under Two or More
  /// Correlated ROC Curves", Biometrics 44, 1988, equations 3 to 5, by the ranks of Sun & Xu, 2014.
  public var auroc: Estimate {
    let all = ranks(of: scores)
    let own = ranks(of: chosen(true))
    let other = ranks(of: chosen(false))
    var (above, below) = (Moments(), Moments())
    var (ownPlace, otherPlace) = (0, 0)
    for (place, isSought) in isSought.enumerated() {
      if isSought {
        above.add((all[place] - own[ownPlace]) / Double(others))
        ownPlace += 1
      } else {
        below.add(1 - (all[place] - other[otherPlace]) / Double(sought))
        otherPlace += 1
      }
    }
    let variance = above.variance / Double(sought) + below.variance / Double(others)
    return Estimate(
      mean: above.mean, standardError: min(sought, others) > 1 ? variance.squareRoot() : nil)
  }

  /// Σ (Rₙ − Rₙ₋₁)·Pₙ over the distinct scores from the highest down, P the precision and R the recall of the
  /// examples that have at least that score.
  public var averagePrecision: Double {
    var sum = 0.0
    var (found, seen) = (0, 0)
    for group in groups {
      found += group.sought
      seen += group.count
      sum += Double(group.sought) / Double(sought) * Double(found) / Double(seen)
    }
    return sum
  }

  /// The share of sought examples among the n highest scores, n being the number of sought examples. Of equal
  /// scores at the end of those n, each is in by the same share.
  public var precisionAtN: Double {
    var (found, left) = (0.0, sought)
    for group in groups where left > 0 {
      let taken = min(left, group.count)
      found += Double(group.sought) * Double(taken) / Double(group.count)
      left -= taken
    }
    return found / Double(sought)
  }

  private func chosen(_ kind: Bool) -> [Double] {
    zip(scores, isSought).filter { $0.1 == kind }.map(\.0)
  }

  /// Examples of equal scores, the highest first.
  private var groups: [(count: Int, sought: Int)] {
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    var groups: [(count: Int, sought: Int)] = []
    for (place, example) in order.enumerated() {
      if place == 0 || scores[order[place - 1]] != scores[example] { groups.append((0, 0)) }
      groups[groups.count - 1].count += 1
      if isSought[example] { groups[groups.count - 1].sought += 1 }
    }
    return groups
  }
}

/// The rank of each value from 1, the lowest; the mean rank of equal ones.
func ranks(of values: [Double]) -> [Double] {
  let order = values.indices.sorted { values[$0] < values[$1] }
  var ranks = [Double](repeating: 0, count: values.count)
  var start = 0
  while start < order.count {
    var end = start + 1
    while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
    for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
    start = end
  }
  return ranks
}
