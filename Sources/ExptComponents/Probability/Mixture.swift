import ExptTensor

/// A distribution of K components, p(z) = Σₖ πₖ pₖ(z): reports tell which are in use, and show them.
public protocol Mixture: Distribution {
  /// log pₖ(z) of every row under every component, without the weights: `[n, d]` to `[n, K]`.
  func componentLogDensity(_ values: Tensor) -> Tensor
  /// log πₖ: `[1, K]`, or `[batch, K]` for weights that differ from example to example.
  var logWeights: Tensor { get }
  /// A point amid each component, such as its mean: `[K, width]`; nil where there is none.
  var centres: Tensor? { get }
  /// What each component is the posterior of, `[K, channels, height, width]`; nil for another kind.
  var sources: Tensor? { get }
}

extension Mixture {
  /// log πₖ + log pₖ(z): `[n, K]`, whose `logSumExp` along K is the density.
  ///
  /// - Parameter values: As many draws of each example, in consecutive rows, where weights differ from
  ///   example to example.
  public func jointLogDensity(_ values: Tensor) -> Tensor {
    let weights = logWeights
    let (rows, sets, count) = (values.shape[0], weights.shape[0], weights.shape[1])
    let components = componentLogDensity(values)
    guard sets > 1 else { return components + weights.reshaped([count]) }
    return components + weights.repeatedExamples(rows / sets)
  }
}
