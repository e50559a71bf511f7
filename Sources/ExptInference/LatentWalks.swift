public import ExptComponents
import Foundation

/// Ways through the space of latents, as rows of latents to decode.
public enum LatentWalks {
  /// From `a` to `b` in equal steps, both included: `[steps, latent]`.
  ///
  /// - Parameter spherical: Along the arc instead of the chord, so that the length does not sag on
  ///   the way, as it does between samples of a high-dimensional Gaussian. Source: White, "Sampling
  ///   Generative Networks", 2016. Vectors that are parallel or nil go along the chord.
  public static func interpolation(
    from a: ArraySlice<Float>, to b: ArraySlice<Float>, steps: Int, spherical: Bool
  ) -> [Float] {
    precondition(a.count == b.count, "latents of \(a.count) and \(b.count) dimensions")
    let angle = spherical ? angle(a, b) : 0
    return (0..<max(2, steps)).flatMap { step in
      let t = Double(step) / Double(max(2, steps) - 1)
      let (first, second) =
        sin(angle) > 1e-6
        ? (sin((1 - t) * angle) / sin(angle), sin(t * angle) / sin(angle)) : (1 - t, t)
      return zip(a, b).map { Float(first * Double($0) + second * Double($1)) }
    }
  }

  private static func angle(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    func product(_ x: ArraySlice<Float>, _ y: ArraySlice<Float>) -> Double {
      zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let lengths = (product(a, a) * product(b, b)).squareRoot()
    guard lengths > 0 else { return 0 }
    return acos(max(-1, min(1, product(a, b) / lengths)))
  }

  /// `base` with one dimension after another set to `steps` values: `[dimensions · steps, latent]`.
  ///
  /// - Parameters:
  ///   - range: How far each goes to either side of its centre, in units of its spread.
  ///   - course: The centre and the spread of a dimension; the default is its `course`.
  public static func traversal(
    of base: ArraySlice<Float>, along dimensions: [LatentDimension], range: Double, steps: Int,
    course: (LatentDimension) -> (centre: Double, spread: Double) = \.course
  ) -> [Float] {
    dimensions.flatMap { dimension in
      let (centre, spread) = course(dimension)
      return (0..<max(2, steps)).flatMap { step in
        let t = range * (2 * Double(step) / Double(max(2, steps) - 1) - 1)
        var row = Array(base)
        row[dimension.number] = Float(centre + t * spread)
        return row
      }
    }
  }
}

extension LatentDimension {
  /// Where a traversal goes: around 0 in units of the prior's deviation, where that is N(0, I); else
  /// around the mean of the dimension, in units of its deviation over the images.
  public var course: (centre: Double, spread: Double) {
    isMeasuredByPrior ? (0, 1) : (mean, variance.squareRoot())
  }

  /// Whether the prior's deviation is a measure of it.
  public var isMeasuredByPrior: Bool { kl != nil && hasStandardPrior }
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
