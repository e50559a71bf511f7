import ExptTensor

/// All probability on one point for each example: an autoencoder's code. It has no density, and so no KL.
public struct PointMass: Distribution {
  /// `[batch, width]`.
  public let point: Tensor
  public let space: LatentSpace

  /// - Parameter space: nil: a vector of as many numbers.
  public init(_ point: Tensor, space: LatentSpace? = nil) {
    precondition(point.shape.rank == 2, "points \(point.shape) are not rows")
    self.point = point
    self.space = space ?? .vector(point.shape[1])
  }

  public var expectation: Tensor? { point }

  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    Draw(point.repeatedExamples(count), logDensity: nil)
  }

  public func logDensity(_ values: Tensor) -> Tensor? { nil }
}
