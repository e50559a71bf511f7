import ExptTensor

/// Multinomial logistic regression with an L2 penalty on the weights, fitted until it no longer moves.
///
///     minimise  C · Σᵢ −log softmax(W xᵢ + b)[yᵢ] + ½ ‖W‖²
///
/// by L-BFGS, as scikit-learn's `LogisticRegression(C)` does; the minimum is unique in W, and so does not
/// depend on how it is found.
struct LogisticRegression {
  let classes: Int
  let width: Int
  /// `[classes, width + 1]`, the bias last.
  private var weights: [Double]

  /// - Parameters:
  ///   - rows: `[n]` rows of as many numbers each.
  ///   - labels: Of each row, from 0 and below `classes`.
  ///   - strength: C.
  init(_ rows: [[Double]], _ labels: [Int], classes: Int, strength: Double = 1) {
    self.classes = classes
    width = rows.first?.count ?? 0
    let size = classes * (width + 1)
    let objective = Objective(
      rows: rows, labels: labels, classes: classes, width: width, strength: strength)
    weights = LBFGS.minimise(
      from: Array(repeating: 0, count: size), iterations: 2000, tolerance: 1e-8, objective.value)
  }

  func predict(_ row: [Double]) -> Int {
    var best = (label: 0, score: -Double.infinity)
    for label in 0..<classes {
      let base = label * (width + 1)
      var score = weights[base + width]
      for (column, value) in row.enumerated() { score += weights[base + column] * value }
      if score > best.score { best = (label, score) }
    }
    return best.label
  }

  /// The probability of each class.
  func probabilities(_ row: [Double]) -> [Double] {
    let scores = (0..<classes).map { label in
      let base = label * (width + 1)
      return row.indices.reduce(weights[base + width]) { $0 + weights[base + $1] * row[$1] }
    }
    let top = scores.max() ?? 0
    let shares = scores.map { RepeatableMath.exp($0 - top) }
    let total = shares.reduce(0, +)
    return shares.map { $0 / total }
  }

  /// The share of rows whose class is found.
  func accuracy(_ rows: [[Double]], _ labels: [Int]) -> Double {
    let right = zip(rows, labels).count { predict($0) == $1 }
    return Double(right) / Double(max(1, rows.count))
  }

  private struct Objective {
    let rows: [[Double]]
    let labels: [Int]
    let classes: Int
    let width: Int
    let strength: Double

    /// The loss and its gradient, divided by the number of rows.
    func value(_ weights: [Double]) -> (Double, [Double]) {
      var gradient = [Double](repeating: 0, count: weights.count)
      var loss = 0.0
      var scores = [Double](repeating: 0, count: classes)
      for (row, label) in zip(rows, labels) {
        for k in 0..<classes {
          let base = k * (width + 1)
          var score = weights[base + width]
          for column in 0..<width { score += weights[base + column] * row[column] }
          scores[k] = score
        }
        let top = scores.max() ?? 0
        loss += top - scores[label]
        var total = 0.0
        for k in 0..<classes {
          scores[k] = RepeatableMath.exp(scores[k] - top)
          total += scores[k]
        }
        loss += RepeatableMath.log(total)
        for k in 0..<classes {
          let pull = scores[k] / total - (k == label ? 1 : 0)
          let base = k * (width + 1)
          for column in 0..<width { gradient[base + column] += pull * row[column] }
          gradient[base + width] += pull
        }
      }
      let scale = 1 / Double(max(1, rows.count))
      var penalty = 0.0
      for k in 0..<classes {
        for column in 0..<width {
          let place = k * (width + 1) + column
          penalty += weights[place] * weights[place] / 2
          gradient[place] += weights[place] / strength
        }
      }
      return ((loss + penalty / strength) * scale, gradient.map { $0 * scale })
    }
  }
}

/// Limited-memory BFGS with a backtracking line search, for smooth convex functions.
///
/// Source: Nocedal & Wright, "Numerical Optimization", 2006, algorithms 7.4 and 7.5.
enum LBFGS {
  /// - Parameter tolerance: The largest entry of the gradient at which it stops.
  static func minimise(
    from start: [Double], iterations: Int, tolerance: Double,
    _ function: ([Double]) -> (Double, [Double])
  ) -> [Double] {
    var x = start
    var (value, gradient) = function(x)
    var pairs: [(step: [Double], change: [Double], weight: Double)] = []
    for _ in 0..<iterations {
      if (gradient.map(abs).max() ?? 0) <= tolerance { break }
      var direction = descent(gradient, pairs)
      var slope = dot(direction, gradient)
      if slope >= 0 {
        (direction, pairs) = (gradient.map { -$0 }, [])
        slope = dot(direction, gradient)
      }
      var length = pairs.isEmpty ? 1 / max(1, dot(gradient, gradient).squareRoot()) : 1
      var next = x
      var found: (Double, [Double])?
      for _ in 0..<60 {
        next = zip(x, direction).map { $0 + length * $1 }
        let candidate = function(next)
        // At the precision of the numbers a step may change nothing, and be none.
        if next == x { break }
        if candidate.0 < value, candidate.0 <= value + 1e-4 * length * slope {
          found = candidate
          break
        }
        length /= 2
      }
      guard let found else { break }
      let step = zip(next, x).map { $0 - $1 }
      let change = zip(found.1, gradient).map { $0 - $1 }
      let curvature = dot(step, change)
      if curvature > 1e-14 { pairs.append((step, change, 1 / curvature)) }
      if pairs.count > 10 { pairs.removeFirst() }
      (x, value, gradient) = (next, found.0, found.1)
    }
    return x
  }

  private static func descent(
    _ gradient: [Double], _ pairs: [(step: [Double], change: [Double], weight: Double)]
  ) -> [Double] {
    var direction = gradient.map { -$0 }
    var factors: [Double] = []
    for pair in pairs.reversed() {
      let factor = pair.weight * dot(pair.step, direction)
      factors.append(factor)
      direction = zip(direction, pair.change).map { $0 - factor * $1 }
    }
    if let last = pairs.last {
      let scale = dot(last.step, last.change) / dot(last.change, last.change)
      direction = direction.map { $0 * scale }
    }
    for (pair, factor) in zip(pairs, factors.reversed()) {
      let other = pair.weight * dot(pair.change, direction)
      direction = zip(direction, pair.step).map { $0 + (factor - other) * $1 }
    }
    return direction
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
