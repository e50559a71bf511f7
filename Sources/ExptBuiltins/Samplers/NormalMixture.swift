import ExptTensor
import Foundation

/// A mixture of normal distributions while EM fits it to rows of numbers.
struct NormalMixture {
  /// Of each part; their sum is 1.
  private(set) var weights: [Double]
  private(set) var parts: [FittedNormal]
  private let rows: [Double]
  private let width: Int
  private let covariance: Covariance
  private let floor: Double

  private var count: Int { rows.count / width }

  /// The start: each row belongs to the centre nearest to it, of those that k-means++ chooses.
  ///
  /// - Returns: nil where a covariance is not positive definite.
  init?(
    _ rows: [Double], width: Int, components: Int, covariance: Covariance, floor: Double,
    seed: UInt64
  ) {
    (self.rows, self.width, self.covariance, self.floor) = (rows, width, covariance, floor)
    weights = [Double](repeating: 1 / Double(components), count: components)
    let all = FittedNormal(
      rows, width: width, weights: [Double](repeating: 1, count: rows.count / width),
      covariance: covariance, floor: floor)
    guard let all else { return nil }
    let (centres, nearest) = Self.centres(rows, width, components, seed: seed)
    // A centre that no row is nearest to keeps the covariance of all.
    parts = centres.map { centre in
      var part = all
      part.mean = Array(rows[centre * width..<(centre + 1) * width])
      return part
    }
    var shares = [Double](repeating: 0, count: nearest.count * components)
    for (row, part) in nearest.enumerated() { shares[part * nearest.count + row] = 1 }
    guard maximise(shares) else { return nil }
  }

  /// The share of each part in each row, `[part, row]`, and the mean log-likelihood of a row, in nats.
  func expect() -> (values: [Double], likelihood: Double) {
    var shares = [Double](repeating: 0, count: parts.count * count)
    var scratch = [Double](repeating: 0, count: width)
    for (part, normal) in parts.enumerated() {
      let logWeight = log(weights[part])
      for row in 0..<count {
        shares[part * count + row] =
          logWeight + normal.logDensity(rows, at: row * width, scratch: &scratch)
      }
    }
    var likelihood = 0.0
    for row in 0..<count {
      var largest = -Double.infinity
      for part in parts.indices { largest = max(largest, shares[part * count + row]) }
      var sum = 0.0
      for part in parts.indices {
        shares[part * count + row] = exp(shares[part * count + row] - largest)
        sum += shares[part * count + row]
      }
      for part in parts.indices { shares[part * count + row] /= sum }
      likelihood += largest + log(sum)
    }
    return (shares, likelihood / Double(count))
  }

  /// The parts of greatest likelihood for these shares.
  ///
  /// - Returns: false where a covariance is not positive definite.
  mutating func maximise(_ shares: [Double]) -> Bool {
    for part in parts.indices {
      let own = Array(shares[part * count..<(part + 1) * count])
      let total = own.reduce(0, +)
      weights[part] = total / Double(count)
      if total < 1e-9 { continue }  // one that has no row stays where it is
      let normal = FittedNormal(
        rows, width: width, weights: own, covariance: covariance, floor: floor)
      guard let normal else { return false }
      parts[part] = normal
    }
    return true
  }

  /// The rows that are the first centres, and which of these each row is nearest to.
  ///
  /// Each centre after the first is drawn with a chance in proportion to the squared distance from the
  /// nearest so far.
  private static func centres(
    _ rows: [Double], _ width: Int, _ components: Int, seed: UInt64
  ) -> (centres: [Int], nearest: [Int]) {
    let count = rows.count / width
    var random = RandomSequence(seed: seed, stream: Random.stream("sampler/centres"))
    var centres: [Int] = []
    var nearest = [Int](repeating: 0, count: count)
    var distances = [Double](repeating: .infinity, count: count)
    for number in 0..<components {
      let centre =
        number == 0 ? random.below(count) : choose(distances, &random) ?? random.below(count)
      centres.append(centre)
      for row in 0..<count {
        var distance = 0.0
        for place in 0..<width {
          let difference = rows[row * width + place] - rows[centre * width + place]
          distance += difference * difference
        }
        if distance < distances[row] { (distances[row], nearest[row]) = (distance, number) }
      }
    }
    return (centres, nearest)
  }

  /// One of the rows, each with a chance in proportion to its number; nil where all are 0.
  private static func choose(_ chances: [Double], _ random: inout RandomSequence) -> Int? {
    let total = chances.reduce(0, +)
    guard total > 0 else { return nil }
    let target = Double(random.fraction()) * total
    var sum = 0.0
    for (row, chance) in chances.enumerated() {
      sum += chance
      if target < sum { return row }
    }
    return chances.lastIndex { $0 > 0 }
  }
}
