import ExptComponents
import ExptTensor

/// What the KL of the ELBO is made of, for Gaussian posteriors with independent dimensions.
///
///     E KL(q(z|x) ‖ p(z)) = I(x; z) + TC + Σⱼ KL(q(zⱼ) ‖ p(zⱼ))
///     mutual_information  = E[log q(z|x) − log q(z)]       what the latents tell about the image
///     total_correlation   = E[log q(z) − Σⱼ log q(zⱼ)]     how much the latents depend on each other
///     dimension_wise_kl   = E[Σⱼ log q(zⱼ) − log p(z)]     how far each is from the prior
///
/// q(z) is the aggregate posterior of all these images, each of them, not of minibatches; z is one draw from
/// the posterior of each image, `samples` times. The terms add up to the Monte-Carlo KL of the same draws,
/// which is `kl`. I is at most log N.
///
/// Source: Hoffman & Johnson, "ELBO surgery", NIPS workshop 2016; Chen et al., "Isolating Sources of
/// Disentanglement in VAEs", NeurIPS 2018, equation 2.
public struct ELBOTerms: Evaluator {
  public static let id = "elbo_terms"
  public static let summary = "Mutual information, total correlation and the rest of the KL."
  public static let direction = Direction.lowerIsBetter
  public static let needs: Set<EvaluationNeed> = [.numbers, .prior]

  @Setting("Draws from the posterior of each image.", .within(1...10_000)) public var samples: Int =
    1
  @Setting("The seed of the draws.") public var seed: UInt64 = 0

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let encodings = subject.encodings
    let posterior = try GaussianDraws(encodings, for: Self.id)
    let width = encodings.latent
    let aggregate = posterior.aggregate
    var terms = (information: Moments(), correlation: Moments(), rest: Moments(), kl: Moments())
    for sample in 0..<samples {
      let (draws, own) = posterior.draw(seed: seed, stream: Self.id, number: sample)
      guard let prior = subject.logPrior(draws), prior.count == encodings.count else {
        throw EvaluationProblem("'\(Self.id)' needs a prior that has a density")
      }
      let densities = aggregate.logDensities(draws, pool: subject.pool)
      for image in 0..<encodings.count {
        let row = densities[image * (width + 1)..<(image + 1) * (width + 1)]
        let (each, all) = (row.dropLast().reduce(0, +), row.last ?? 0)
        terms.information.add(own[image] - all)
        terms.correlation.add(all - each)
        terms.rest.add(each - prior[image])
        terms.kl.add(own[image] - prior[image])
      }
    }
    return Score(
      [
        .init("total_correlation", terms.correlation.estimate, unit: "nats"),
        .init("mutual_information", terms.information.estimate, unit: "nats"),
        .init("dimension_wise_kl", terms.rest.estimate, unit: "nats"),
        .init("kl", terms.kl.estimate, unit: "nats"),
      ],
      method:
        "the aggregate posterior of all \(encodings.count) images, \(samples) \(samples == 1 ? "draw" : "draws") of each"
    )
  }
}
