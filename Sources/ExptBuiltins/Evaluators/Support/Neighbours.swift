/// The nearest of some points to each of others, by Euclidean distance.
struct Neighbours {
  struct Neighbour {
    var index: Int
    /// Squared.
    var distance: Float
  }

  private let nearest: [[Neighbour]]

  /// - Parameters:
  ///   - queries: `[n, width]`.
  ///   - points: `[m, width]`.
  ///   - count: How many of each query, the nearest first; of equally near ones the first.
  ///   - excludesSelf: Whether query i is point i, and no neighbour of its own.
  init(
    of queries: [Float], among points: [Float], width: Int, count: Int, excludesSelf: Bool = false
  ) {
    let distances = SquaredDistances(to: points, width: width)
    nearest = (0..<queries.count / max(1, width)).map { query in
      var row = distances.row(queries[(query * width)..<((query + 1) * width)])
      if excludesSelf { row[query] = .infinity }
      return Self.smallest(count, of: row)
    }
  }

  subscript(query: Int) -> [Neighbour] { nearest[query] }

  /// The smallest numbers of a row, in order.
  static func smallest(_ count: Int, of row: [Float]) -> [Neighbour] {
    var kept: [Neighbour] = []
    kept.reserveCapacity(count + 1)
    var bound = Float.infinity
    for (index, distance) in row.enumerated() where distance < bound {
      let place = kept.firstIndex { distance < $0.distance } ?? kept.count
      kept.insert(Neighbour(index: index, distance: distance), at: place)
      if kept.count > count { kept.removeLast() }
      if kept.count == count { bound = kept[count - 1].distance }
    }
    return kept
  }
}

/// Squared Euclidean distances from points to a fixed set of others.
struct SquaredDistances {
  /// `[width][points]`: neighbouring points side by side.
  private let columns: [[Float]]
  private let count: Int

  init(to points: [Float], width: Int) {
    count = width > 0 ? points.count / width : 0
    columns = (0..<width).map { column in
      stride(from: column, to: points.count, by: width).map { points[$0] }
    }
  }

  /// To each of them.
  func row(_ query: ArraySlice<Float>) -> [Float] {
    var sums = [Float](repeating: 0, count: count)
    sums.withUnsafeMutableBufferPointer { sums in
      for (column, value) in zip(columns, query) {
        column.withUnsafeBufferPointer { column in
          for point in 0..<sums.count {
            let difference = column[point] - value
            sums[point] += difference * difference
          }
        }
      }
    }
    return sums
  }
}
