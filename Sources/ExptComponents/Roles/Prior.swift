import ExptTensor

/// p(z), or p(z|c) under a condition: the distribution that latents are drawn from to generate examples,
/// and that the KL term pulls the posterior towards.
public protocol Prior: Component {
  /// - Throws: `BuildProblem` if it does not fit the latents, such as a Gaussian over choices.
  func distribution(in context: PriorContext) throws(BuildProblem) -> any Distribution
}

/// What a prior is made from.
public struct PriorContext {
  /// Where its parameters go: `prior.…`.
  public let scope: Scope
  /// Where the posterior's draws live; the prior must live there too.
  public let space: LatentSpace
  /// What is known about each example of the batch.
  public let batch: Batch
  /// The condition of each example, `[batch, n]`; nil without one.
  public let condition: Tensor?
  private let encode: (Batch) throws(BuildProblem) -> any Distribution

  /// - Parameter encode: The model's own posterior of other examples.
  public init(
    scope: Scope, space: LatentSpace, batch: Batch, condition: Tensor? = nil,
    encode: @escaping (Batch) throws(BuildProblem) -> any Distribution
  ) {
    self.scope = scope
    self.space = space
    self.batch = batch
    self.condition = condition
    self.encode = encode
  }

  /// The model's posterior of examples that the prior makes up, `[k, channels, height, width]`: the
  /// same in training and evaluation.
  ///
  /// - Parameter condition: Of each, `[k, n]`, as wide as the model's own.
  public func posterior(
    of examples: Tensor, condition: Tensor? = nil
  ) throws(BuildProblem) -> any Distribution {
    try scope.graph.evaluating { () throws(BuildProblem) in
      try encode(batch.with(examples, condition: condition))
    }
  }
}

extension Role where Value == any Prior {
  public static var prior: Self {
    Role(
      "prior", title: "prior", includes: { $0 is any Prior.Type }, cast: { $0 as? any Prior })
  }
}
