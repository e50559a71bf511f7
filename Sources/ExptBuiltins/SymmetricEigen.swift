import ExptTensor

/// The eigenvalues and eigenvectors of a symmetric matrix, in Double: Householder's reduction to a
/// tridiagonal matrix, then QL steps with implicit shifts.
///
/// Source: Bowdler, Martin, Reinsch & Wilkinson, "The QR and QL algorithms for symmetric matrices", and
/// Martin, Reinsch & Wilkinson, "Householder's tridiagonalization of a symmetric matrix", Numerische
/// Mathematik 11, 1968 (`tred2` and `tql2` of EISPACK).
struct SymmetricEigen {
  /// The largest first.
  private(set) var values: [Double]
  /// Of each value a unit vector, one after another, `[width, width]`; its number of greatest magnitude, the
  /// first of several, is positive.
  private(set) var vectors: [Double]
  let width: Int

  /// - Parameter matrix: `[width, width]`, row by row; both halves.
  init(_ matrix: [Double], width: Int, pool: ThreadPool? = nil) {
    self.width = width
    values = []
    vectors = matrix
    guard width > 0 else { return }
    var diagonal = [Double](repeating: 0, count: width)
    var beside = [Double](repeating: 0, count: width)
    vectors.withUnsafeMutableBufferPointer { a in
      Self.reduce(a, width, &diagonal, &beside)
      Self.rotate(a, width, &diagonal, &beside, pool)
    }
    values = diagonal
    sort()
  }

  func vector(_ number: Int) -> ArraySlice<Double> {
    vectors[number * width..<(number + 1) * width]
  }

  private mutating func sort() {
    let order = values.indices.sorted { a, b in
      values[a] == values[b] ? a < b : values[a] > values[b]
    }
    var sorted: [Double] = []
    sorted.reserveCapacity(vectors.count)
    for number in order {
      let vector = vector(number)
      let largest = vector.map(abs).max() ?? 0
      let isNegative = (vector.first { abs($0) >= largest * (1 - 1e-9) } ?? 1) < 0
      sorted += isNegative ? vector.map { -$0 } : Array(vector)
    }
    values = order.map { values[$0] }
    vectors = sorted
  }

  /// A = Q·T·Qᵀ with T tridiagonal: Qᵀ takes the place of A.
  private static func reduce(
    _ a: UnsafeMutableBufferPointer<Double>, _ n: Int, _ diagonal: inout [Double],
    _ beside: inout [Double]
  ) {
    // Row k of the lower half keeps the vector of its reflection, from the last row up.
    var scales = [Double](repeating: 0, count: n)
    var product = [Double](repeating: 0, count: n)
    for row in stride(from: n - 1, to: 0, by: -1) {
      let own = row * n
      var scale = 0.0
      for column in 0..<row { scale += abs(a[own + column]) }
      guard row > 1, scale > 0 else {
        beside[row] = a[own + row - 1]
        continue
      }
      var square = 0.0
      for column in 0..<row {
        a[own + column] /= scale
        square += a[own + column] * a[own + column]
      }
      let last = a[own + row - 1]
      let length = last >= 0 ? -square.squareRoot() : square.squareRoot()
      beside[row] = scale * length
      let half = square - last * length  // ½|u|²
      a[own + row - 1] = last - length
      scales[row] = half
      // p = A·u / half, K = uᵀp / 2half, q = p − K·u, A ← A − q·uᵀ − u·qᵀ, in the lower half.
      for column in 0..<row { product[column] = 0 }
      for column in 0..<row {
        let line = column * n
        let factor = a[own + column]
        var sum = 0.0
        for place in 0..<column {
          product[place] += a[line + place] * factor
          sum += a[line + place] * a[own + place]
        }
        product[column] += sum + a[line + column] * factor
      }
      var overlap = 0.0
      for column in 0..<row {
        product[column] /= half
        overlap += product[column] * a[own + column]
      }
      let shift = overlap / (2 * half)
      for column in 0..<row { product[column] -= shift * a[own + column] }
      for column in 0..<row {
        let line = column * n
        let (factor, other) = (a[own + column], product[column])
        for place in 0...column {
          a[line + place] -= factor * product[place] + other * a[own + place]
        }
      }
    }
    for row in 0..<n { diagonal[row] = a[row * n + row] }
    accumulate(a, n, scales)
  }

  /// Multiplies the reflections that the rows keep, and puts the product, transposed, in their place.
  private static func accumulate(
    _ a: UnsafeMutableBufferPointer<Double>, _ n: Int, _ scales: [Double]
  ) {
    var u = [Double](repeating: 0, count: n)
    var sums = [Double](repeating: 0, count: n)
    for row in 0..<n {
      let own = row * n
      if scales[row] != 0 {
        for place in 0..<row {
          u[place] = a[own + place]
          sums[place] = 0
        }
        // Q ← Q − u·uᵀ·Q / half.
        for line in 0..<row {
          for place in 0..<row { sums[place] += a[line * n + place] * u[line] }
        }
        for line in 0..<row {
          let factor = u[line] / scales[row]
          for place in 0..<row { a[line * n + place] -= factor * sums[place] }
        }
      }
      for place in 0..<row {
        a[own + place] = 0
        a[place * n + row] = 0
      }
      a[own + row] = 1
    }
    for row in 0..<n {
      for column in 0..<row { a.swapAt(row * n + column, column * n + row) }
    }
  }

  /// Rotates a tridiagonal matrix until nothing is left beside its diagonal, and the rows of `a` with it.
  private static func rotate(
    _ a: UnsafeMutableBufferPointer<Double>, _ n: Int, _ d: inout [Double], _ e: inout [Double],
    _ pool: ThreadPool?
  ) {
    for index in 1..<max(n, 1) { e[index - 1] = e[index] }
    e[n - 1] = 0
    var rotations: [(row: Int, cosine: Double, sine: Double)] = []
    for low in 0..<n {
      for _ in 0..<60 {
        var high = low
        while high < n - 1 {
          let size = abs(d[high]) + abs(d[high + 1])
          if abs(e[high]) <= Double.ulpOfOne * size { break }
          high += 1
        }
        if high == low { break }
        rotations.removeAll(keepingCapacity: true)
        step(low, high, &d, &e, &rotations)
        apply(rotations, to: a, n, pool)
      }
    }
  }

  /// One QL step on rows `low ... high`.
  private static func step(
    _ low: Int, _ high: Int, _ d: inout [Double], _ e: inout [Double],
    _ rotations: inout [(row: Int, cosine: Double, sine: Double)]
  ) {
    var g = (d[low + 1] - d[low]) / (2 * e[low])
    var r = (g * g + 1).squareRoot()
    g = d[high] - d[low] + e[low] / (g + (g >= 0 ? r : -r))
    var (sine, cosine, p) = (1.0, 1.0, 0.0)
    for row in stride(from: high - 1, through: low, by: -1) {
      let f = sine * e[row]
      let b = cosine * e[row]
      r = (f * f + g * g).squareRoot()
      e[row + 1] = r
      if r == 0 {
        d[row + 1] -= p
        e[high] = 0
        return
      }
      (sine, cosine) = (f / r, g / r)
      g = d[row + 1] - p
      r = (d[row] - g) * sine + 2 * cosine * b
      p = sine * r
      d[row + 1] = g + p
      g = cosine * r - b
      rotations.append((row, cosine, sine))
    }
    d[low] -= p
    e[low] = g
    e[high] = 0
  }

  /// Columns of the vectors that a thread rotates at a time.
  private static let columnsAtATime = 128

  private static func apply(
    _ rotations: [(row: Int, cosine: Double, sine: Double)],
    to a: UnsafeMutableBufferPointer<Double>, _ n: Int, _ pool: ThreadPool?
  ) {
    let shared = Shared(a)
    ThreadPool.run((n + columnsAtATime - 1) / columnsAtATime, on: pool) { task in
      let columns = task * columnsAtATime..<min((task + 1) * columnsAtATime, n)
      let a = shared.memory
      for (row, cosine, sine) in rotations {
        let (upper, lower) = (row * n, (row + 1) * n)
        for column in columns {
          let (above, below) = (a[upper + column], a[lower + column])
          a[lower + column] = sine * above + cosine * below
          a[upper + column] = cosine * above - sine * below
        }
      }
    }
  }
}
