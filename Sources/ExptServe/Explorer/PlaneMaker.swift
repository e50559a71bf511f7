import ExptComponents
import ExptFiles
import ExptInference
import ExptReport
import ExptTraining

/// A plane to look at latents in, and the way from a place in it back to a latent.
struct Plane: Sendable {
  enum View: String, Sendable, CaseIterable {
    /// Two numbers of the latent.
    case numbers = "dims"
    /// The two directions in which the latents vary most.
    case components = "pca"
    /// A map that keeps neighbours together; distances in it mean nothing.
    case map = "tsne"
  }

  var view: View
  /// `[count]`
  var points: [(x: Double, y: Double)]
  var axes: (x: String, y: String)
  /// The directions of both axes among the latents, `[width]` each; nil for a map, which has none.
  var directions: (x: [Double], y: [Double])?
  var mean: [Double]
  /// What must be known about it.
  var caption: String

  /// The latent at a place: `base` moved along the plane; in a map the mean of the five nearest images'
  /// latents, weighed by their nearness.
  ///
  /// - Parameter latents: Those of the points, `[count, width]`.
  func latent(at place: (x: Double, y: Double), from base: [Float], _ latents: [Float]) -> [Float] {
    guard let directions else { return between(place, latents, width: base.count) }
    let (dx, dy) = (place.x - along(directions.x, base), place.y - along(directions.y, base))
    return base.indices.map {
      Float(Double(base[$0]) + dx * directions.x[$0] + dy * directions.y[$0])
    }
  }

  /// Where a latent lies; nil in a map.
  func place(of latent: [Float]) -> (x: Double, y: Double)? {
    directions.map { (along($0.x, latent), along($0.y, latent)) }
  }

  /// The covariance of a Gaussian with these variances, seen in the plane: xx, xy, yy; nil in a map.
  func covariance(_ variances: [Float]) -> [Double]? {
    guard let directions, variances.count == directions.x.count else { return nil }
    func sum(_ a: [Double], _ b: [Double]) -> Double {
      variances.indices.reduce(0) { $0 + a[$1] * b[$1] * Double(variances[$1]) }
    }
    let (x, y) = directions
    return [sum(x, x), sum(x, y), sum(y, y)]
  }

  private func along(_ direction: [Double], _ latent: [Float]) -> Double {
    latent.indices.reduce(0) { $0 + direction[$1] * (Double(latent[$1]) - mean[$1]) }
  }

  private func between(
    _ place: (x: Double, y: Double), _ latents: [Float], width: Int
  ) -> [Float] {
    let nearest = points.indices.map { index -> (distance: Double, index: Int) in
      let (dx, dy) = (points[index].x - place.x, points[index].y - place.y)
      return (dx * dx + dy * dy, index)
    }.sorted { $0.distance == $1.distance ? $0.index < $1.index : $0.distance < $1.distance }
      .prefix(5)
    let weights = nearest.map { 1 / ($0.distance + 1e-9) }
    let whole = weights.reduce(0, +)
    return (0..<width).map { column in
      Float(
        zip(nearest, weights).reduce(0) {
          $0 + $1.1 / whole * Double(latents[$1.0.index * width + column])
        })
    }
  }
}

/// Makes planes of a model's latents, each once.
final class PlaneMaker {
  /// Points of a map: making one takes time by their square.
  static let mostMapped = 600

  private unowned let model: OpenModel
  private var made: [String: Plane] = [:]

  init(_ model: OpenModel) { self.model = model }

  /// - Parameters a, b: Numbers of the latent, for a plane of two numbers.
  func plane(_ view: Plane.View, a: Int, b: Int) throws(Refusal) -> Plane {
    let key = view == .numbers ? "\(a) \(b)" : view.rawValue
    if let plane = made[key] { return plane }
    let encodings = try model.examples().encodings
    let plane: Plane
    switch view {
    case .numbers: plane = try numbers(encodings, a, b)
    case .components: plane = try components(encodings)
    case .map: plane = try map(encodings)
    }
    made[key] = plane
    return plane
  }

  private func numbers(_ encodings: Encodings, _ a: Int, _ b: Int) throws(Refusal) -> Plane {
    let width = encodings.latent
    guard (0..<width).contains(a), (0..<width).contains(b), a != b else {
      throw .bad("the latents have the numbers 0 to \(width - 1), and a plane needs two of them")
    }
    let points = encodings.mean.chunked(width).map { row in
      (x: Double(row[row.startIndex + a]), y: Double(row[row.startIndex + b]))
    }
    func direction(_ number: Int) -> [Double] { (0..<width).map { $0 == number ? 1 : 0 } }
    return Plane(
      view: .numbers, points: points, axes: ("z\(a)", "z\(b)"),
      directions: (direction(a), direction(b)), mean: [Double](repeating: 0, count: width),
      caption: "Posterior means of \(points.count) held-out images.")
  }

  private func components(_ encodings: Encodings) throws(Refusal) -> Plane {
    guard
      let found = PrincipalComponents(
        encodings.mean, count: encodings.count, width: encodings.latent)
    else {
      throw Refusal(409, "the latents do not vary, and so have no principal components")
    }
    func percent(_ share: Double) -> String { Words.fixed(100 * share, 0) + " %" }
    return Plane(
      view: .components, points: found.points,
      axes: ("PC 1 (\(percent(found.shares.0)))", "PC 2 (\(percent(found.shares.1)))"),
      directions: found.directions, mean: found.mean,
      caption:
        "The two directions in which the posterior means of \(encodings.count) held-out images "
        + "vary most, with their share of the variance.")
  }

  private func map(_ encodings: Encodings) throws(Refusal) -> Plane {
    let count = min(encodings.count, Self.mostMapped)
    let width = encodings.latent
    guard
      let found = NeighbourMap(
        Array(encodings.mean.prefix(count * width)), count: count, width: width)
    else {
      throw Refusal(409, "a map needs at least 20 images whose latents differ")
    }
    return Plane(
      view: .map, points: found.points, axes: ("t-SNE 1", "t-SNE 2"), directions: nil,
      mean: [Double](repeating: 0, count: width),
      caption: "t-SNE of the posterior means of \(count) held-out images, perplexity "
        + "\(Words.fixed(found.perplexity, 0)): neighbours stay together; sizes of and distances "
        + "between groups mean nothing.")
  }
}
