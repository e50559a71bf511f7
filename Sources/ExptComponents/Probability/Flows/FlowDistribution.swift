import ExptTensor

/// The distribution of draws of a base distribution that have gone through a flow: a posterior richer
/// than a Gaussian, or a prior that is learned.
///
///     z = f(x),  x ~ base        log q(z) = log base(x) − log |det ∂f/∂x|
///
/// Draws know their density. The density of values drawn elsewhere needs f⁻¹ and is nil where a step
/// does not invert in closed form.
///
/// There is no closed-form KL to or from it.
///
/// Source: Rezende & Mohamed, "Variational Inference with Normalizing Flows", ICML 2015, equation 5.
public final class FlowDistribution: Distribution {
  public let base: any Distribution
  public let steps: [any FlowStep]
  public var space: LatentSpace { base.space }

  /// - Parameter steps: At least one: the base distribution alone is what it is.
  public init(_ base: any Distribution, through steps: [any FlowStep]) {
    precondition(!steps.isEmpty, "a flow without steps")
    self.base = base
    self.steps = steps
  }

  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let start = base.draw(count, batch: batch, in: scope)
    guard let end = steps.forward(start.values) else { return start }
    return Draw(end.rows, logDensity: start.logDensity.map { $0 - end.logDeterminant })
  }

  public func logDensity(_ values: Tensor) -> Tensor? {
    guard let start = steps.inverse(values) else { return nil }
    return base.logDensity(start.rows).map { $0 + start.logDeterminant }
  }

  /// The base's mean, through the flow: the median of each number where the flow is monotone, and not
  /// the mean of the draws, for which there is no formula. It is what encoding, traversing and
  /// reconstructing use.
  public var expectation: Tensor? { centre?.rows }

  /// The base's, and `log_determinant` of the flow at the base's mean, `[batch, 1]`: how much it
  /// stretches volume there, in nats.
  public var parameters: [(name: String, value: Tensor)] {
    base.parameters + (centre.map { [("log_determinant", $0.column)] } ?? [])
  }

  private lazy var centre: (rows: Tensor, column: Tensor)? = base.expectation.flatMap { mean in
    steps.forward(mean).map { ($0.rows, $0.logDeterminant.reshaped([mean.shape[0], 1])) }
  }
}
