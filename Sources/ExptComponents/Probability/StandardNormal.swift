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

extension StandardNormal {
  public func tempered(_ temperature: Float) -> (any Distribution)? {
    TemperedNormal(space: space, temperature: temperature)
  }
}

/// N(0, T²·I), T above 0.
private struct TemperedNormal: Distribution {
  let space: LatentSpace
  let temperature: Float

  func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let values = StandardNormal(space).draw(count, batch: batch, in: scope).values * temperature
    return Draw(values, logDensity: logDensity(values))
  }

  func logDensity(_ values: Tensor) -> Tensor? {
    let scale = Float(space.width) * Float(RepeatableMath.log(Double(temperature)))
    return gaussianLogDensity(values / temperature) - scale
  }
}
