import ExptTensor

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
  init(
    of queries: [Float], among points: [Float], width: Int, count: Int, pool: ThreadPool?
  ) {
    nearest = PointDistances(to: points, width: width).map(queries, pool: pool) { _, row in
      Self.smallest(count, of: row)
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
