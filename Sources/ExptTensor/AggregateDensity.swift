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
  private let mean: [Float]
  private let weight: [Float]
  private let constant: [Float]

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
    let padded = (count + 15) / 16 * 16
    var (means, weights) = ([Float](repeating: 0, count: padded * width), [Float]())
    weights = means
    var constants = [Float](repeating: -1e30, count: padded * width)
    for row in 0..<count {
      for column in 0..<width {
        let (from, to) = (row * width + column, column * padded + row)
        means[to] = mean[from]
        weights[to] = Float(-0.5 * exp(-Double(logVariance[from])))
        constants[to] = Float(-0.5 * (log(2 * Double.pi) + Double(logVariance[from])))
      }
    }
    (self.width, self.count, self.padded) = (width, count, padded)
    (self.mean, weight, constant) = (means, weights, constants)
  }

  /// The densities of points, in nats.
  ///
  /// - Parameter points: `[n, width]`.
  /// - Returns: `[n, width + 1]`: of each dimension by itself, then of all together.
  public func logDensities(_ points: [Float], pool: ThreadPool?) -> [Double] {
    let rows = points.count / width
    var most = [Float](repeating: 0, count: rows * (width + 1))
    var total = most
    ck_aggregate_density(
      pool?.handle, rows, padded, width, points, mean, weight, constant, &most, &total)
    let share = log(Double(count))
    return zip(most, total).map { Double($0) + log(Double($1)) - share }
  }
}
