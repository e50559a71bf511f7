internal import CKernels
internal import Foundation

/// The density of points under a mixture of equally many Gaussians with independent dimensions, such as the
/// aggregate posterior: in each dimension by itself, and in all of them together.
///
///     log q(z) = log (1/m) Σⱼ Πₑ N(zₑ; μⱼₑ, σ²ⱼₑ)        log q(zₑ) = log (1/m) Σⱼ N(zₑ; μⱼₑ, σ²ⱼₑ)
///
/// The same bits for any number of threads and on any instruction set, but for the last logarithm, which is
/// the C library's. Work grows as points · Gaussians · dimensions; nothing of that size is stored.
public struct AggregateDensity {
  /// The most dimensions.
  public static let largestWidth = Int(CK_AGGREGATE_DIMENSIONS)

  private let width: Int
  private let count: Int
  private let padded: Int
  /// `[padded / 16, width, 3, 16]`: means, weights and constants, such that the density of a dimension is
  /// 2^(constant + weight·(z − μ)²) times 2^greatest.
  private let gaussians: [Float]
  /// The greatest constant of each dimension, and the greatest sum of a Gaussian's constants: log₂.
  private let greatest: [Double]

  /// - Parameters:
  ///   - mean: `[m, width]`.
  ///   - logVariance: `[m, width]`.
  ///   - width: At most `largestWidth`.
  public init(mean: [Float], logVariance: [Float], width: Int) {
    precondition(
      (1...Self.largestWidth).contains(width) && mean.count == logVariance.count
        && mean.count.isMultiple(of: width),
      "\(mean.count) means and \(logVariance.count) log-variances of \(width) dimensions")
    let count = mean.count / width
    let constants = logVariance.map { -0.5 * (log2(2 * Double.pi) + Double($0) * Self.log2e) }
    var greatest = [Double](repeating: -.infinity, count: width + 1)
    for row in 0..<count {
      var sum = 0.0
      for column in 0..<width {
        let constant = constants[row * width + column]
        greatest[column] = max(greatest[column], constant)
        sum += constant
      }
      greatest[width] = max(greatest[width], sum)
    }
    let padded = (count + 15) / 16 * 16
    var gaussians = [Float](repeating: 0, count: padded * width * 3)
    for row in 0..<padded {
      for column in 0..<width {
        let (from, to) = (row * width + column, (row / 16 * width + column) * 48 + row % 16)
        if row < count {
          gaussians[to] = mean[from]
          gaussians[to + 16] = Float(-0.5 * Self.log2e * exp(-Double(logVariance[from])))
          gaussians[to + 32] = Float(constants[from] - greatest[column])
        } else {
          gaussians[to + 32] = -1e30
        }
      }
    }
    (self.width, self.count, self.padded) = (width, count, padded)
    (self.gaussians, self.greatest) = (gaussians, greatest)
  }

  private static let log2e = 1.4426950408889634

  /// The densities of points, in nats.
  ///
  /// Sums are first taken relative to the greatest density that a point could have. Where that leaves little
  /// of a point (it lies far from all Gaussians) they are taken again, relative to the greatest it has.
  ///
  /// - Parameter points: `[n, width]`.
  /// - Returns: `[n, width + 1]`: of each dimension by itself, then of all together.
  public func logDensities(_ points: [Float], pool: ThreadPool?) -> [Double] {
    let rows = points.count / width
    let most = self.most(rows)
    let total = self.total(points, most, pool)
    var found = logs(total, most)
    let far = (0..<rows).filter { row in
      total[row * (width + 1)..<(row + 1) * (width + 1)].contains { !($0 > 0x1p-60) }
    }
    guard !far.isEmpty else { return found }
    let lone = far.flatMap { points[$0 * width..<($0 + 1) * width] }
    var exact = self.most(far.count)
    ck_aggregate_most(pool?.handle, far.count, padded, width, lone, gaussians, &exact)
    let again = logs(self.total(lone, exact, pool), exact)
    for (index, row) in far.enumerated() {
      let place = row * (width + 1)
      found.replaceSubrange(
        place..<place + width + 1, with: again[index * (width + 1)..<(index + 1) * (width + 1)])
    }
    return found
  }

  /// Relative to the greatest constants of the dimensions, which those of the Gaussians leave out.
  private func most(_ rows: Int) -> [Float] {
    let sum = greatest.dropLast().reduce(0, +)
    let row = [Float](repeating: 0, count: width) + [Float(greatest[width] - sum)]
    return (0..<rows).flatMap { _ in row }
  }

  private func total(_ points: [Float], _ most: [Float], _ pool: ThreadPool?) -> [Float] {
    var total = [Float](repeating: 0, count: most.count)
    ck_aggregate_total(
      pool?.handle, points.count / width, padded, width, points, gaussians, most, &total)
    return total
  }

  private func logs(_ total: [Float], _ most: [Float]) -> [Double] {
    let share = log(Double(count))
    let sum = greatest.dropLast().reduce(0, +)
    return total.indices.map { index in
      let column = index % (width + 1)
      let shift = column < width ? greatest[column] : sum
      return (Double(most[index]) + log2(Double(total[index])) + shift) / Self.log2e - share
    }
  }
}
