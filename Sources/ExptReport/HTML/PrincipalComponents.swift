/// The two directions in which points vary most, and the points' places along them.
///
/// Found by power iteration on the centred points, the second after the first is taken out. Source:
/// Golub & Van Loan, "Matrix Computations", 4th edition, 8.2.
public struct PrincipalComponents: Sendable {
  /// The points along the first and the second component.
  public let points: [(x: Double, y: Double)]
  /// What share of the variance each of the two has, 0 … 1.
  public let shares: (Double, Double)
  /// Of the points: `[width]`.
  public let mean: [Double]
  /// The two directions, each `[width]` and of length 1.
  public let directions: (x: [Double], y: [Double])

  /// - Parameter values: `[count, width]`; one column stands for both components with zeros.
  public init?(_ values: [Float], count: Int, width: Int) {
    guard count > 1, width > 0, values.count == count * width, values.allSatisfy(\.isFinite) else {
      return nil
    }
    var centred = values.map(Double.init)
    var means = [Double](repeating: 0, count: width)
    for column in 0..<width {
      let mean =
        stride(from: column, to: centred.count, by: width)
        .reduce(0) { $0 + centred[$1] } / Double(count)
      means[column] = mean
      for place in stride(from: column, to: centred.count, by: width) { centred[place] -= mean }
    }
    let total = centred.reduce(0) { $0 + $1 * $1 }
    guard total > 0 else { return nil }
    let first = Self.direction(centred, count, width)
    let x = Self.project(centred, on: first, count, width)
    for row in 0..<count {
      for column in 0..<width { centred[row * width + column] -= x[row] * first[column] }
    }
    let second = Self.direction(centred, count, width)
    let y = Self.project(centred, on: second, count, width)
    points = Array(zip(x, y))
    mean = means
    directions = (first, second)
    func share(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 } / total }
    shares = (share(x), share(y))
  }

  private static func direction(_ rows: [Double], _ count: Int, _ width: Int) -> [Double] {
    // A start that no symmetry of the data makes orthogonal to the answer.
    var vector = (0..<width).map { 1 + 0.37 * Double($0 * $0 % 7) }
    for _ in 0..<60 {
      let along = project(rows, on: normalised(vector), count, width)
      vector = Array(repeating: 0, count: width)
      for row in 0..<count {
        for column in 0..<width { vector[column] += along[row] * rows[row * width + column] }
      }
    }
    return normalised(vector)
  }

  private static func project(
    _ rows: [Double], on vector: [Double], _ count: Int, _ width: Int
  ) -> [Double] {
    (0..<count).map { row in
      (0..<width).reduce(0) { $0 + rows[row * width + $1] * vector[$1] }
    }
  }

  private static func normalised(_ vector: [Double]) -> [Double] {
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard length > 0 else { return vector.indices.map { $0 == 0 ? 1 : 0 } }
    return vector.map { $0 / length }
  }
}
