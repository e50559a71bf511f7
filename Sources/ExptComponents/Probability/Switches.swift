import ExptTensor

/// Independent switches for each example, on with probability σ(logit), relaxed in training to numbers
/// between 0 and 1 that gradients go through (the binary concrete distribution).
///
///     soft = σ((logit + log u − log(1 − u)) / τ)
///
/// In evaluation, and with `isHard`, a draw is 0 or 1; the gradient of a hard draw is that of the soft
/// one. Where a bound weighs draws, soft ones are compared as draws of the binary concrete distribution,
/// against the prior's switches relaxed at the same τ.
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

  public var space: LatentSpace { .bits(logits.shape[1]) }
  private var batch: Int { logits.shape[0] }
  public var expectation: Tensor? { sigmoid(logits) }

  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let wide = logits.repeatedExamples(count)
    // The difference of two Gumbel numbers has the logistic distribution.
    let noise =
      scope.graph.gumbel(wide.shape, stream: "on") - scope.graph.gumbel(wide.shape, stream: "off")
    let noisy = wide + noise
    guard scope.mode == .training else { return whole(step(noisy)) }
    let relaxed = noisy / temperature
    let soft = sigmoid(relaxed)
    guard isHard else { return Draw(soft, relaxed: relaxed, logDensity: nil) }
    return whole(step(noisy).stopGradient() + (soft - soft.stopGradient()))
  }

  private func whole(_ values: Tensor) -> Draw { Draw(values, logDensity: logDensity(values)) }

  /// Σ value · log σ(logit) + (1 − value) · log σ(−logit): of switches that are 0 or 1.
  public func logDensity(_ values: Tensor) -> Tensor? {
    let wide = logits.repeatedExamples(values.shape[0] / batch)
    return (values * logSigmoid(wide) + (1 - values) * logSigmoid(-wide)).sumPerExample()
  }

  /// The density of the logits y of relaxed switches, `[batch · draws, d]` to `[batch · draws]`:
  ///
  ///     Σ log τ + a − 2 log(1 + exp(a)),   a = logit − τ y
  ///
  /// Source: Maddison, Mnih & Teh 2017, equation 25.
  public func relaxedLogDensity(logits relaxed: Tensor) -> Tensor {
    relaxedTerms(relaxed, logits: logits) + log(temperature) * Float(logits.shape[1])
  }

  private func relaxedTerms(_ relaxed: Tensor, logits: Tensor?) -> Tensor {
    let cooled = relaxed * temperature
    let terms = logits.map { $0.repeatedExamples(relaxed.shape[0] / batch) - cooled } ?? -cooled
    return (terms + logSigmoid(-terms) * 2).sumPerExample()
  }

  public func monteCarloDivergence(_ draw: Draw, from prior: any Distribution) -> Tensor? {
    guard let relaxed = draw.relaxed else { return densityRatio(of: draw, from: prior) }
    let own = relaxedTerms(relaxed, logits: logits)
    switch prior {
    case let prior as FairSwitches where prior.space == space:
      return own - relaxedTerms(relaxed, logits: nil)
    case let prior as Switches where prior.logits.shape == logits.shape:
      return own - relaxedTerms(relaxed, logits: prior.logits)
    default: return nil
    }
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

  public var space: LatentSpace { .bits(dimensions) }

  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let values = step(scope.graph.uniform([batch * count, dimensions], stream: "prior") - 0.5)
    return Draw(values, logDensity: logDensity(values))
  }

  public func logDensity(_ values: Tensor) -> Tensor? {
    values.graph.constant(-Float(dimensions) * Float(RepeatableMath.log(2)), [values.shape[0]])
  }
}
