import ExptTensor

/// A distribution over latents for each example of a batch, while a graph is recorded: a posterior
/// q(z|x), or a prior p(z), which is the same for all.
///
/// Units: nats. Values are rows of `space.width` numbers; several draws of an example lie in
/// consecutive rows, `[batch · count, width]`, and so do their log densities, `[batch · count]`.
public protocol Distribution {
  var space: LatentSpace { get }

  /// `count` draws for each of `batch` examples, which gradients go through where they can, with their
  /// log density.
  ///
  /// - Parameter batch: The examples. A posterior knows them; a prior draws for as many.
  func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw

  /// log q of rows that were drawn elsewhere: `[batch · count, width]` to `[batch · count]`; nil for a
  /// distribution that has no density, or none that can be computed.
  func logDensity(_ values: Tensor) -> Tensor?

  /// The mean of each example, `[batch, width]`, of choices and switches their probabilities, on a sphere
  /// its direction; nil for a prior.
  var expectation: Tensor? { get }

  /// The other numbers that describe it, by the names they have in files: `log_variance`; the default is
  /// none. All are `[batch, n]`.
  var parameters: [(name: String, value: Tensor)] { get }

  /// KL(self ‖ prior) in closed form; nil if there is none, and draws must do.
  func divergence(from prior: any Distribution) -> Divergence?

  /// The same with its standard deviations times a factor, to sample at a temperature; nil for one that
  /// has none, which is the default.
  func tempered(_ temperature: Float) -> (any Distribution)?

  /// log q(z|x) − log p(z) of each of its own draws, whose mean estimates the KL: `[batch · count]`; nil
  /// if one of the two has no density.
  ///
  /// The default takes the two densities. A relaxed draw of choices has none that a prior over choices
  /// compares with, and is compared with the relaxed prior here.
  func monteCarloDivergence(_ draw: Draw, from prior: any Distribution) -> Tensor?

  /// The same distribution with its parameters as constants to the gradient, so that log q(z) is
  /// differentiated through z alone; nil, the default, where that is not possible.
  var detached: (any Distribution)? { get }

  /// log q(zᵢ|xⱼ) of each row i under the distribution of each example j, in each dimension on its own:
  /// `[n, width]` to `[n, batch, width]`; nil, the default, where dimensions depend on each other.
  func pairwiseLogDensity(_ values: Tensor) -> Tensor?

  /// log Σⱼ exp(wᵢⱼ)·q(zᵢ|xⱼ) of each row i over the distributions of all examples j: in each dimension on its own,
  /// then in all of them, `[n, width]` to `[n, width + 1]`; nil where dimensions depend on each other. The default
  /// takes `pairwiseLogDensity`.
  ///
  /// - Parameter logWeights: w, `[n, batch]`, row by row; nil: 0.
  func aggregateLogDensity(_ values: Tensor, logWeights: [Float]?) -> Tensor?

  /// Of each dimension of each example, `[batch, width]`; nil, the default, where dimensions depend
  /// on each other.
  var variance: Tensor? { get }
}

extension Distribution {
  public var detached: (any Distribution)? { nil }
  public func pairwiseLogDensity(_ values: Tensor) -> Tensor? { nil }
  public func aggregateLogDensity(_ values: Tensor, logWeights: [Float]?) -> Tensor? {
    pairwiseLogDensity(values).map { $0.aggregated(logWeights: logWeights) }
  }
  public var variance: Tensor? { nil }
  public var expectation: Tensor? { nil }
  public var parameters: [(name: String, value: Tensor)] { [] }
  public func divergence(from prior: any Distribution) -> Divergence? { nil }
  public func tempered(_ temperature: Float) -> (any Distribution)? { nil }
}

/// Draws from a distribution.
public struct Draw {
  /// `[batch · count, width]`, the draws of an example in consecutive rows.
  public let values: Tensor
  private let density: Later
  /// Of a relaxed draw, what its density is computed from: logarithms, or logits, of the values.
  let relaxed: Tensor?
  /// Of groups, the draw of each.
  let parts: [Draw]

  /// - Parameter logDensity: Recorded when it is first asked for.
  public init(_ values: Tensor, logDensity: @escaping @autoclosure () -> Tensor?) {
    self.init(values, relaxed: nil, logDensity: logDensity())
  }

  init(
    _ values: Tensor, relaxed: Tensor?, parts: [Draw] = [],
    logDensity: @escaping @autoclosure () -> Tensor?
  ) {
    self.values = values
    self.relaxed = relaxed
    self.parts = parts
    density = Later(logDensity)
  }

  /// log q of each, `[batch · count]`; nil if the distribution has no density, and for relaxed choices:
  /// see `Distribution.monteCarloDivergence`.
  public var logDensity: Tensor? { density.value }

  private final class Later {
    private let record: () -> Tensor?
    private(set) lazy var value = record()

    init(_ record: @escaping () -> Tensor?) { self.record = record }
  }
}

/// A KL in closed form, in nats.
public enum Divergence {
  /// Of each example and unit of the space (a dimension, a choice, a whole sphere): `[batch, n]`.
  case split(Tensor)
  /// Of each example, `[batch]`, where it does not split.
  case whole(Tensor)

  /// Of each example: `[batch]`.
  public var perExample: Tensor {
    switch self {
    case .split(let kl): kl.sumPerExample()
    case .whole(let kl): kl
    }
  }

  /// Of each example and unit: `[batch, n]`; nil if it does not split.
  public var perDimension: Tensor? {
    if case .split(let kl) = self { kl } else { nil }
  }
}

extension Distribution {
  public func monteCarloDivergence(_ draw: Draw, from prior: any Distribution) -> Tensor? {
    densityRatio(of: draw, from: prior)
  }

  /// log q − log p of draws by the two densities.
  func densityRatio(of draw: Draw, from prior: any Distribution) -> Tensor? {
    guard let own = draw.logDensity, let other = prior.logDensity(draw.values) else { return nil }
    return own - other
  }
}

extension Tensor {
  /// log Σⱼ exp(wᵢⱼ + x) of `[n, m, width]`: in each column on its own, then of the sum over the columns,
  /// `[n, width + 1]`.
  func aggregated(logWeights: [Float]?) -> Tensor {
    let (rows, others, width) = (shape[0], shape[1], shape[2])
    var (each, joint) = (self, sum(along: 2))
    if let logWeights {
      let spread = logWeights.flatMap { Array(repeating: $0, count: width) }
      each = each + graph.constant(spread, [rows, others, width])
      joint = joint + graph.constant(logWeights, [rows, others])
    }
    return concatenate(
      each.logSumExp(along: 1), joint.logSumExp(along: 1).reshaped([rows, 1]))
  }
}
