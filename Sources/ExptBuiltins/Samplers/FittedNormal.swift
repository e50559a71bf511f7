import ExptComponents
import Foundation

/// How the numbers of a latent may depend on each other in a normal distribution.
public enum Covariance: String, NamedChoice {
  /// A full matrix.
  case full
  /// Independent numbers: a variance for each.
  case diagonal
}

/// A normal distribution fitted to weighted rows of numbers, in Double.
///
///     log N(x; μ, L·Lᵀ) = −½ |L⁻¹(x − μ)|² − Σ log Lᵢᵢ − ½ d log 2π
struct FittedNormal {
  var mean: [Double]
  /// L: lower triangular, `[d, d]` row by row; of a diagonal covariance the deviations alone, `[d]`.
  var factor: [Double]
  /// Σ log Lᵢᵢ + ½ d log 2π.
  private var logScale: Double

  private var width: Int { mean.count }

  /// The normal distribution of greatest likelihood, its variances made larger by `floor`.
  ///
  /// - Parameters:
  ///   - rows: `[count, width]`.
  ///   - weights: Of each row; their sum is above 0.
  /// - Returns: nil where rounding leaves no positive definite covariance.
  init?(
    _ rows: [Double], width: Int, weights: [Double], covariance: Covariance, floor: Double
  ) {
    let total = weights.reduce(0, +)
    mean = [Double](repeating: 0, count: width)
    for (row, weight) in weights.enumerated() where weight > 0 {
      for place in 0..<width { mean[place] += weight * rows[row * width + place] }
    }
    for place in 0..<width { mean[place] /= total }
    let matrix: [Double]?
    switch covariance {
    case .full:
      matrix = Self.choleskyFactor(
        of: Self.covariance(rows, mean, weights, total, floor), width: width)
    case .diagonal:
      matrix = Self.variances(rows, mean, weights, total).map { ($0 + floor).squareRoot() }
    }
    guard let matrix, matrix.allSatisfy(\.isFinite) else { return nil }
    factor = matrix
    logScale = 0
    let step = covariance == .full ? width + 1 : 1
    for place in stride(from: 0, to: factor.count, by: step) { logScale += log(factor[place]) }
    logScale += 0.5 * Double(width) * log(2 * .pi)
    guard logScale.isFinite else { return nil }
  }

  /// - Parameters:
  ///   - place: Where the row begins in `rows`.
  ///   - scratch: Memory for `width` numbers.
  func logDensity(_ rows: [Double], at place: Int, scratch: inout [Double]) -> Double {
    var square = 0.0
    if factor.count == width {
      for index in 0..<width {
        let deviation = (rows[place + index] - mean[index]) / factor[index]
        square += deviation * deviation
      }
      return -0.5 * square - logScale
    }
    for row in 0..<width {
      var rest = rows[place + row] - mean[row]
      for column in 0..<row { rest -= factor[row * width + column] * scratch[column] }
      scratch[row] = rest / factor[row * width + row]
      square += scratch[row] * scratch[row]
    }
    return -0.5 * square - logScale
  }

  private static func variances(
    _ rows: [Double], _ mean: [Double], _ weights: [Double], _ total: Double
  ) -> [Double] {
    var sums = [Double](repeating: 0, count: mean.count)
    for (row, weight) in weights.enumerated() where weight > 0 {
      for place in mean.indices {
        let deviation = rows[row * mean.count + place] - mean[place]
        sums[place] += weight * deviation * deviation
      }
    }
    return sums.map { $0 / total }
  }

  /// The lower triangle, `[d, d]`.
  private static func covariance(
    _ rows: [Double], _ mean: [Double], _ weights: [Double], _ total: Double, _ floor: Double
  ) -> [Double] {
    let width = mean.count
    var sums = [Double](repeating: 0, count: width * width)
    var deviation = mean
    for (row, weight) in weights.enumerated() where weight > 0 {
      for place in 0..<width { deviation[place] = rows[row * width + place] - mean[place] }
      for first in 0..<width {
        let scaled = weight * deviation[first]
        for second in 0...first { sums[first * width + second] += scaled * deviation[second] }
      }
    }
    for place in sums.indices { sums[place] /= total }
    for place in 0..<width { sums[place * width + place] += floor }
    return sums
  }

  /// L of L·Lᵀ for the lower triangle of a symmetric matrix; nil where that is not positive definite.
  static func choleskyFactor(of matrix: [Double], width: Int) -> [Double]? {
    var factor = [Double](repeating: 0, count: width * width)
    for row in 0..<width {
      for column in 0...row {
        var rest = matrix[row * width + column]
        for place in 0..<column {
          rest -= factor[row * width + place] * factor[column * width + place]
        }
        if row == column {
          guard rest > 0 else { return nil }
          factor[row * width + row] = rest.squareRoot()
        } else {
          factor[row * width + column] = rest / factor[column * width + column]
        }
      }
    }
    return factor
  }
}

/// μ + L·ε for Float numbers as files keep them.
///
/// - Parameters:
///   - factor: `[d, d]`, or `[d]` of a diagonal covariance.
///   - noise: `[d]`, standard normal.
func normalDraw(
  mean: ArraySlice<Float>, factor: ArraySlice<Float>, noise: ArraySlice<Float>
) -> [Float] {
  let (mean, factor, noise) = (Array(mean), Array(factor), Array(noise))
  let width = mean.count
  if factor.count == width {
    return (0..<width).map { mean[$0] + factor[$0] * noise[$0] }
  }
  return (0..<width).map { row in
    var sum = Double(mean[row])
    for column in 0...row { sum += Double(factor[row * width + column]) * Double(noise[column]) }
    return Float(sum)
  }
}
