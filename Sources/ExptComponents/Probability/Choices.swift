import ExptTensor

/// `count` independent choices among `size` for each example, relaxed in training to points within the
/// simplex that gradients go through.
///
///     soft = softmax((logits + Gumbel noise) / τ)
///
/// In evaluation, and with `isHard`, a draw is the choice itself, one-hot; the gradient of a hard draw
/// is that of the soft one (straight through).
///
/// The KL in closed form is that of the choices. Where a bound weighs draws, soft ones are compared as
/// what they are: draws of a concrete distribution, against the prior's choices relaxed at the same τ.
/// Hard draws and those of evaluation have the probabilities of choices.
///
/// Shapes: `logits` `[batch, count · size]`; values alike.
///
/// Source: Jang, Gu & Poole, "Categorical Reparameterization with Gumbel-Softmax", ICLR 2017; Maddison,
/// Mnih & Teh, "The Concrete Distribution", ICLR 2017, appendix C.3.
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

  /// log π of each choice: `[batch, count, size]`.
  private var logShares: Tensor {
    logits.reshaped([batch, count, size]).logSoftmax(along: 2)
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
    let logarithms = (noisy / temperature).logSoftmax(along: 1)
    let soft = exp(logarithms)
    guard isHard else {
      return Draw(soft.reshaped(flat), relaxed: logarithms.reshaped(flat), logDensity: nil)
    }
    let hard = noisy.argMaxPerExample().oneHot(size).stopGradient()
    return whole((hard + (soft - soft.stopGradient())).reshaped(flat))
  }

  private func whole(_ values: Tensor) -> Draw { Draw(values, logDensity: logDensity(values)) }

  /// Σ value · log π: the log probability of choices, one-hot.
  public func logDensity(_ values: Tensor) -> Tensor? {
    let draws = values.shape[0] / batch
    let shares = logShares.reshaped(logits.shape).repeatedExamples(draws)
    return (values * shares).sumPerExample()
  }

  /// The density of the concrete distribution, of points within the simplex given by their logarithms y,
  /// `[batch · draws, count · size]` to `[batch · draws]`:
  ///
  ///     log (n − 1)! + (n − 1) log τ + Σ (log π − (τ + 1) y) − n log Σ exp(log π − τ y)
  ///
  /// of each choice, n its size. Source: Maddison, Mnih & Teh 2017, equation 10.
  public func relaxedLogDensity(logarithms: Tensor) -> Tensor {
    let factorial = (1..<size).reduce(0) { $0 + RepeatableMath.log(Double($1)) }
    return relaxedTerms(logarithms, logits: logShares) - logarithms.sumPerExample()
      + log(temperature) * Float((size - 1) * count) + Float(factorial * Double(count))
  }

  /// What of the density differs between distributions of one size and temperature.
  ///
  /// - Parameter logits: `[batch, count, size]`, or 0 of equal choices.
  private func relaxedTerms(_ logarithms: Tensor, logits: Tensor?) -> Tensor {
    let draws = logarithms.shape[0] / batch
    let cooled = logarithms * temperature
    let terms =
      logits.map { $0.reshaped(self.logits.shape).repeatedExamples(draws) - cooled } ?? -cooled
    let each = terms.reshaped([logarithms.shape[0], count, size])
    return each.flattened().sumPerExample()
      - each.logSumExp(along: 2).sumPerExample() * Float(size)
  }

  public func monteCarloDivergence(_ draw: Draw, from prior: any Distribution) -> Tensor? {
    guard let logarithms = draw.relaxed else {
      return densityRatio(of: draw, from: prior)
    }
    let own = relaxedTerms(logarithms, logits: logShares)
    switch prior {
    case let prior as UniformChoices where prior.space == space:
      return own - relaxedTerms(logarithms, logits: nil)
    case let prior as Choices where prior.space == space && prior.batch == batch:
      return own - relaxedTerms(logarithms, logits: prior.logShares)
    default: return nil
    }
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
    return .split((exp(own) * ratios).sum(along: 2))
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

/// Equal choices of codes by their numbers.
public struct UniformIndices: Distribution {
  private let grid: Shape
  private let size: Int

  public init(grid: Shape, size: Int) {
    precondition(size > 0, "codes among \(size)")
    self.grid = grid
    self.size = size
  }

  public var space: LatentSpace { .indices(grid, size: size) }

  public func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let share = scope.graph.uniform([batch * count, grid.count], stream: "prior")
    let values = floor(share * Float(size))
    return Draw(values, logDensity: logDensity(values))
  }

  public func logDensity(_ values: Tensor) -> Tensor? {
    values.graph.constant(
      -Float(grid.count) * Float(RepeatableMath.log(Double(size))), [values.shape[0]])
  }
}
