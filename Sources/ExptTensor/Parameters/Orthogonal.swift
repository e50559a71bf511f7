/// Makes the rows of a matrix of independent normal numbers, `[rows, columns]`, orthonormal, or its columns
/// if there are fewer: by Gram and Schmidt, in Double, which gives what the QR decomposition with a positive
/// diagonal does, and so no direction is preferred.
///
/// Each row is made orthogonal to all later ones, which are shared out among the threads.
func orthogonalise(
  _ values: UnsafeMutableBufferPointer<Float>, rows: Int, columns: Int, pool: ThreadPool?
) {
  precondition(values.count == rows * columns, "\(values.count) numbers, not \(rows)×\(columns)")
  let isTall = rows > columns
  let (count, length) = isTall ? (columns, rows) : (rows, columns)
  func place(_ vector: Int, _ index: Int) -> Int {
    isTall ? index * columns + vector : vector * columns + index
  }
  var vectors = Vectors(count: count, length: length)
  defer { vectors.memory.deallocate() }
  for vector in 0..<count {
    for index in 0..<length {
      vectors.memory[vector * length + index] = Double(values[place(vector, index)])
    }
  }
  for vector in 0..<count {
    vectors.normalise(vector)
    let later = count - vector - 1
    // A task has some thousand numbers to change.
    let each = max(1, 16_384 / max(1, length))
    let made = vectors
    ThreadPool.run((later + each - 1) / each, on: later > each ? pool : nil) { task in
      let first = vector + 1 + task * each
      for other in first..<min(first + each, count) { made.subtract(vector, from: other) }
    }
  }
  for vector in 0..<count {
    for index in 0..<length {
      values[place(vector, index)] = Float(vectors.memory[vector * length + index])
    }
  }
}

/// Vectors one after another.
///
/// `@unchecked Sendable`: tasks change different vectors, and only read the one that none of them changes.
private struct Vectors: @unchecked Sendable {
  let memory: UnsafeMutableBufferPointer<Double>
  let length: Int

  init(count: Int, length: Int) {
    memory = .allocate(capacity: count * length)
    memory.initialize(repeating: 0)
    self.length = length
  }

  /// One of so little length that its direction is rounding is left at 0: a matrix of normal numbers has
  /// none.
  mutating func normalise(_ vector: Int) {
    let norm = product(vector, vector).squareRoot()
    let scale = norm > 1e-12 ? 1 / norm : 0
    for index in vector * length..<(vector + 1) * length { memory[index] *= scale }
  }

  func subtract(_ vector: Int, from other: Int) {
    let share = product(vector, other)
    let (from, to) = (vector * length, other * length)
    for index in 0..<length { memory[to + index] -= share * memory[from + index] }
  }

  /// Eight sums side by side, added in order.
  private func product(_ a: Int, _ b: Int) -> Double {
    var sums = SIMD8<Double>()
    let (first, second) = (a * length, b * length)
    var index = 0
    while index + 8 <= length {
      var (x, y) = (SIMD8<Double>(), SIMD8<Double>())
      for lane in 0..<8 {
        x[lane] = memory[first + index + lane]
        y[lane] = memory[second + index + lane]
      }
      sums += x * y
      index += 8
    }
    var rest = 0.0
    while index < length {
      rest += memory[first + index] * memory[second + index]
      index += 1
    }
    for lane in 0..<8 { rest += sums[lane] }
    return rest
  }
}
