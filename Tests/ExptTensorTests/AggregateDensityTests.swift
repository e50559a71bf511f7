import ExptTensor
import ExptTesting
import Foundation
import Testing

@Suite("The density under an aggregate of Gaussians")
struct AggregateDensityTests {
  /// The same in a Double loop.
  private func expected(
    _ points: [Float], _ mean: [Float], _ logVariance: [Float], _ width: Int
  ) -> [Double] {
    let (n, m) = (points.count / width, mean.count / width)
    return (0..<n).flatMap { i in
      (0...width).map { e in
        let dimensions = e == width ? 0..<width : e..<e + 1
        let logs = (0..<m).map { j in
          dimensions.reduce(0.0) { sum, d in
            let v = Double(logVariance[j * width + d])
            let distance = Double(points[i * width + d]) - Double(mean[j * width + d])
            return sum - 0.5 * (log(2 * .pi) + v + distance * distance / exp(v))
          }
        }
        let top = logs.max() ?? 0
        return top + log(logs.reduce(0) { $0 + exp($1 - top) }) - log(Double(m))
      }
    }
  }

  @Test(arguments: [(1, 1), (3, 16), (5, 37), (20, 1500)])
  func `is that of a Double loop, on every instruction set and any threads`(
    _ width: Int, _ count: Int
  ) throws {
    let points = TestNumbers.normal(9 * width, seed: 1)
    let mean = TestNumbers.normal(count * width, seed: 2).map { 2 * $0 }
    let logVariance = TestNumbers.normal(count * width, seed: 3).map { $0 - 1 }
    let wanted = expected(points, mean, logVariance, width)
    var seen: [[Double]] = []
    withEachInstructionSet { _ in
      for threads in [1, 3] {
        seen.append(
          AggregateDensity(mean: mean, logVariance: logVariance, width: width)
            .logDensities(points, pool: ThreadPool(threads: threads)))
      }
    }
    for found in seen {
      #expect(found == seen[0])
      for (a, b) in zip(found, wanted) { #expect(abs(a - b) < 2e-5 * max(1, abs(b)), "\(a) \(b)") }
    }
    #expect(seen[0].count == 9 * (width + 1))
  }

  /// Far from every Gaussian nothing overflows, and nothing is lost.
  @Test func `of far points is finite`() {
    let density = AggregateDensity(mean: [0, 1], logVariance: [0, 0], width: 1)
    let found = density.logDensities([1e4], pool: nil)
    #expect(abs(found[0] + 0.5 * 9999.0 * 9999.0) < 20, "\(found)")
  }
}
