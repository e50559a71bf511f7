import ExptTensor

/// `count` independent choices among `size` for each example, relaxed in training to points within the
/// simplex that gradients go through.
///
///     soft = softmax((logits + Gumbel noise) / τ)
///
/// In evaluation, and with `isHard`, a draw is the choice itself, one-hot; the gradient of a hard draw
/// is that of the soft one (straight through).
///
/// Shapes: `logits` `[batch, count · size]`; values alike.
///
/// Source: Jang, Gu & Poole, "Categorical Reparameterization with Gumbel-Softmax", ICLR 2017; Maddison,
/// Mnih & Teh, "The Concrete Distribution", ICLR 2017.
public struct Choices: Distribution {
  public let logits: Tensor
  private let count: Int
  private let size: Int
  /// τ, a scalar above 0.
  private let temperature: Tensor
  private let isHard: Bool

  public init(
    logits: Tensor, count: Int, size: Int, temperature: Tensor, isHard: Bool = false
  ) {
    precondition(
      logits.shape.rank == 2 && logits.shape[1] == count * size && size > 0,
      "logits \(logits.shape) of \(count) choices among \(size)")
    self.logits = logits
    self.count = count
    self.size = size
    self.temperature = temperature
    self.isHard = isHard
  }

  public var space: LatentSpace { .codes(count: count, size: size) }
  private var batch: Int { logits.shape[0] }

  /// log π of each choice: `[batch · count, size]`.
  private var logShares: Tensor {
    logits.reshaped([batch * count, size]).logSoftmax(along: 1)
  }

  /// The probabilities.
  public var expectation: Tensor? { exp(logShares).reshaped(logits.shape) }

  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let rows: Shape = [self.batch * count * self.count, size]
    let wide = logits.repeatedExamples(count).reshaped(rows)
    let noisy = wide + scope.graph.gumbel(rows, stream: "choice")
    let flat: Shape = [self.batch * count, self.count * size]
    guard scope.mode == .training else {
      return whole(noisy.argMaxPerExample().oneHot(size).reshaped(flat))
    }
    let soft = (noisy / temperature).softmax(along: 1)
    guard isHard else { return whole(soft.reshaped(flat)) }
    let hard = noisy.argMaxPerExample().oneHot(size)
    return whole((soft + (hard - soft).stopGradient()).reshaped(flat))
  }

  private func whole(_ values: Tensor) -> Draw { Draw(values, logDensity: logDensity(values)) }

  /// Σ value · log π: the log probability of a choice.
  public func logDensity(_ values: Tensor) -> Tensor? {
    let draws = values.shape[0] / batch
    let shares = logShares.reshaped(logits.shape).repeatedExamples(draws)
    return (values * shares).sumPerExample()
  }

  /// To equal choices: log size − H(π) for each choice; to other choices Σ π (log π − log π′).
  public func divergence(from prior: any Distribution) -> Divergence? {
    let own = logShares
    let ratios: Tensor
    switch prior {
    case let prior as UniformChoices where prior.space == space:
      ratios = own + Float(RepeatableMath.log(Double(size)))
    case let prior as Choices where prior.space == space && prior.batch == batch:
      ratios = own - prior.logShares
    default:
      return nil
    }
    return .split(
      (exp(own) * ratios).sumPerExample().reshaped([batch, count]))
  }
}

/// Equal choices: the plain prior of `Choices`.
public struct UniformChoices: Distribution {
  private let count: Int
  private let size: Int

  public init(count: Int, size: Int) {
    precondition(count >= 0 && size > 0, "\(count) choices among \(size)")
    self.count = count
    self.size = size
  }

  public var space: LatentSpace { .codes(count: count, size: size) }

  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let noise = scope.graph.gumbel([batch * count * self.count, size], stream: "prior")
    let values = noise.argMaxPerExample().oneHot(size)
      .reshaped([batch * count, self.count * size])
    return Draw(values, logDensity: logDensity(values))
  }

  public func logDensity(_ values: Tensor) -> Tensor? {
    values.graph.constant(
      -Float(count) * Float(RepeatableMath.log(Double(size))), [values.shape[0]])
  }
}
