import ExptTensor

/// What the number that a likelihood gives an image is the negative logarithm of.
public enum Measure: String, Sendable, Hashable, CaseIterable {
  /// A probability, of discrete images: never negative, and comparable between all that have one.
  case probability
  /// A density, of images of real numbers: it depends on their units, and may be negative.
  case density
  /// Neither: a loss. Bounds on log p(x) mean nothing.
  case loss

  /// `a probability`, `a density`, `a loss`.
  public var words: String { "a \(rawValue)" }
}

extension Likelihood {
  /// The numbers of an image for bits per dimension, where it is a probability of 8-bit levels; else
  /// nil.
  ///
  /// - Parameter image: `[channels, height, width]`.
  public func dimensions(of image: Shape) -> Int? {
    measure == .probability && levels == 255 ? image.count : nil
  }
}

/// Nats of an image as bits of each of its numbers.
public func bitsPerDimension(_ nats: Double, dimensions: Int) -> Double {
  nats / (Double(max(1, dimensions)) * 0.693147180559945309)
}
