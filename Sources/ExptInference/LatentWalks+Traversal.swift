public import ExptComponents
import Foundation

/// Rows of latents, in each of which one thing moves: see `LatentWalks.traversal`.
public struct Traversal: Sendable {
  public struct Row: Sendable {
    /// What moves.
    public var dimension: LatentDimension
    /// On a sphere, the axis that it moves towards.
    public var axis: Int?
    public var latents: [[Float]]

    /// `3`, `digit`, `0 towards axis 2`.
    public var name: String {
      dimension.unit.name + (axis.map { " towards axis \($0)" } ?? "")
    }
  }

  public var rows: [Row]

  /// The longest row's latents.
  public var columns: Int { rows.map(\.latents.count).max() ?? 1 }

  /// All latents, row by row.
  public var latents: [Float] { rows.flatMap { $0.latents.flatMap(\.self) } }
  public var count: Int { rows.reduce(0) { $0 + $1.latents.count } }

  /// The images of `latents`, with blank ones behind those of shorter rows: for a grid of `columns`.
  public func filled(_ images: [Float], size: Int) -> [Float] {
    var place = 0
    return rows.flatMap { row -> [Float] in
      let own = images[place..<place + row.latents.count * size]
      place += own.count
      return own + [Float](repeating: 96 / 255, count: (columns - row.latents.count) * size)
    }
  }
}

extension LatentWalks {
  /// Most values of a choice that a row shows.
  public static let mostValues = 64

  /// `base` with one unit of the space after another moved:
  ///
  /// - A number takes `steps` values to either side of its centre.
  /// - A choice takes its values in turn (the first 64), a switch 0 and 1.
  /// - A sphere is walked through `base` along the great circles towards each axis, a row each, from −90°
  ///   to 90° in `steps`.
  ///
  /// - Parameters:
  ///   - base: A latent; choices in it are made, and directions normalised.
  ///   - range: How far each number goes to either side of its centre, in units of its spread.
  ///   - space: nil: numbers.
  ///   - course: The centre and the spread of a number; the default is its `course`.
  public static func traversal(
    of base: ArraySlice<Float>, along dimensions: [LatentDimension], range: Double, steps: Int,
    in space: LatentSpace? = nil,
    course: (LatentDimension) -> (centre: Double, spread: Double) = \.course
  ) -> Traversal {
    let base = (space ?? .vector(base.count)).points(nearest: Array(base))
    let steps = max(2, steps)
    // From −1 to 1.
    let places = (0..<steps).map { 2 * Double($0) / Double(steps - 1) - 1 }
    func with(_ values: [Float], at numbers: Range<Int>) -> [Float] {
      var latent = base
      latent.replaceSubrange(numbers, with: values)
      return latent
    }
    let rows = dimensions.flatMap { dimension -> [Traversal.Row] in
      let numbers = dimension.unit.numbers
      func row(_ values: [[Float]], axis: Int? = nil) -> Traversal.Row {
        Traversal.Row(
          dimension: dimension, axis: axis, latents: values.map { with($0, at: numbers) })
      }
      switch dimension.unit.kind {
      case .number:
        let (centre, spread) = course(dimension)
        return [row(places.map { [Float(centre + range * $0 * spread)] })]
      case .bit:
        return [row([[0], [1]])]
      case .choice:
        let values = (0..<min(numbers.count, mostValues)).map { value in
          numbers.indices.map { $0 - numbers.lowerBound == value ? Float(1) : 0 }
        }
        return [row(values)]
      case .code:
        return [row((0..<min(dimension.unit.size, mostValues)).map { [Float($0)] })]
      case .sphere:
        let point = Array(base[numbers])
        return point.indices.map { axis in
          row(places.map { turned(point, towards: axis, by: $0 * .pi / 2) }, axis: axis)
        }
      }
    }
    return Traversal(rows: rows)
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
