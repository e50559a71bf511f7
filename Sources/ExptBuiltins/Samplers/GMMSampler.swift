import ExptComponents
import ExptTensor

/// A mixture of normal distributions, fitted by expectation maximisation.
///
///     p(z) = Σ wₖ N(z; μₖ, Lₖ·Lₖᵀ)
///
/// It begins at centres that k-means++ chooses, each with the latents nearest to it, and ends once the
/// mean log-likelihood of a latent gains less than `tolerance` nats, or after `iterations`.
///
/// Shapes of what is kept: `weights` `[k]`; `means` `[k, d]`; `factors` `[k, d, d]`, L of each, or
/// `[k, d]` where they are diagonal.
///
/// Sources: Dempster, Laird & Rubin, "Maximum likelihood from incomplete data via the EM algorithm", 1977;
/// Arthur & Vassilvitskii, "k-means++", SODA 2007. Ghosh et al., ICLR 2020, fit 10 components.
public struct GMMSampler: Sampler {
  public static let id = "gmm"
  public static let summary = "A mixture of normal distributions, fitted by EM."

  @Setting("Number of components.", .within(1...10_000)) public var components: Int = 10
  @Setting("The covariance of each component: full, or diagonal for independent numbers.")
  public var covariance: Covariance = .full
  @Setting("Added to each variance.", .within(0...1e6)) public var floor: Double = 1e-6
  @Setting("Largest number of EM steps.", .within(1...100_000)) public var iterations: Int = 100
  @Setting("Stop when a step gains less than this, in nats per latent.", .within(0...1e6))
  public var tolerance: Double = 1e-3
  @Setting("The seed of the first centres.") public var seed: UInt64 = 0

  public init() {}

  public func fit(_ latents: FittingData) throws(SamplerProblem) -> FittedArrays {
    try latents.checkNumbers(
      atLeast: 2 * components, for: "a mixture of \(components) normal distributions")
    let width = latents.width
    let start = NormalMixture(
      latents.values.map(Double.init), width: width, components: components,
      covariance: covariance, floor: floor, seed: seed)
    guard var mixture = start else { throw .singular }
    var likelihood = -Double.infinity
    for _ in 0..<iterations {
      let shares = mixture.expect()
      if shares.likelihood - likelihood < tolerance { break }
      likelihood = shares.likelihood
      guard mixture.maximise(shares.values) else { throw .singular }
    }
    return FittedArrays([
      .init("weights", [components], mixture.weights.map(Float.init)),
      .init("means", [components, width], mixture.parts.flatMap(\.mean).map(Float.init)),
      .init("factors", factorsShape(width), mixture.parts.flatMap(\.factor).map(Float.init)),
    ])
  }

  public func draw(
    _ count: Int, from fitted: FittedArrays, width: Int, seed: UInt64
  ) throws(SamplerProblem) -> [Float] {
    let weights = try fitted.values("weights", [components])
    let means = try fitted.values("means", [components, width])
    let factors = try fitted.values("factors", factorsShape(width))
    let noise = samplerNoise(count * width, seed: seed)
    let size = factors.count / components
    return (0..<count).flatMap { row in
      var random = RandomSequence(
        seed: seed, stream: Random.stream("sampler/component"), position: UInt64(row))
      let part = choose(weights, random.fraction())
      return normalDraw(
        mean: means[part * width..<(part + 1) * width],
        factor: factors[part * size..<(part + 1) * size],
        noise: noise[row * width..<(row + 1) * width])
    }
  }

  /// Of each component; the weights stay, as those of a prior that is a mixture.
  public func tempered(_ fitted: FittedArrays, by temperature: Float) -> FittedArrays? {
    fitted.scaling("factors", by: temperature)
  }

  /// The part whose share of the whole weight a fraction in [0, 1) falls into.
  private func choose(_ weights: [Float], _ fraction: Float) -> Int {
    let target = Double(fraction) * weights.reduce(0) { $0 + Double($1) }
    var sum = 0.0
    for (part, weight) in weights.enumerated() {
      sum += Double(weight)
      if target < sum { return part }
    }
    return weights.count - 1
  }

  private func factorsShape(_ width: Int) -> [Int] {
    covariance == .full ? [components, width, width] : [components, width]
  }
}
