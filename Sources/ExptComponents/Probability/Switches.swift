import ExptTensor

/// Independent switches for each example, on with probability σ(logit), relaxed in training to numbers
/// between 0 and 1 that gradients go through (the binary concrete distribution).
///
///     soft = σ((logit + log u − log(1 − u)) / τ)
///
/// In evaluation, and with `isHard`, a draw is 0 or 1; the gradient of a hard draw is that of the soft
/// one.
///
/// Shapes: `logits` `[batch, d]`; values alike.
///
/// Source: Maddison, Mnih & Teh, "The Concrete Distribution", ICLR 2017, appendix B.
public struct Switches: Distribution {
  public let logits: Tensor
  /// τ, a scalar above 0.
  private let temperature: Tensor
  private let isHard: Bool

  public init(logits: Tensor, temperature: Tensor, isHard: Bool = false) {
    precondition(logits.shape.rank == 2, "logits \(logits.shape) are not [batch, d]")
    self.logits = logits
    self.temperature = temperature
    self.isHard = isHard
  }

  public var space: LatentSpace { .vector(logits.shape[1]) }
  private var batch: Int { logits.shape[0] }
  public var expectation: Tensor? { sigmoid(logits) }

  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let wide = logits.repeatedExamples(count)
    // The difference of two Gumbel numbers has the logistic distribution.
    let noise =
      scope.graph.gumbel(wide.shape, stream: "on") - scope.graph.gumbel(wide.shape, stream: "off")
    let noisy = wide + noise
    let hard = step(noisy)
    guard scope.mode == .training else { return Draw(hard, logDensity: logDensity(hard)) }
    let soft = sigmoid(noisy / temperature)
    let values = isHard ? soft + (hard - soft).stopGradient() : soft
    return Draw(values, logDensity: logDensity(values))
  }

  /// Σ value · log σ(logit) + (1 − value) · log σ(−logit).
  public func logDensity(_ values: Tensor) -> Tensor? {
    let wide = logits.repeatedExamples(values.shape[0] / batch)
    return (values * logSigmoid(wide) + (1 - values) * logSigmoid(-wide)).sumPerExample()
  }

  /// To fair switches: log 2 − H; to other switches Σ p (log p − log p′).
  public func divergence(from prior: any Distribution) -> Divergence? {
    let (on, off) = (logSigmoid(logits), logSigmoid(-logits))
    let share = sigmoid(logits)
    switch prior {
    case let prior as FairSwitches where prior.space == space:
      return .split(
        share * on + (1 - share) * off + Float(RepeatableMath.log(2)))
    case let prior as Switches where prior.logits.shape == logits.shape:
      return .split(
        share * (on - logSigmoid(prior.logits))
          + (1 - share) * (off - logSigmoid(-prior.logits)))
    default:
      return nil
    }
  }
}

/// Fair switches: the plain prior of `Switches`.
public struct FairSwitches: Distribution {
  private let dimensions: Int

  public init(_ dimensions: Int) { self.dimensions = dimensions }

  public var space: LatentSpace { .vector(dimensions) }

  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let values = step(scope.graph.uniform([batch * count, dimensions], stream: "prior") - 0.5)
    return Draw(values, logDensity: logDensity(values))
  }

  public func logDensity(_ values: Tensor) -> Tensor? {
    values.graph.constant(-Float(dimensions) * Float(RepeatableMath.log(2)), [values.shape[0]])
  }
}
