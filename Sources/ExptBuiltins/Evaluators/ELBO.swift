import ExptComponents

/// The evidence lower bound, what it is made of, and the tighter bound of importance weights.
///
///     elbo = −reconstruction − kl ≤ E log p(x),    importance_weighted_nll ≥ −E log p(x)
///
/// In nats per image; β and free bits do not enter, so that models compare. Of 8-bit images with a
/// likelihood that is a probability of them, also the last number in bits per dimension.
///
/// Sources: Kingma & Welling, "Auto-Encoding Variational Bayes", ICLR 2014; Burda, Grosse & Salakhutdinov,
/// "Importance Weighted Autoencoders", ICLR 2016, eq. 8.
public struct ELBO: Evaluator {
  public static let id = "elbo"
  public static let summary = "ELBO, reconstruction, KL and importance-weighted NLL, in nats."
  public static let direction = Direction.higherIsBetter
  public static let needs: Set<EvaluationNeed> = [.prior, .density]

  @Setting("Samples of the posterior for each image.", .within(1...1_000_000))
  public var samples: Int = 50
  @Setting("The seed of the noise.") public var seed: UInt64 = 0

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    try score(of: subject.likelihood(samples: samples, seed: seed))
  }

  /// What was measured, as this evaluator says it.
  ///
  /// - Throws: `EvaluationProblem` where there is no ELBO.
  public func score(of measured: Evaluation) throws(EvaluationProblem) -> Score {
    guard measured.likelihood.measure != .loss else {
      throw EvaluationProblem(measured.likelihood.remark ?? "the likelihood is a loss")
    }
    guard let variational = measured.variational else {
      throw EvaluationProblem("the posterior or the prior has no density, and so there is no ELBO")
    }
    let nll = variational.importanceWeightedNLL
    let bits = measured.likelihood.dimensions.map { dimensions in
      Score.Number(
        "bits_per_dimension",
        Estimate(
          mean: bitsPerDimension(nll.mean, dimensions: dimensions),
          standardError: nll.standardError.map { bitsPerDimension($0, dimensions: dimensions) }),
        unit: "bits")
    }
    return Score(
      [
        .init("elbo", variational.elbo, unit: "nats"),
        .init("reconstruction", measured.reconstruction, unit: "nats"),
        .init("kl", variational.kl, unit: "nats"),
        .init("importance_weighted_nll", nll, unit: "nats"),
      ] + (bits.map { [$0] } ?? []),
      method: "\(measured.samples) samples of the posterior for each image"
        + (measured.likelihood.remark.map { "; \($0)" } ?? ""))
  }
}
