internal import CKernels

/// Squared Euclidean distances to a fixed set of points.
///
/// Sums of squared differences, in the order of the dimensions: equal points are at distance 0, and the bytes are
/// those of any number of threads and any instruction set. A difference costs as much again as the product that
/// a sum of products would, which would lose what is small between points far from the origin.
public struct PointDistances: Sendable {
  /// How many points.
  public let count: Int
  private let width: Int
  private let padded: Int
  /// `[padded / block, width, block]`.
  private let points: [Float]

  /// Queries whose distances are kept at a time.
  private static let queriesAtOnce = 32

  /// - Parameter points: `[count, width]`.
  public init(to points: [Float], width: Int) {
    let block = Int(CK_POINT_BLOCK)
    let count = width > 0 ? points.count / width : 0
    let padded = (count + block - 1) / block * block
    var blocks = [Float](repeating: 0, count: padded * width)
    for point in 0..<count {
      let first = point / block * block * width + point % block
      for column in 0..<width { blocks[first + column * block] = points[point * width + column] }
    }
    (self.count, self.width, self.padded, self.points) = (count, width, padded, blocks)
  }

  /// What `body` makes of each query's distances to all points, on the pool's threads.
  ///
  /// - Parameters:
  ///   - queries: `[n, width]`.
  ///   - body: Is told the number of the query, and its distances, which it may write to.
  public func map<Result: Sendable>(
    _ queries: [Float], pool: ThreadPool?,
    _ body: @Sendable (_ query: Int, _ distances: inout [Float]) -> Result
  ) -> [Result] {
    let rows = width > 0 ? queries.count / width : 0
    let each = Self.queriesAtOnce
    return [Result](unsafeUninitializedCapacity: rows) { memory, filled in
      // Each task writes results of its own.
      nonisolated(unsafe) let memory = memory
      ThreadPool.run((rows + each - 1) / each, on: pool) { task in
        let own = task * each..<min(rows, (task + 1) * each)
        let distances = [Float](unsafeUninitializedCapacity: own.count * padded) { to, filled in
          queries.withUnsafeBufferPointer { queries in
            guard let from = queries.baseAddress, let base = to.baseAddress else { return }
            ck_squared_distances(
              nil, own.count, padded, width, from + own.lowerBound * width, points, base)
          }
          filled = own.count * padded
        }
        for (index, query) in own.enumerated() {
          var row = Array(distances[index * padded..<index * padded + count])
          memory.initializeElement(at: query, to: body(query, &row))
        }
      }
      filled = rows
    }
  }
}
