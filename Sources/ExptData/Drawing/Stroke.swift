/// One movement of the pen: a smooth curve through points, which may turn sharply at some of them.
///
/// Between two points it is a cubic Bézier curve. Its directions at the points are those of
/// Catmull & Rom (half the way from the point before to the point after), or, at a corner or an
/// end, towards the neighbour.
///
/// Source: Catmull & Rom, "A class of local interpolating splines", 1974.
struct Stroke: Sendable {
  /// In a square of 100 × 100, y down.
  var points: [SIMD2<Float>]
  /// The points, counted from 0, at which the curve has a corner.
  var corners: Set<Int>

  /// - Parameter numbers: x and y of each point in turn.
  init(_ numbers: [Int], corners: Set<Int> = []) {
    points = stride(from: 0, to: numbers.count - 1, by: 2).map {
      SIMD2(Float(numbers[$0]), Float(numbers[$0 + 1]))
    }
    self.corners = corners
  }

  /// The curve as straight lines: `pieces` between two points.
  func flattened(_ points: [SIMD2<Float>], pieces: Int) -> [SIMD2<Float>] {
    guard var last = points.first else { return [] }
    var line = [last]
    line.reserveCapacity(1 + (points.count - 1) * pieces)
    for end in points.indices.dropFirst() {
      let arm = direction(points, at: end - 1, leaving: true) * (1.0 / 3)
      let otherArm = direction(points, at: end, leaving: false) * (1.0 / 3)
      let (a, b) = (last + arm, points[end] - otherArm)
      for piece in 1...pieces {
        let t = Float(piece) / Float(pieces)
        let s = 1 - t
        let outer = last * (s * s * s) + points[end] * (t * t * t)
        line.append(outer + (a * s + b * t) * (3 * s * t))
      }
      last = points[end]
    }
    return line
  }

  private func direction(
    _ points: [SIMD2<Float>], at index: Int, leaving: Bool
  ) -> SIMD2<Float> {
    let isSmooth = index > 0 && index < points.count - 1 && !corners.contains(index)
    if isSmooth { return (points[index + 1] - points[index - 1]) * 0.5 }
    return leaving ? points[index + 1] - points[index] : points[index] - points[index - 1]
  }
}
