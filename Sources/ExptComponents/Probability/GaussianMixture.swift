import ExptTensor

/// A mixture of Gaussians with independent dimensions, the same for all examples: a learned prior, or
/// with the posteriors of images as components a VampPrior or the aggregate posterior.
///
///     log p(z) = log Σₖ πₖ N(z; μₖ, σₖ²)
///
/// There is no closed-form KL to it.
///
/// Shapes: `components` are K Gaussians, `[K, d]`; `logits` `[K]`, nil for equal weights.
public struct GaussianMixture: Distribution {
  public let components: DiagonalGaussian
  public let logits: Tensor?

  public init(_ components: DiagonalGaussian, logits: Tensor? = nil) {
    precondition(
      logits == nil || logits?.shape == [components.batch],
      "\(components.batch) components with weights \(logits?.shape ?? .scalar)")
    self.components = components
    self.logits = logits
  }

  public var space: LatentSpace { components.space }
  private var count: Int { components.batch }

  /// A component for each draw, by its weight, and a draw from it. Gradients go to the component's
  /// mean and variance, not to the weights.
  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let rows = batch * count
    let noise = scope.graph.gumbel([rows, self.count], stream: "component")
    let chosen = (logits.map { noise + $0.stopGradient() } ?? noise).argMaxPerExample()
    let values = DiagonalGaussian(
      mean: components.mean.gatheredRows(chosen),
      logVariance: components.logVariance.gatheredRows(chosen)
    ).samples(in: scope)
    return Draw(values, logDensity: logDensity(values))
  }

  public func logDensity(_ values: Tensor) -> Tensor? {
    let each = pairwiseGaussianLogDensity(
      values, mean: components.mean, logVariance: components.logVariance
    ).sum(along: 2)
    guard let logits else {
      return each.logSumExp(along: 1) - Float(RepeatableMath.log(Double(count)))
    }
    return (each + logits.reshaped([1, count]).logSoftmax(along: 1).reshaped([count]))
      .logSumExp(along: 1)
  }
}
