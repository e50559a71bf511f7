import Foundation

/// A small matrix in Double, `[rows][columns]`, for closed forms that tests compare with.
struct DoubleMatrix {
  var rows: [[Double]]

  init(_ rows: [[Double]]) { self.rows = rows }

  init(_ values: [Float], columns: Int) {
    rows = stride(from: 0, to: values.count, by: columns).map { start in
      values[start..<start + columns].map(Double.init)
    }
  }

  static func diagonal(_ values: [Double]) -> DoubleMatrix {
    DoubleMatrix(
      values.indices.map { row in values.indices.map { $0 == row ? values[row] : 0 } })
  }

  /// (1/n) Σ (x − mean)(x − mean)ᵀ.
  static func covariance(of data: [[Double]]) -> DoubleMatrix {
    let (count, width) = (Double(data.count), data[0].count)
    let mean = mean(of: data)
    var sums = [[Double]](repeating: [Double](repeating: 0, count: width), count: width)
    for row in data {
      for i in 0..<width {
        for j in 0...i { sums[i][j] += (row[i] - mean[i]) * (row[j] - mean[j]) / count }
      }
    }
    for i in 0..<width { for j in 0..<i { sums[j][i] = sums[i][j] } }
    return DoubleMatrix(sums)
  }

  static func mean(of data: [[Double]]) -> [Double] {
    data[0].indices.map { column in data.reduce(0) { $0 + $1[column] } / Double(data.count) }
  }

  var transposed: DoubleMatrix {
    DoubleMatrix(rows[0].indices.map { column in rows.map { $0[column] } })
  }

  var diagonal: [Double] { rows.indices.map { rows[$0][$0] } }

  static func * (a: DoubleMatrix, b: DoubleMatrix) -> DoubleMatrix {
    let columns = b.transposed.rows
    return DoubleMatrix(
      a.rows.map { row in columns.map { zip(row, $0).reduce(0) { $0 + $1.0 * $1.1 } } })
  }

  static func + (a: DoubleMatrix, b: DoubleMatrix) -> DoubleMatrix {
    DoubleMatrix(zip(a.rows, b.rows).map { zip($0, $1).map(+) })
  }

  static func * (a: DoubleMatrix, x: [Double]) -> [Double] {
    a.rows.map { zip($0, x).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  /// The lower triangular L with L·Lᵀ = self.
  var cholesky: DoubleMatrix {
    var lower = rows.map { $0.map { _ in 0.0 } }
    for i in rows.indices {
      for j in 0...i {
        let known = (0..<j).reduce(0) { $0 + lower[i][$1] * lower[j][$1] }
        lower[i][j] =
          i == j ? (rows[i][i] - known).squareRoot() : (rows[i][j] - known) / lower[j][j]
      }
    }
    return DoubleMatrix(lower)
  }

  var logDeterminant: Double { 2 * cholesky.diagonal.reduce(0) { $0 + log($1) } }

  /// Of a positive definite matrix.
  var inverse: DoubleMatrix {
    let lower = cholesky.rows
    let columns = rows.indices.map { column -> [Double] in
      var x = rows.indices.map { $0 == column ? 1.0 : 0 }
      for i in rows.indices {
        x[i] = (x[i] - (0..<i).reduce(0) { $0 + lower[i][$1] * x[$1] }) / lower[i][i]
      }
      for i in rows.indices.reversed() {
        let known = (i + 1..<rows.count).reduce(0) { $0 + lower[$1][i] * x[$1] }
        x[i] = (x[i] - known) / lower[i][i]
      }
      return x
    }
    return DoubleMatrix(columns).transposed
  }

  /// Of a symmetric matrix, the largest first, by Jacobi's rotations.
  var eigenvalues: [Double] {
    var a = rows
    let count = a.count
    for _ in 0..<60 {
      for p in 0..<count {
        for q in p + 1..<count where abs(a[p][q]) > 1e-300 {
          let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
          let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
          let c = 1 / (t * t + 1).squareRoot()
          for k in 0..<count {
            (a[k][p], a[k][q]) = (c * a[k][p] - t * c * a[k][q], t * c * a[k][p] + c * a[k][q])
          }
          for k in 0..<count {
            (a[p][k], a[q][k]) = (c * a[p][k] - t * c * a[q][k], t * c * a[p][k] + c * a[q][k])
          }
        }
      }
    }
    return a.indices.map { a[$0][$0] }.sorted(by: >)
  }

  /// The mean over data with this covariance around its mean of log N(x; mean, model), in nats.
  func meanLogLikelihood(under model: DoubleMatrix) -> Double {
    let width = Double(rows.count)
    let trace = (model.inverse * self).diagonal.reduce(0, +)
    return -0.5 * (width * log(2 * .pi) + model.logDeterminant + trace)
  }
}
