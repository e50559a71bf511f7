import ExptTensor
import ExptTesting
import Testing

@Suite("Distances to points")
struct PointDistancesTests {
  @Test(arguments: [(1, 1), (3, 32), (20, 37), (7, 200)])
  func `are those of a Double loop, on every instruction set and any threads`(
    _ width: Int, _ count: Int
  ) {
    let queries = TestNumbers.normal(70 * width, seed: 1)
    let points = TestNumbers.normal(count * width, seed: 2)
    let wanted = (0..<70).map { i in
      (0..<count).map { j in
        (0..<width).reduce(0.0) { sum, e in
          let difference = Double(queries[i * width + e]) - Double(points[j * width + e])
          return sum + difference * difference
        }
      }
    }
    var seen: [[[Float]]] = []
    withEachInstructionSet { _ in
      for threads in [1, 3] {
        seen.append(
          PointDistances(to: points, width: width)
            .map(queries, pool: ThreadPool(threads: threads)) { _, distances in distances })
      }
    }
    for found in seen {
      #expect(found == seen[0])
      for (row, exact) in zip(found, wanted) {
        #expect(row.count == count)
        for (a, b) in zip(row, exact) { #expect(abs(Double(a) - b) <= 1e-6 * b, "\(a) \(b)") }
      }
    }
  }

  /// Where a product of matrices would leave what rounding makes of numbers near a million.
  @Test func `of equal points far away are 0`() {
    let points: [Float] = [1000.25, -999.5, 3, 1000.25, -999.5, 3.5]
    let found = PointDistances(to: points, width: 3).map(points, pool: nil) { query, row in
      (query, row)
    }
    #expect(found.map(\.0) == [0, 1] && found.map(\.1) == [[0, 0.25], [0.25, 0]])
  }

  @Test func `to no points are none`() {
    let nothing = PointDistances(to: [], width: 2)
    #expect(nothing.count == 0)
    #expect(nothing.map([1, 2], pool: nil) { _, row in row } == [[]])
    #expect(PointDistances(to: [1, 2], width: 2).map([], pool: nil) { _, row in row } == [])
  }
}
