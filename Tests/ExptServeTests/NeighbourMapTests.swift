import ExptTestSupport
import Foundation
import Testing

@testable import ExptServe

@Suite("The map of neighbours")
struct NeighbourMapTests {
  /// Three clouds in ten dimensions, one after another.
  private func clouds(each: Int) -> [Float] {
    var generator = SeededGenerator(3)
    return (0..<3).flatMap { cloud in
      (0..<each).flatMap { _ in
        (0..<10).map { column in
          Float(column == cloud ? 12 : 0) + Float.random(in: -1...1, using: &generator)
        }
      }
    }
  }

  @Test func `gives each point the perplexity asked for`() {
    let values = clouds(each: 20)
    let distances = NeighbourMap.squaredDistances(values, 60, 10)
    // Recomputed here with Foundation's functions: the joint affinities are symmetric and sum to 1.
    let joint = NeighbourMap.affinities(distances, 60, 10)
    #expect(abs(joint.reduce(0, +) - 1) < 1e-6)
    for i in 0..<60 {
      for j in 0..<60 { #expect(joint[i * 60 + j] == joint[j * 60 + i]) }
    }
    // Points of one cloud all stand alike, so that their entropies are about those of p(·|i).
    var first = (0..<60).map { joint[$0] }
    let sum = first.reduce(0, +)
    first = first.map { $0 / sum }
    let entropy = first.filter { $0 > 0 }.reduce(0) { $0 - $1 * log($1) }
    #expect(abs(exp(entropy) - 10) < 2.5, "\(exp(entropy))")
  }

  @Test func `keeps clouds apart, and is the same every time`() throws {
    let values = clouds(each: 30)
    let map = try #require(NeighbourMap(values, count: 90, width: 10, perplexity: 15))
    let again = try #require(NeighbourMap(values, count: 90, width: 10, perplexity: 15))
    #expect(map.points.elementsEqual(again.points) { $0 == $1 })
    // Every point's nearest other is of its own cloud.
    for (index, point) in map.points.enumerated() {
      let nearest = map.points.indices.filter { $0 != index }.min {
        distance(map.points[$0], point) < distance(map.points[$1], point)
      }
      #expect(nearest.map { $0 / 30 } == index / 30, "point \(index)")
    }
    #expect(map.divergence < 0.5, "\(map.divergence)")
  }

  private func distance(_ a: (x: Double, y: Double), _ b: (x: Double, y: Double)) -> Double {
    (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)
  }

  @Test func `is none for few points, or equal ones`() {
    #expect(NeighbourMap([Float](repeating: 0, count: 10), count: 10, width: 1) == nil)
    #expect(NeighbourMap([Float](repeating: 1, count: 60), count: 30, width: 2) == nil)
  }
}
