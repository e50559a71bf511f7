import ExptTensor

/// The aggregate posterior q(z) = (1/N) Σₙ q(z|xₙ) of all N training examples, and the product of its
/// marginals, at draws of a batch's posteriors, estimated from the batch.
///
/// Both estimates are log Σⱼ Wᵢⱼ q(zᵢ|xⱼ) over the B examples of the batch, for the marginals in each
/// dimension on its own:
///
/// - `mws`, minibatch-weighted sampling: Wᵢⱼ = 1/(N·B). Its gradient does not depend on N. Its logarithms
///   are too small, the whole's and each marginal's: by log B nats where a latent is told from those of
///   all other images, up to log N where it is told from none.
/// - `mss`, minibatch stratified sampling, without bias for q(z): with M = B − 1, Wᵢⱼ is 1/N where j is the
///   example that zᵢ is drawn for (j = i), (N − M)/(N·M) for one other example, and 1/M for the rest, so
///   that each row sums to 1.
///
/// A batch of one example is its own aggregate.
///
/// Units: nats. Shapes: `[batch]` each.
///
/// Source: Chen, Li, Grosse & Duvenaud, "Isolating Sources of Disentanglement in Variational
/// Autoencoders", NeurIPS 2018, arXiv 1802.04942, appendix C.1 and C.2. (Its authors' code, and programs
/// that copy it, put 1/N into the first column instead of the diagonal.)
public struct AggregatePosterior {
  public enum Estimator: String, NamedChoice { case mws, mss }

  /// log q(zᵢ).
  public let logDensity: Tensor
  /// Σₖ log q(zᵢₖ).
  public let logProductOfMarginals: Tensor

  /// - Parameters:
  ///   - draws: One of each example, `[batch, d]`.
  ///   - trainingCount: N; nil, or fewer than the batch: the batch is all there is.
  /// - Throws: `BuildProblem`, at `posterior`, where dimensions depend on each other.
  public init(
    of draws: Tensor, under posterior: any Distribution, trainingCount: Int?,
    by estimator: Estimator
  ) throws(BuildProblem) {
    let (batch, width) = (draws.shape[0], draws.shape[1])
    let count = max(trainingCount ?? batch, batch)
    let weights =
      estimator == .mss ? Self.logStratifiedWeights(batch: batch, of: count) : nil
    guard let sums = posterior.aggregateLogDensity(draws, logWeights: weights) else {
      throw BuildProblem(
        "the terms need the posterior's density of each latent dimension on its own, which this "
          + "posterior does not give",
        help: "choose a posterior of independent dimensions, such as gaussian", at: ["posterior"])
    }
    let shift =
      estimator == .mws ? Float(RepeatableMath.log(Double(count) * Double(batch))) : 0
    logDensity = sums.columns(width..<width + 1).reshaped([batch]) - shift
    logProductOfMarginals = (sums.columns(0..<width) - shift).sumPerExample()
  }

  /// log W of stratified sampling, `[batch, batch]`, row by row.
  static func logStratifiedWeights(batch: Int, of count: Int) -> [Float] {
    if batch == 1 { return [0] }
    let (m, n) = (Double(batch - 1), Double(count))
    let own = Float(-RepeatableMath.log(n))
    let other = Float(RepeatableMath.log((n - m) / (n * m)))
    var weights = [Float](repeating: Float(-RepeatableMath.log(m)), count: batch * batch)
    for row in 0..<batch {
      weights[row * batch + row] = own
      weights[row * batch + (row + 1) % batch] = other
    }
    return weights
  }
}
