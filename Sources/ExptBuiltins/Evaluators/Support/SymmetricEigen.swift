import Foundation

/// Eigenvalues and eigenvectors of a symmetric matrix, by Jacobi's rotations.
///
/// Source: Golub & Van Loan, "Matrix Computations", 2013, section 8.5.
struct SymmetricEigen {
  /// From the largest to the smallest.
  let values: [Double]
  /// `[width, width]`: row i is the eigenvector of value i.
  let vectors: [Double]

  /// - Parameter matrix: `[width, width]`; only its upper triangle counts.
  init(_ matrix: [Double], width: Int) {
    var a = matrix
    for row in 0..<width {
      for column in 0..<row { a[row * width + column] = a[column * width + row] }
    }
    var v = [Double](repeating: 0, count: width * width)
    for index in 0..<width { v[index * width + index] = 1 }
    let scale = a.reduce(0) { $0 + $1 * $1 }
    for _ in 0..<60 {
      var off = 0.0
      for row in 0..<width {
        for column in row + 1..<max(width, row + 1) {
          off += a[row * width + column] * a[row * width + column]
        }
      }
      if off <= 1e-26 * scale { break }
      for p in 0..<width {
        for q in p + 1..<max(width, p + 1) { Self.rotate(&a, &v, width, p, q) }
      }
    }
    let order = (0..<width).sorted { a[$0 * width + $0] > a[$1 * width + $1] }
    values = order.map { a[$0 * width + $0] }
    vectors = order.flatMap { column in (0..<width).map { v[$0 * width + column] } }
  }

  private static func rotate(
    _ a: inout [Double], _ v: inout [Double], _ width: Int, _ p: Int, _ q: Int
  ) {
    let apq = a[p * width + q]
    if apq == 0 { return }
    let theta = (a[q * width + q] - a[p * width + p]) / (2 * apq)
    let t = (theta >= 0 ? 1 : -1) / (abs(theta) + (theta * theta + 1).squareRoot())
    let c = 1 / (t * t + 1).squareRoot()
    let s = t * c
    for k in 0..<width {
      let (akp, akq) = (a[k * width + p], a[k * width + q])
      a[k * width + p] = c * akp - s * akq
      a[k * width + q] = s * akp + c * akq
    }
    for k in 0..<width {
      let (apk, aqk) = (a[p * width + k], a[q * width + k])
      a[p * width + k] = c * apk - s * aqk
      a[q * width + k] = s * apk + c * aqk
      let (vkp, vkq) = (v[k * width + p], v[k * width + q])
      v[k * width + p] = c * vkp - s * vkq
      v[k * width + q] = s * vkp + c * vkq
    }
  }
}
