public import ExptComponents
import Foundation

/// Ways through the space of latents, as rows of latents to decode.
public enum LatentWalks {
  /// From `a` to `b` in steps, both included: `[steps, width]`. All latents on the way are points of the
  /// space:
  ///
  /// - Numbers go in equal steps along the chord, or the arc.
  /// - A sphere is crossed along a great circle.
  /// - Choices and switches that differ change one after another, at equal distances, each at once.
  /// - Groups go their own ways side by side.
  ///
  /// - Parameters:
  ///   - space: nil: numbers.
  ///   - spherical: Numbers go along the arc instead of the chord, so that the length does not sag on
  ///     the way, as it does between samples of a high-dimensional Gaussian. Source: White, "Sampling
  ///     Generative Networks", 2016. Vectors that are parallel or nil go along the chord.
  public static func interpolation(
    from a: ArraySlice<Float>, to b: ArraySlice<Float>, steps: Int, spherical: Bool,
    in space: LatentSpace? = nil
  ) -> [Float] {
    precondition(a.count == b.count, "latents of \(a.count) and \(b.count) dimensions")
    let steps = max(2, steps)
    let space = space ?? .vector(a.count)
    let (start, end) = (space.points(nearest: Array(a)), space.points(nearest: Array(b)))
    return (0..<steps).flatMap { step in
      between(start, end, Double(step) / Double(steps - 1), in: space, spherical: spherical)
    }
  }

  /// `size` × `size` latents over a parallelogram, corners included, row by row from the upper left:
  /// `[size², width]`.
  ///
  /// - Parameters:
  ///   - corners: The upper left, the upper right and the lower left latent, `[width]` each.
  ///   - space: Each latent is the nearest point of it.
  public static func grid(
    _ corners: (ArraySlice<Float>, ArraySlice<Float>, ArraySlice<Float>), size: Int,
    in space: LatentSpace
  ) -> [Float] {
    let steps = Double(max(1, size - 1))
    let (start, right, down) = (corners.0, corners.1, corners.2)
    return space.points(
      nearest: (0..<size * size).flatMap { place -> [Float] in
        let (column, row) = (Double(place % size) / steps, Double(place / size) / steps)
        return zip(start, zip(right, down)).map { start, ends in
          let start = Double(start)
          return Float(start + column * (Double(ends.0) - start) + row * (Double(ends.1) - start))
        }
      })
  }

  /// The latent at `t` of the way, from 0 to 1.
  private static func between(
    _ a: [Float], _ b: [Float], _ t: Double, in space: LatentSpace, spherical: Bool
  ) -> [Float] {
    switch space {
    case .vector, .map:
      return along(a, b, t, angle: spherical ? angle(a[...], b[...]) : 0)
    case .sphere:
      return onSphere(a, b, t)
    case .codes, .bits, .indices:
      let differing = space.units.filter { a[$0.numbers] != b[$0.numbers] }
      // Half-way between two changes a latent stands for its step.
      let changed = Int((t * Double(differing.count)).rounded())
      var latent = a
      for unit in differing.prefix(changed) {
        latent.replaceSubrange(unit.numbers, with: b[unit.numbers])
      }
      return latent
    case .groups:
      return space.placedGroups.flatMap { group, numbers in
        between(
          Array(a[numbers]), Array(b[numbers]), t, in: group.space, spherical: spherical)
      }
    }
  }

  private static func along(_ a: [Float], _ b: [Float], _ t: Double, angle: Double) -> [Float] {
    let (first, second) =
      sin(angle) > 1e-6
      ? (sin((1 - t) * angle) / sin(angle), sin(t * angle) / sin(angle)) : (1 - t, t)
    return zip(a, b).map { Float(first * Double($0) + second * Double($1)) }
  }

  /// Between opposite poles, which many great circles join, over an axis that is far from both.
  private static func onSphere(_ a: [Float], _ b: [Float], _ t: Double) -> [Float] {
    let angle = angle(a[...], b[...])
    if angle < .pi - 1e-4 { return normalized(along(a, b, t, angle: angle)) }
    let axis = a.indices.min { abs(a[$0]) < abs(a[$1]) } ?? 0
    let half = turned(a, towards: axis, by: .pi / 2)
    return t < 0.5 ? onSphere(a, half, 2 * t) : onSphere(half, b, 2 * t - 1)
  }

  private static func normalized(_ point: [Float]) -> [Float] {
    LatentSpace.sphere(point.count).points(nearest: point)
  }

  private static func angle(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    func product(_ x: ArraySlice<Float>, _ y: ArraySlice<Float>) -> Double {
      zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let lengths = (product(a, a) * product(b, b)).squareRoot()
    guard lengths > 0 else { return 0 }
    return acos(max(-1, min(1, product(a, b) / lengths)))
  }

  /// A point of the sphere, moved by an angle along the great circle that leads to an axis. (From the axis
  /// itself, along the one to the next.)
  static func turned(_ point: [Float], towards axis: Int, by angle: Double) -> [Float] {
    var target = [Double](repeating: 0, count: point.count)
    target[axis] = 1
    let share = Double(point[axis])
    var across = zip(target, point).map { $0 - share * Double($1) }
    var length = across.reduce(0) { $0 + $1 * $1 }.squareRoot()
    if length < 1e-6 {
      across = [Double](repeating: 0, count: point.count)
      across[(axis + 1) % point.count] = 1
      length = 1
    }
    return normalized(
      zip(point, across).map { Float(cos(angle) * Double($0) + sin(angle) * $1 / length) })
  }
}

extension [LatentDimension] {
  /// By KL, for codes by variance, the highest first; the lower number where equal.
  public var byImportance: [LatentDimension] {
    sorted { a, b in
      let (first, second) = (a.kl ?? a.variance, b.kl ?? b.variance)
      return first == second ? a.number < b.number : first > second
    }
  }
}
