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

  /// scikit-learn's affinities of the same points, and the divergence that its own exact descent reaches.
  @Test(.needs(.scikitLearn))
  func `has scikit-learn's affinities, and gets about as near to them`() throws {
    let values = clouds(each: 30)
    let printed = try Python.run(
      """
      import sys, numpy as np
      from scipy.spatial.distance import squareform
      from sklearn.manifold import TSNE
      from sklearn.manifold._t_sne import _joint_probabilities
      from sklearn.metrics import pairwise_distances
      points = np.array([float(x) for x in sys.argv[1].split(",")]).reshape(90, 10)
      distances = pairwise_distances(points, squared=True).astype(np.float32)
      joint = squareform(_joint_probabilities(distances, 15, 0))
      map = TSNE(method="exact", init="pca", perplexity=15, max_iter=1000, random_state=0).fit(points)
      print(map.kl_divergence_, *joint.ravel())
      """, [values.map { "\($0)" }.joined(separator: ",")])
    let theirs = printed.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    let distances = NeighbourMap.squaredDistances(values, 90, 10)
    let ours = NeighbourMap.affinities(distances, 90, 15)
    try #require(theirs.count == 1 + 90 * 90)
    for (index, pair) in zip(ours, theirs.dropFirst()).enumerated() where index % 91 != 0 {
      // Their search for σ stops at an entropy within 10⁻⁵, in Float.
      #expect(abs(pair.0 - pair.1) < 1e-6 + 1e-3 * pair.1, "\(index): \(pair)")
    }
    let map = try #require(NeighbourMap(values, count: 90, width: 10, perplexity: 15))
    #expect(map.divergence < 1.15 * theirs[0], "\(map.divergence), theirs \(theirs[0])")
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
