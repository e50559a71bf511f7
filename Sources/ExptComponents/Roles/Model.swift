import ExptTensor

/// An autoencoder: how examples become latents and examples again, and what training minimises.
public protocol Model: Component {
  /// Encoder, decoder, likelihood and what goes with them: `@Group var parts = AutoencoderParts()`.
  var parts: AutoencoderParts { get }

  /// q(z|x) of a batch: a `PointMass` for an autoencoder's codes.
  func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution

  /// p(z), or p(z|c) of a batch's conditions; nil, the default, for a model with nothing to sample from.
  ///
  /// - Parameter space: Where the posterior lives.
  func prior(for batch: Batch, space: LatentSpace, in scope: Scope) throws(BuildProblem)
    -> (any Distribution)?

  /// The likelihood's parameters for latents, as `AutoencoderParts.decode`, which is the default.
  ///
  /// - Parameter latents: `[batch · samples, width]`, as distributions draw them.
  func decode(_ latents: Tensor, given batch: Batch, in scope: Scope) throws(BuildProblem) -> Tensor

  /// The loss of a batch and what it is made of, the same function in training and validation.
  func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms

  /// Whether it asks for labels or factors, so that the data are checked for them before it is built; the
  /// default is what its condition says.
  var needsAnnotations: Bool { get }

  /// Whether it can be trained on examples some of whose values are missing, which it then neither sees nor is
  /// asked for; the default is that it can, as `AutoencoderParts` leaves them out.
  var takesMissing: Bool { get }

  /// Checks what depends on how many examples a batch of training has; the default has nothing to check.
  ///
  /// - Throws: `BuildProblem` for what could never work, such as codes that must be used more often than
  ///   there are latents.
  func check(batchSize: Int, of data: DataFacts) throws(BuildProblem)

  /// The patterns that images are made of, where they are rows of one parameter; nil, the default, for a
  /// model without.
  var dictionary: PatternDictionary? { get }
}

/// A parameter whose rows are patterns in the shape of an image.
public struct PatternDictionary: Sendable {
  /// Its name: `dictionary`, of shape `[patterns, channels · height · width]`.
  public var parameter: String

  public init(parameter: String) { self.parameter = parameter }
}

extension Model {
  public var needsAnnotations: Bool { parts.condition.needsAnnotations }

  public func prior(for batch: Batch, space: LatentSpace, in scope: Scope) throws(BuildProblem)
    -> (any Distribution)?
  { nil }

  public func decode(_ latents: Tensor, given batch: Batch, in scope: Scope) throws(BuildProblem)
    -> Tensor
  { try parts.decode(latents, given: batch, in: scope) }

  public func check(batchSize: Int, of data: DataFacts) throws(BuildProblem) {}
  public var dictionary: PatternDictionary? { nil }
  public var takesMissing: Bool { true }
}

/// What `Model.loss` works with besides the batch.
public struct LossPass {
  public let scope: Scope

  public init(scope: Scope) { self.scope = scope }

  /// A weight of the objective at this step, a scalar that follows a schedule.
  ///
  ///     reconstruction + kl * pass.weight("beta", beta)
  ///
  /// While it moves, epochs are compared by the loss at the schedules' targets.
  ///
  /// - Parameters:
  ///   - name: Its column in `metrics.csv`: the setting's name.
  ///   - isShown: Whether it has a column.
  public func weight(_ name: String, _ schedule: any Schedule, isShown: Bool = true) -> Tensor {
    scope.graph.scalar(
      ScheduledScalar(name, schedule, isObjective: true, isShown: isShown))
  }
}

extension Scope {
  /// A number at this step that follows a schedule and is not a weight of the objective, such as a
  /// temperature.
  public func scalar(_ name: String, _ schedule: any Schedule) -> Tensor {
    graph.scalar(
      ScheduledScalar(child(name).path, schedule, isObjective: false, isShown: true))
  }
}

/// A batch's loss and its parts: scalars, in nats, summed over pixels or latents and averaged over
/// the batch.
public struct LossTerms {
  /// What training minimises.
  public var total: Tensor
  public var reconstruction: Tensor
  /// KL(q(z|x) ‖ p(z)), not weighted; nil for a model without one.
  public var kl: Tensor?
  /// The KL of each unit of the latents, averaged over the batch: `[n]`, for numbers `[latent]`.
  public var klPerDimension: Tensor?
  /// More columns for `metrics.csv`, by name.
  public var extra: [(name: String, value: Tensor)]
  /// The decoder's raw output for the images, `[batch, …]`.
  public var decoded: Tensor
  /// The losses of opponents, each trained in the same step by its own optimizer.
  public var opponents: [OpponentLoss]
  /// What is counted over an epoch, and makes more columns.
  public var tallies: [Tally]
  /// What parameters and state begin with where that follows from images.
  public var firstValues: [FirstValue]

  public init(
    total: Tensor, reconstruction: Tensor, kl: Tensor? = nil, klPerDimension: Tensor? = nil,
    extra: [(name: String, value: Tensor)] = [], decoded: Tensor, opponents: [OpponentLoss] = [],
    tallies: [Tally] = [], firstValues: [FirstValue] = []
  ) {
    self.total = total
    self.reconstruction = reconstruction
    self.kl = kl
    self.klPerDimension = klPerDimension
    self.extra = extra
    self.decoded = decoded
    self.opponents = opponents
    self.tallies = tallies
    self.firstValues = firstValues
  }
}

extension Role where Value == any Model {
  public static var model: Self {
    Role("model", title: "model", includes: { $0 is any Model.Type }, cast: { $0 as? any Model })
  }
}
