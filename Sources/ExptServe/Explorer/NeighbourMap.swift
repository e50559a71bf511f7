import ExptReport
import ExptTensor

/// A map of points of many dimensions in the plane in which neighbours stay neighbours: t-SNE, exact, the
/// same for the same points.
///
///     p(j|i) ∝ exp(−|xᵢ − xⱼ|² / 2σᵢ²),   p = (p(j|i) + p(i|j)) / 2n,   q ∝ 1 / (1 + |yᵢ − yⱼ|²)
///     minimises KL(p ‖ q) by gradient descent with momentum and gains
///
/// Each σᵢ is such that p(·|i) has the perplexity asked for. It starts from the first two principal
/// components, scaled to a standard deviation of 10⁻⁴.
///
/// Source: van der Maaten & Hinton, "Visualizing Data using t-SNE", JMLR 9, 2008; the start from principal
/// components: Kobak & Berens, Nature Communications 10, 2019.
/// - Complexity: O(steps · n²).
struct NeighbourMap: Sendable {
  let points: [(x: Double, y: Double)]
  let perplexity: Double
  /// KL(p ‖ q) of the points, in nats.
  let divergence: Double

  static let steps = 400
  private static let exaggeratedSteps = 100

  /// - Parameters:
  ///   - values: `[count, width]`.
  ///   - perplexity: About how many neighbours each point has; at most a third of the points.
  /// - Returns: nil for fewer than 20 points, and for points that do not differ.
  init?(_ values: [Float], count: Int, width: Int, perplexity: Double = 30) {
    guard count >= 20, let start = PrincipalComponents(values, count: count, width: width) else {
      return nil
    }
    self.perplexity = min(perplexity, Double(count - 1) / 3)
    let affinities = Self.affinities(
      Self.squaredDistances(values, count, width), count, self.perplexity)
    var x = start.points.map(\.x)
    var y = start.points.map(\.y)
    let spread = (x.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
    for index in 0..<count {
      x[index] *= 1e-4 / spread
      y[index] *= 1e-4 / spread
    }
    var descent = Descent(x: x, y: y, affinities: affinities)
    for step in 0..<Self.steps {
      let isEarly = step < Self.exaggeratedSteps
      descent.step(exaggeration: isEarly ? 12 : 1, momentum: isEarly ? 0.5 : 0.8)
    }
    points = Array(zip(descent.x, descent.y))
    divergence = descent.divergence
  }

  // MARK: Affinities

  static func squaredDistances(_ values: [Float], _ count: Int, _ width: Int) -> [Double] {
    var distances = [Double](repeating: 0, count: count * count)
    for i in 0..<count {
      for j in 0..<i {
        var sum = 0.0
        for column in 0..<width {
          let difference = Double(values[i * width + column]) - Double(values[j * width + column])
          sum += difference * difference
        }
        distances[i * count + j] = sum
        distances[j * count + i] = sum
      }
    }
    return distances
  }

  /// Symmetric, with sum 1: `[count, count]`.
  static func affinities(_ distances: [Double], _ count: Int, _ perplexity: Double) -> [Double] {
    var conditional = [Double](repeating: 0, count: count * count)
    for i in 0..<count {
      let row = Array(distances[i * count..<(i + 1) * count])
      for (j, share) in Self.shares(row, own: i, perplexity).enumerated() {
        conditional[i * count + j] = share
      }
    }
    var joint = [Double](repeating: 0, count: count * count)
    for i in 0..<count {
      for j in 0..<count where i != j {
        joint[i * count + j] =
          max(1e-12, (conditional[i * count + j] + conditional[j * count + i]) / Double(2 * count))
      }
    }
    return joint
  }

  /// p(·|own), by bisection of 1/2σ² until the entropy is log(perplexity).
  private static func shares(_ row: [Double], own: Int, _ perplexity: Double) -> [Double] {
    let target = RepeatableMath.log(perplexity)
    let nearest = row.indices.filter { $0 != own }.map { row[$0] }.min() ?? 0
    var (low, high, precision) = (0.0, Double.infinity, 1.0)
    var shares = [Double](repeating: 0, count: row.count)
    for _ in 0..<64 {
      var (sum, moment) = (0.0, 0.0)
      for (j, distance) in row.enumerated() where j != own {
        let share = RepeatableMath.exp(-(distance - nearest) * precision)
        shares[j] = share
        sum += share
        moment += share * (distance - nearest)
      }
      let entropy = RepeatableMath.log(sum) + precision * moment / sum
      for j in shares.indices { shares[j] /= sum }
      if abs(entropy - target) < 1e-5 { break }
      if entropy > target { low = precision } else { high = precision }
      precision = high.isFinite ? (low + high) / 2 : precision * 2
    }
    return shares
  }

  // MARK: Descent

  private struct Descent {
    var x: [Double]
    var y: [Double]
    let affinities: [Double]
    private var velocity: (x: [Double], y: [Double])
    private var gains: (x: [Double], y: [Double])

    init(x: [Double], y: [Double], affinities: [Double]) {
      (self.x, self.y, self.affinities) = (x, y, affinities)
      let zero = [Double](repeating: 0, count: x.count)
      let one = [Double](repeating: 1, count: x.count)
      (velocity, gains) = ((zero, zero), (one, one))
    }

    /// Σ of 1 / (1 + |yᵢ − yⱼ|²) over all ordered pairs.
    private var total: Double {
      var sum = 0.0
      for i in x.indices {
        for j in 0..<i { sum += 2 / (1 + square(x[i] - x[j]) + square(y[i] - y[j])) }
      }
      return sum
    }

    private func square(_ value: Double) -> Double { value * value }

    mutating func step(exaggeration: Double, momentum: Double) {
      let count = x.count
      let rate = max(50, Double(count) / 12)
      var gradient = (
        x: [Double](repeating: 0, count: count), y: [Double](repeating: 0, count: count)
      )
      let total = total
      for i in 0..<count {
        var (gx, gy) = (0.0, 0.0)
        for j in 0..<count where j != i {
          let (dx, dy) = (x[i] - x[j], y[i] - y[j])
          let nearness = 1 / (1 + dx * dx + dy * dy)
          let force = (exaggeration * affinities[i * count + j] - nearness / total) * nearness
          gx += force * dx
          gy += force * dy
        }
        gradient.x[i] = 4 * gx
        gradient.y[i] = 4 * gy
      }
      Self.move(&x, &velocity.x, &gains.x, gradient.x, rate, momentum)
      Self.move(&y, &velocity.y, &gains.y, gradient.y, rate, momentum)
    }

    private static func move(
      _ place: inout [Double], _ velocity: inout [Double], _ gains: inout [Double],
      _ gradient: [Double], _ rate: Double, _ momentum: Double
    ) {
      for i in place.indices {
        let agrees = (gradient[i] > 0) == (velocity[i] > 0)
        gains[i] = max(0.01, agrees ? gains[i] * 0.8 : gains[i] + 0.2)
        velocity[i] = momentum * velocity[i] - rate * gains[i] * gradient[i]
        place[i] += velocity[i]
      }
      let mean = place.reduce(0, +) / Double(place.count)
      for i in place.indices { place[i] -= mean }
    }

    var divergence: Double {
      let total = total
      var sum = 0.0
      for i in x.indices {
        for j in x.indices where j != i {
          let p = affinities[i * x.count + j]
          let q = max(1e-12, 1 / (1 + square(x[i] - x[j]) + square(y[i] - y[j])) / total)
          sum += p * RepeatableMath.log(p / q)
        }
      }
      return sum
    }
  }
}
