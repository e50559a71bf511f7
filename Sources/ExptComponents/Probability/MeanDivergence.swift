import ExptTensor

/// How the KL of a batch is computed.
public enum KLForm: String, NamedChoice {
  /// In closed form where there is one, else from samples.
  case auto
  case closedForm = "closed_form"
  case monteCarlo = "monte_carlo"
}

/// KL(q(z|x) ‖ p(z)) averaged over a batch, in nats.
public struct MeanDivergence {
  /// A scalar.
  public let value: Tensor
  /// In closed form, of each latent dimension where it splits: `[latent]`.
  public let perDimension: Tensor?

  public init(value: Tensor, perDimension: Tensor? = nil) {
    self.value = value
    self.perDimension = perDimension
  }
}

extension Distribution {
  /// KL(self ‖ prior), averaged over the batch.
  ///
  /// - Parameter draw: What it is estimated from, where there is no closed form.
  /// - Throws: `BuildProblem` where there is neither.
  public func meanDivergence(
    from prior: any Distribution, drawn draw: Draw, as form: KLForm = .auto
  ) throws(BuildProblem) -> MeanDivergence {
    let closed = divergence(from: prior)
    let perDimension = closed?.perDimension?.meanOverBatch()
    if form != .monteCarlo, let closed {
      return MeanDivergence(
        value: perDimension?.sum() ?? closed.perExample.mean(), perDimension: perDimension)
    }
    guard form != .closedForm else {
      throw BuildProblem(
        "there is no formula for the KL from this posterior to this prior",
        help: "write auto or monte_carlo", at: ["kl"])
    }
    guard let estimate = monteCarloDivergence(draw, from: prior) else {
      throw BuildProblem(
        "the KL needs densities, and the posterior or the prior has none", at: ["posterior"])
    }
    return MeanDivergence(value: estimate.mean(), perDimension: perDimension)
  }

  /// log q of draws with the distribution's parameters as constants, so that the encoder learns through
  /// the draws alone (the path derivative): `[batch · count]`.
  ///
  /// Source: Roeder, Wu & Duvenaud, "Sticking the Landing", NIPS 2017, arXiv 1703.09194, section 3.
  ///
  /// - Throws: `BuildProblem`, at `gradient`, where that is not possible.
  public func detachedLogDensity(_ values: Tensor) throws(BuildProblem) -> Tensor {
    guard let density = detached?.logDensity(values) else {
      throw BuildProblem(
        "this gradient needs the density of samples with the posterior's parameters held still, which "
          + "this posterior does not give",
        help: "write 'gradient: reparameterized', or choose a posterior such as gaussian",
        at: ["gradient"])
    }
    return density
  }
}
