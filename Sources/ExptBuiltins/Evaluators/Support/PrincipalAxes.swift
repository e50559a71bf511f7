import ExptTensor
import Foundation

/// The first principal axes of some rows, by subspace iteration: a random start, then products with the
/// covariance and orthonormalisation, then the eigenvectors within the subspace.
///
/// Source: Halko, Martinsson & Tropp, "Finding structure with randomness", SIAM Review 2011, algorithm 4.4.
struct PrincipalAxes {
  /// `[width]`.
  let mean: [Float]
  /// `[count, width]`, orthonormal rows, the axis of the largest variance first.
  let axes: [Float]
  /// Of the rows along each axis, divided by n.
  let variances: [Double]
  let count: Int
  private let width: Int

  /// - Parameters:
  ///   - rows: `[n, width]`.
  ///   - count: At most the width and the rows.
  init(_ rows: [Float], width: Int, count wanted: Int, pool: ThreadPool?) {
    let n = rows.count / width
    let count = max(1, min(wanted, width, n))
    var sums = [Double](repeating: 0, count: width)
    for row in 0..<n {
      for column in 0..<width { sums[column] += Double(rows[row * width + column]) }
    }
    let mean = sums.map { Float($0 / Double(max(1, n))) }
    var centred = rows
    for row in 0..<n { for column in 0..<width { centred[row * width + column] -= mean[column] } }
    let size = min(count + 8, width, max(count, n))
    var basis = [Float](repeating: 0, count: size * width)
    basis.withUnsafeMutableBufferPointer {
      Random.fillNormal($0, seed: 0, stream: Random.stream("principal axes"))
    }
    Self.orthonormalise(&basis, size, width)
    func projected() -> [Float] {
      EngineProduct.of(centred, basis, n, width, size, transposeB: true, pool: pool)
    }
    for _ in 0..<12 {
      basis = EngineProduct.of(
        projected(), centred, size, n, width, transposeA: true, pool: pool)
      Self.orthonormalise(&basis, size, width)
    }
    let codes = projected()
    let gram = EngineProduct.of(codes, codes, size, n, size, transposeA: true, pool: pool)
    let eigen = SymmetricEigen(gram.map { Double($0) / Double(max(1, n)) }, width: size)
    axes = EngineProduct.of(
      eigen.vectors[..<(count * size)].map(Float.init), basis, count, size, width, pool: pool)
    variances = Array(eigen.values[..<count])
    (self.mean, self.width, self.count) = (mean, width, count)
  }

  /// The places of rows along the axes, `[n, count]`.
  func project(_ rows: [Float], pool: ThreadPool?) -> [Float] {
    let n = rows.count / width
    var centred = rows
    for row in 0..<n { for column in 0..<width { centred[row * width + column] -= mean[column] } }
    return EngineProduct.of(centred, axes, n, width, count, transposeB: true, pool: pool)
  }

  /// Gram and Schmidt's method in Double, twice over.
  private static func orthonormalise(_ basis: inout [Float], _ size: Int, _ width: Int) {
    var rows = (0..<size).map { row in
      basis[row * width..<(row + 1) * width].map(Double.init)
    }
    for row in 0..<size {
      for _ in 0..<2 {
        for other in 0..<row {
          var product = 0.0
          for column in 0..<width { product += rows[row][column] * rows[other][column] }
          for column in 0..<width { rows[row][column] -= product * rows[other][column] }
        }
      }
      let length = rows[row].reduce(0) { $0 + $1 * $1 }.squareRoot()
      let scale = length > 1e-30 ? 1 / length : 0
      for column in 0..<width { rows[row][column] *= scale }
    }
    basis = rows.flatMap { $0.map { Float($0) } }
  }
}
