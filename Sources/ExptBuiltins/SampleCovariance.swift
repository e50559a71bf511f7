import ExptComponents
import ExptTensor

/// The mean and the covariance of rows, in Double.
struct SampleCovariance {
  let count: Int
  let width: Int
  private(set) var mean: [Double]
  /// Σ (x − mean)(x − mean)ᵀ / count, `[width, width]`, both halves.
  private(set) var matrix: [Double]

  /// Rows of the matrix that a thread computes at a time.
  private static let rowsAtATime = 16

  /// - Parameter rows: `[count, width]`, at least one.
  init(_ rows: [Float], width: Int, pool: ThreadPool?) {
    let count = rows.count / width
    (self.count, self.width) = (count, width)
    var mean = [Double](repeating: 0, count: width)
    for row in 0..<count {
      for place in 0..<width { mean[place] += Double(rows[row * width + place]) }
    }
    for place in 0..<width { mean[place] /= Double(count) }
    matrix = [Double](repeating: 0, count: width * width)
    self.mean = mean
    let means = mean
    let tasks = (width + Self.rowsAtATime - 1) / Self.rowsAtATime
    matrix.withUnsafeMutableBufferPointer { target in
      let target = Shared(target)
      ThreadPool.run(tasks, on: pool) { task in
        let first = task * Self.rowsAtATime
        Self.add(
          rows, means, rows: first..<min(first + Self.rowsAtATime, width), width: width,
          into: target.memory)
      }
    }
    for row in 0..<width {
      for column in row..<width {
        matrix[row * width + column] /= Double(count)
        matrix[column * width + row] = matrix[row * width + column]
      }
    }
  }

  /// The upper halves of some rows.
  private static func add(
    _ values: [Float], _ mean: [Double], rows: Range<Int>, width: Int,
    into target: UnsafeMutableBufferPointer<Double>
  ) {
    var deviation = [Double](repeating: 0, count: width)
    deviation.withUnsafeMutableBufferPointer { deviation in
      for start in stride(from: 0, to: values.count, by: width) {
        for place in rows.lowerBound..<width {
          deviation[place] = Double(values[start + place]) - mean[place]
        }
        for row in rows {
          let own = deviation[row]
          if own == 0 { continue }
          for column in row..<width { target[row * width + column] += own * deviation[column] }
        }
      }
    }
  }

  /// The variance of each value.
  var variances: [Double] { (0..<width).map { matrix[$0 * width + $0] } }
}

/// Memory that several threads write to, each to its own part.
struct Shared<Element>: @unchecked Sendable {
  let memory: UnsafeMutableBufferPointer<Element>

  init(_ memory: UnsafeMutableBufferPointer<Element>) { self.memory = memory }
}
