import ExptTensor

/// Independent distributions of several groups of latents, one after another: densities and KLs are
/// sums over the groups.
public struct GroupedDistribution: Distribution {
  public struct Part {
    public var name: String
    public var distribution: any Distribution

    public init(_ name: String, _ distribution: any Distribution) {
      self.name = name
      self.distribution = distribution
    }
  }

  public let parts: [Part]

  public init(_ parts: [Part]) {
    precondition(!parts.isEmpty, "no groups")
    self.parts = parts
  }

  public var space: LatentSpace {
    .groups(parts.map { LatentGroup($0.name, $0.distribution.space) })
  }

  public var expectation: Tensor? { joined(parts.map(\.distribution.expectation)) }

  /// Each under its group's name: `style_log_variance`.
  public var parameters: [(name: String, value: Tensor)] {
    parts.flatMap { part in
      part.distribution.parameters.map { ("\(part.name)_\($0.name)", $0.value) }
    }
  }

  /// Each group has noise of its own.
  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let draws = parts.map { part in
      scope.graph.within(part.name) { part.distribution.draw(count, batch: batch, in: scope) }
    }
    let values = draws.dropFirst().reduce(draws[0].values) { concatenate($0, $1.values) }
    return Draw(values, relaxed: nil, parts: draws, logDensity: total(draws.map(\.logDensity)))
  }

  public func logDensity(_ values: Tensor) -> Tensor? {
    let places = space.placedGroups
    return total(
      zip(parts, places).map { part, place in
        part.distribution.logDensity(values.columns(place.numbers))
      })
  }

  /// Of each unit where all groups split, else of the whole.
  public func divergence(from prior: any Distribution) -> Divergence? {
    guard let priors = priors(prior) else { return nil }
    var each: [Divergence] = []
    for (part, prior) in zip(parts, priors) {
      guard let divergence = part.distribution.divergence(from: prior) else { return nil }
      each.append(divergence)
    }
    if let split = joined(each.map(\.perDimension)) { return .split(split) }
    return total(each.map(\.perExample)).map(Divergence.whole)
  }

  public func monteCarloDivergence(_ draw: Draw, from prior: any Distribution) -> Tensor? {
    guard draw.parts.count == parts.count, let priors = priors(prior) else {
      return densityRatio(of: draw, from: prior)
    }
    return total(
      zip(parts, zip(draw.parts, priors)).map { part, other in
        part.distribution.monteCarloDivergence(other.0, from: other.1)
      })
  }

  /// The prior of each group; nil if it is not made of groups.
  private func priors(_ prior: any Distribution) -> [any Distribution]? {
    guard prior.space == space else { return nil }
    switch prior {
    case let prior as GroupedDistribution: return prior.parts.map(\.distribution)
    case is StandardNormal: return parts.map { StandardNormal($0.distribution.space) }
    default: return nil
    }
  }

  private func joined(_ tensors: [Tensor?]) -> Tensor? {
    let known = tensors.compactMap(\.self)
    guard known.count == tensors.count, let first = known.first else { return nil }
    return known.dropFirst().reduce(first) { concatenate($0, $1) }
  }

  private func total(_ tensors: [Tensor?]) -> Tensor? {
    let known = tensors.compactMap(\.self)
    guard known.count == tensors.count, let first = known.first else { return nil }
    return known.dropFirst().reduce(first) { $0 + $1 }
  }
}

extension LatentSpace {
  /// What is plain there: N(0, I) over numbers, equal probabilities elsewhere, of groups each its own.
  public var plainPrior: any Distribution {
    switch self {
    case .vector, .map: StandardNormal(self)
    case .sphere(let dimensions): UniformSphere(dimensions)
    case .codes(let count, let size): UniformChoices(count: count, size: size)
    case .bits(let dimensions): FairSwitches(dimensions)
    case .indices(let grid, let size): UniformIndices(grid: grid, size: size)
    case .groups(let parts):
      GroupedDistribution(parts.map { .init($0.name, $0.space.plainPrior) })
    }
  }
}
