import ExptTensor

/// A mixture of Gaussians with independent dimensions: a learned prior, or with the posteriors of images
/// as components a VampPrior or the aggregate posterior.
///
///     log p(z) = log Σₖ πₖ N(z; μₖ, σₖ²)
///
/// There is no closed-form KL to it.
///
/// Shapes: `components` are K Gaussians, `[K, d]`, the same for all examples; `logits` `[K]`, nil for
/// equal weights, or `[batch, K]` for weights that differ from example to example.
public struct GaussianMixture: Distribution {
  public let components: DiagonalGaussian
  public let logits: Tensor?
  public let sources: Tensor?

  /// - Parameter sources: What the components are the posteriors of: see `Mixture`.
  public init(_ components: DiagonalGaussian, logits: Tensor? = nil, sources: Tensor? = nil) {
    precondition(
      logits.map { $0.shape.dimensions.last == components.batch && $0.shape.rank <= 2 } ?? true,
      "\(components.batch) components with weights \(logits?.shape ?? .scalar)")
    self.components = components
    self.logits = logits
    self.sources = sources
  }

  public var space: LatentSpace { components.space }
  private var count: Int { components.batch }

  /// A component for each draw, by its weight, and a draw from it. Gradients go to the component's
  /// mean and variance, not to the weights.
  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let noise = scope.graph.gumbel([batch * count, self.count], stream: "component")
    let chosen = (logits.map { noise + weighing($0, count) } ?? noise).argMaxPerExample()
    let values = DiagonalGaussian(
      mean: components.mean.gatheredRows(chosen),
      logVariance: components.logVariance.gatheredRows(chosen), stream: "prior"
    ).samples(in: scope)
    return Draw(values, logDensity: logDensity(values))
  }

  private func weighing(_ logits: Tensor, _ count: Int) -> Tensor {
    (logits.shape.rank == 1 ? logits : logits.repeatedExamples(count)).stopGradient()
  }

  public func logDensity(_ values: Tensor) -> Tensor? {
    guard logits != nil else {
      return componentLogDensity(values).logSumExp(along: 1)
        - Float(RepeatableMath.log(Double(count)))
    }
    return jointLogDensity(values).logSumExp(along: 1)
  }

  public func tempered(_ temperature: Float) -> (any Distribution)? {
    GaussianMixture(components.spread(by: temperature), logits: logits, sources: sources)
  }
}

extension GaussianMixture: Mixture {
  public func componentLogDensity(_ values: Tensor) -> Tensor {
    pairwiseGaussianLogDensity(
      values, mean: components.mean, logVariance: components.logVariance
    ).sum(along: 2)
  }

  public var logWeights: Tensor {
    guard let logits else {
      let weight = -Float(RepeatableMath.log(Double(count)))
      return components.mean.graph.constant(weight, [1, count])
    }
    return logits.reshaped([logits.shape.count / count, count]).logSoftmax(along: 1)
  }

  public var centres: Tensor? { components.mean }
}
