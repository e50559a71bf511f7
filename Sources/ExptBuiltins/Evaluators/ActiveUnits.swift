import ExptComponents

/// How many latent dimensions are in use: those whose posterior mean varies from image to image, and
/// those whose KL from the prior is more than next to nothing, where the KL splits.
///
/// Source: Burda, Grosse & Salakhutdinov, "Importance Weighted Autoencoders", ICLR 2016, section 5.2.
public struct ActiveUnits: Evaluator {
  public static let id = "active_units"
  public static let summary = "Latent dimensions that vary from image to image, or have a KL."
  public static let direction = Direction.higherIsBetter
  public static let needs: Set<EvaluationNeed> = [.numbers]

  @Setting("Variance of the posterior mean that makes a dimension active.", .atLeast(0))
  public var variance: Double = LatentDimension.activeVariance
  @Setting("KL in nats that makes a dimension informative.", .atLeast(0))
  public var kl: Double = LatentDimension.informativeKL

  public init() {}

  public func evaluate(_ subject: any EvaluationSubject) -> Score {
    let dimensions = subject.encodings.dimensions
    var numbers = [
      Score.Number("active_units", Double(dimensions.count { $0.variance > variance }))
    ]
    let divergences = dimensions.compactMap(\.kl)
    if !divergences.isEmpty {
      numbers.append(.init("informative_units", Double(divergences.count { $0 > kl })))
    }
    return Score(
      numbers,
      method:
        "of \(dimensions.count) dimensions: variance of the mean over \(variance), KL over \(kl) nats"
    )
  }
}
