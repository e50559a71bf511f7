import ExptTensor

/// N(0, I): the plain prior.
public struct StandardNormal: Distribution {
  public let space: LatentSpace

  public init(_ space: LatentSpace) { self.space = space }

  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let values = scope.graph.normal([batch * count, space.width], stream: "prior")
    return Draw(values, logDensity: gaussianLogDensity(values))
  }

  public func logDensity(_ values: Tensor) -> Tensor? { gaussianLogDensity(values) }
}
