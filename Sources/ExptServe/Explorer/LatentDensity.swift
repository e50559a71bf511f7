import ExptComponents

/// Whether latents are near those of images: where the aggregate posterior is thin, a decoder shows what it
/// was never trained on.
///
/// A latent is far out if its fifth nearest image is farther than that of 99 % of the images themselves.
struct LatentDensity {
  private static let neighbours = 5
  private static let most = 500

  private let points: [ArraySlice<Float>]
  /// A squared distance.
  private let threshold: Double

  /// Nil for fewer than 20 images, and where latents are no numbers.
  init?(_ encodings: Encodings) {
    guard encodings.count >= 20, encodings.space.isEuclidean else { return nil }
    let points = Array(encodings.mean.chunked(encodings.latent).prefix(Self.most))
    let own = points.indices.map { index in
      Self.distance(of: points[index], to: points, leavingOut: index)
    }.sorted()
    self.points = points
    threshold = own[min(own.count - 1, Int(0.99 * Double(own.count)))]
  }

  func isThin(at latent: ArraySlice<Float>) -> Bool {
    Self.distance(of: latent, to: points, leavingOut: nil) > threshold
  }

  /// The squared distance of the fifth nearest.
  private static func distance(
    of point: ArraySlice<Float>, to points: [ArraySlice<Float>], leavingOut own: Int?
  ) -> Double {
    var nearest: [Double] = []
    for (index, other) in points.enumerated() where index != own {
      let distance = squaredError(point, other)
      if nearest.count == neighbours, distance >= nearest[neighbours - 1] { continue }
      nearest.insert(distance, at: nearest.firstIndex { distance < $0 } ?? nearest.count)
      if nearest.count > neighbours { nearest.removeLast() }
    }
    return nearest.last ?? .infinity
  }
}
