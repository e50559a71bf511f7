import ExptTensor

/// Numbers cut into at most 256 bins, at quantiles of those that are fitted to.
struct BinnedColumns {
  /// `[columns][rows]`.
  let bins: [[UInt8]]
  let rows: Int

  init(_ columns: [[Double]], fitted: Int) {
    rows = columns.first?.count ?? 0
    bins = columns.map { column in
      let edges = Self.edges(column[..<fitted].sorted())
      return column.map { value in
        var (low, high) = (0, edges.count)
        while low < high {
          let middle = (low + high) / 2
          if value <= edges[middle] { high = middle } else { low = middle + 1 }
        }
        return UInt8(low)
      }
    }
  }

  /// At most 255 numbers between those that differ, as a tree would split them: between all where there
  /// are so few, else with equally many in each bin, as nearly as may be.
  private static func edges(_ sorted: [Double]) -> [Double] {
    let steps = sorted.indices.dropFirst().filter { sorted[$0 - 1] < sorted[$0] }
    let chosen: [Int]
    if steps.count <= 255 {
      chosen = steps
    } else {
      var next = 1
      chosen = steps.filter { step in
        guard step * 256 >= next * sorted.count else { return false }
        next = step * 256 / sorted.count + 1
        return true
      }
    }
    return chosen.prefix(255).map { (sorted[$0 - 1] + sorted[$0]) / 2 }
  }
}

/// Gradient-boosted regression trees for classes: one tree a class and round, fitted to what the softmax of
/// the earlier ones leaves over.
///
///     F_k ← F_k + rate · tree_k,   tree_k fitted to 1{y = k} − softmax(F)_k by least squares,
///     a leaf's answer (K − 1)/K · Σ r / Σ |r| (1 − |r|)
///
/// The first F are the logarithms of the classes' shares. Splits are of the bins of `BinnedColumns`; of equal
/// splits the first is taken. For two classes a single tree is grown, of the log odds.
///
/// Source: Friedman, "Greedy Function Approximation: A Gradient Boosting Machine", Annals of Statistics
/// 2001, algorithm 6.
struct GradientBoosting {
  /// Of each column: what its splits lower the squared error by, over all trees, a share of 1 in all.
  private(set) var importances: [Double]
  /// Of the rows that were not fitted to.
  private(set) var accuracy = 0.0

  init(
    _ columns: BinnedColumns, _ labels: [Int], classes: Int, fitted: Int, trees: Int, depth: Int,
    rate: Double
  ) {
    let isBinary = classes == 2
    let outputs = isBinary ? 1 : classes
    let rows = columns.rows
    importances = Array(repeating: 0, count: columns.bins.count)
    var shares = [Double](repeating: 0, count: classes)
    for label in labels[..<fitted] { shares[label] += 1 / Double(fitted) }
    let tiny = 1e-9
    var scores = (0..<outputs).map { output in
      let start =
        isBinary
        ? RepeatableMath.log(max(shares[1], tiny) / max(shares[0], tiny))
        : RepeatableMath.log(max(shares[output], tiny))
      return [Double](repeating: start, count: rows)
    }
    var residuals = [Double](repeating: 0, count: fitted)
    var probabilities = Array(
      repeating: [Double](repeating: 0, count: fitted), count: outputs)
    var grower = TreeGrower(columns, fitted: fitted, depth: depth)
    for _ in 0..<trees {
      Self.probabilities(scores, &probabilities, isBinary: isBinary)
      for output in 0..<outputs {
        let wanted = isBinary ? 1 : output
        for row in 0..<fitted {
          residuals[row] = (labels[row] == wanted ? 1 : 0) - probabilities[output][row]
        }
        for (column, gain) in grower.grow(residuals).enumerated() { importances[column] += gain }
        let factor = isBinary ? 1 : Double(classes - 1) / Double(classes)
        let answers = grower.answers(residuals).map { $0 * factor * rate }
        for row in 0..<rows { scores[output][row] += answers[grower.leaf[row]] }
      }
    }
    let total = importances.reduce(0, +)
    if total > 0 { importances = importances.map { $0 / total } }
    let right = (fitted..<rows).count { row in
      if isBinary { return (scores[0][row] > 0 ? 1 : 0) == labels[row] }
      var best = 0
      for output in 1..<outputs where scores[output][row] > scores[best][row] { best = output }
      return best == labels[row]
    }
    accuracy = Double(right) / Double(max(1, rows - fitted))
  }

  private static func probabilities(
    _ scores: [[Double]], _ probabilities: inout [[Double]], isBinary: Bool
  ) {
    for row in probabilities[0].indices {
      if isBinary {
        probabilities[0][row] = 1 / (1 + RepeatableMath.exp(-scores[0][row]))
        continue
      }
      var top = scores[0][row]
      for output in scores.indices { top = max(top, scores[output][row]) }
      var total = 0.0
      for output in scores.indices {
        let share = RepeatableMath.exp(scores[output][row] - top)
        probabilities[output][row] = share
        total += share
      }
      for output in scores.indices { probabilities[output][row] /= total }
    }
  }
}

/// Grows a regression tree level by level, and keeps which leaf each row is in.
private struct TreeGrower {
  /// Of each row of the table, fitted or not.
  private(set) var leaf: [Int]
  private let columns: BinnedColumns
  private let fitted: Int
  private let depth: Int
  private var sums: [Double] = []
  private var counts: [Int32] = []

  init(_ columns: BinnedColumns, fitted: Int, depth: Int) {
    self.columns = columns
    self.fitted = fitted
    self.depth = depth
    leaf = Array(repeating: 0, count: columns.rows)
  }

  /// Fits a tree to numbers, and says how much each column's splits lower the squared error.
  mutating func grow(_ residuals: [Double]) -> [Double] {
    for row in leaf.indices { leaf[row] = 0 }
    var gains = [Double](repeating: 0, count: columns.bins.count)
    for level in 0..<depth {
      let leaves = 1 << level
      var best = Array(repeating: (gain: 1e-12, column: -1, bin: 0), count: leaves)
      for column in columns.bins.indices {
        count(residuals, in: column, leaves: leaves)
        for node in 0..<leaves { improve(&best[node], node, column) }
      }
      for node in 0..<leaves where best[node].column >= 0 {
        gains[best[node].column] += best[node].gain
      }
      // A leaf that is not split goes on as the left one of two.
      for row in leaf.indices {
        let split = best[leaf[row]]
        let isRight = split.column >= 0 && Int(columns.bins[split.column][row]) > split.bin
        leaf[row] = leaf[row] * 2 + (isRight ? 1 : 0)
      }
    }
    return gains
  }

  /// Sums and counts of each bin of each leaf.
  private mutating func count(_ residuals: [Double], in column: Int, leaves: Int) {
    sums = Array(repeating: 0, count: leaves * 256)
    counts = Array(repeating: 0, count: leaves * 256)
    columns.bins[column].withUnsafeBufferPointer { bins in
      for row in 0..<fitted {
        let place = leaf[row] << 8 | Int(bins[row])
        sums[place] += residuals[row]
        counts[place] += 1
      }
    }
  }

  private func improve(
    _ best: inout (gain: Double, column: Int, bin: Int), _ node: Int, _ column: Int
  ) {
    let base = node << 8
    var (total, number) = (0.0, 0)
    for bin in 0..<256 {
      total += sums[base + bin]
      number += Int(counts[base + bin])
    }
    guard number > 1 else { return }
    var (left, size) = (0.0, 0)
    for bin in 0..<255 {
      guard counts[base + bin] > 0 else { continue }
      left += sums[base + bin]
      size += Int(counts[base + bin])
      guard size < number else { break }
      let right = total - left
      let gain =
        left * left / Double(size) + right * right / Double(number - size)
        - total * total / Double(number)
      if gain > best.gain { best = (gain, column, bin) }
    }
  }

  /// What each leaf answers.
  func answers(_ residuals: [Double]) -> [Double] {
    var upper = [Double](repeating: 0, count: 1 << depth)
    var lower = upper
    for row in 0..<fitted {
      let residual = residuals[row]
      upper[leaf[row]] += residual
      lower[leaf[row]] += abs(residual) * (1 - abs(residual))
    }
    return zip(upper, lower).map { $1 > 1e-150 ? $0 / $1 : 0 }
  }
}
