import ExptComponents
import ExptTensor

/// The mutual information gap as the paper's own code estimates it: from samples of the posteriors, without
/// bins of latents.
///
///     mig_samples = (1/m) Σᵥ (I(z₁; v) − I(z₂; v)) / H(v),   I(z; v) = H(z) − Σₗ p(l)·H(z|l)
///
/// z is a sample of each image's posterior, a Gaussian with independent dimensions; each entropy is −mean log
/// q of those samples, q the mixture of the posteriors of all images, or of those with the factor's value l.
/// The rest is as in `mig`, whose number it is not: the two protocols have names of their own.
///
/// Source: Chen et al., "Isolating Sources of Disentanglement in VAEs", NeurIPS 2018, section 4.1 and appendix B.
public struct SampledMIG: Evaluator {
  public static let id = "mig_samples"
  public static let summary = "The mutual information gap, from samples of the posteriors."
  public static let direction = Direction.higherIsBetter
  public static let needs: Set<EvaluationNeed> = [.numbers, .factors]

  @Setting("Bins of a factor that takes more values than this.", .within(2...10_000))
  public var factorBins: Int = 40
  @Setting("The seed of the samples.") public var seed: UInt64 = 0

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) throws(EvaluationProblem) -> Score {
    let encodings = subject.encodings
    let factors = try FactorLevels(encodings.annotations, bins: factorBins).factors
    let posterior = try GaussianDraws(encodings, for: Self.id)
    let draws = posterior.draw(seed: seed, stream: Self.id).values
    func entropies(_ density: AggregateDensity, _ points: [Float]) -> [Double] {
      let densities = density.logDensities(points, pool: subject.pool)
      let line = posterior.width + 1
      return (0..<posterior.width).map { latent in
        var mean = Moments()
        for place in stride(from: latent, to: densities.count, by: line) {
          mean.add(densities[place])
        }
        return -mean.mean
      }
    }
    let whole = entropies(posterior.aggregate, draws)
    let numbers = MIG.gaps(factors, named: Self.id) { factor in
      var told = whole
      for images in factor.images where !images.isEmpty {
        let own = entropies(posterior.aggregate(of: images), posterior.rows(draws, images))
        let share = Double(images.count) / Double(encodings.count)
        for latent in told.indices { told[latent] -= share * own[latent] }
      }
      return told
    }
    return Score(
      numbers,
      method:
        "a sample of each posterior, by the mixture of those of all \(encodings.count) images, "
        + "divided by each factor's entropy")
  }
}
