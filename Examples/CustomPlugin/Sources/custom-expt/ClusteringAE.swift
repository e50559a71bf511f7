import ExptComponents
import ExptTensor

/// An autoencoder whose codes gather around K centres (improved deep embedded clustering).
///
///     loss = −log p(x|z) + weight · KL(P ‖ Q)
///     qₖ ∝ 1 / (1 + ‖z − μₖ‖²),        pₖ ∝ qₖ² / fₖ
///
/// Q says softly which centre a code belongs to; P, a constant to the gradient, is surer of it, and holds
/// back centres that have many codes. The shares fₖ are moving averages of the qₖ, and so is the mean squared
/// distance s² of a coordinate from its centre: state, which follows without a gradient, is kept in
/// checkpoints and still in evaluation. The centres begin at codes of the first images. The prior is the
/// mixture Σ fₖ N(μₖ, s²).
///
/// Units: nats per image; `clustering` is the KL. `clusters` is exp of the entropy of the clusters' shares
/// over the images of an epoch: their number if all are alike.
///
/// Source: Guo et al., "Improved Deep Embedded Clustering with Local Structure Preservation", IJCAI 2017;
/// it computes f over all images every few steps, in place of moving averages.
struct ClusteringAE: Model {
  static let id = "clustering_ae"
  static let summary = "Autoencoder whose codes gather around centres."
  static let exampleSettings = "{ latent: 4, clusters: 3 }"

  @Group var parts = AutoencoderParts()
  @Setting("Centres K.", .within(2...10_000)) var clusters: Int = 10
  @Setting("Weight of the clustering term.", .atLeast(0)) var weight: Float = 1
  @Setting("Decay of the moving averages.", .within(0...1)) var decay: Float = 0.99

  func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    PointMass(try parts.head(parts.latent, of: batch, in: scope))
  }

  func prior(for batch: Batch, space: LatentSpace, in scope: Scope) -> (any Distribution)? {
    let centres = Centres(clusters, parts.latent, in: scope)
    let spread = scope.graph.constant(1, centres.mean.shape) * log(centres.spread)
    return GaussianMixture(
      DiagonalGaussian(mean: centres.mean, logVariance: spread), logits: log(centres.shares))
  }

  func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let code = try parts.head(parts.latent, of: batch, in: scope)
    let decoded = try decode(code, given: batch, in: scope)
    let reconstruction = parts.negativeLogLikelihood(decoded, of: batch, in: scope).mean()

    let centres = Centres(clusters, parts.latent, in: scope)
    let distances = centres.distances(from: code)
    let logQ = (-log1p(distances)).logSoftmax(along: 1)
    let logP = (logQ * 2 - log(centres.shares)).logSoftmax(along: 1).stopGradient()
    let clustering = (exp(logP) * (logP - logQ)).sumPerExample().mean()
    let q = exp(logQ).stopGradient()
    centres.follow(q, distances, decay: decay)
    return LossTerms(
      total: reconstruction + clustering * weight, reconstruction: reconstruction,
      extra: [("clustering", clustering)], decoded: decoded,
      tallies: [
        Tally(
          "clusters", q.sumOverBatch(),
          columns: [.init("clusters") { sums, _ in Tally.perplexity(sums) }])
      ],
      firstValues: batch.count >= clusters
        ? [FirstValue("centres.mean", code.rows(0..<clusters))] : [])
  }
}

/// The centres `[K, latent]`, a parameter, and what follows the codes around them.
private struct Centres {
  let mean: Tensor
  /// fₖ, `[K]`, and s², a scalar: state.
  let shares: Tensor
  let spread: Tensor
  private let scope: Scope

  init(_ count: Int, _ width: Int, in scope: Scope) {
    self.scope = scope.child("centres")
    mean = self.scope.parameter("mean", [count, width], .normal(deviation: 1))
    shares = self.scope.state("shares", [count], .constant(1 / Float(count)))
    spread = self.scope.state("spread", .scalar, .ones)
  }

  /// ‖z − μₖ‖² of each code and centre: `[batch, K]`, 2·σ² times what a Gaussian's exponent is.
  func distances(from codes: Tensor) -> Tensor {
    let logVariance = mean.graph.constant(0, mean.shape)
    let densities = pairwiseGaussianLogDensity(codes, mean: mean, logVariance: logVariance)
      .sum(along: 2)
    let constant = Float(mean.shape[1]) * Float(RepeatableMath.log(2 * Double.pi))
    return clamp(densities * -2 - constant, 0...Float.greatestFiniteMagnitude)
  }

  func follow(_ q: Tensor, _ distances: Tensor, decay: Float) {
    scope.move(shares, to: shares * decay + q.meanOverBatch() * (1 - decay))
    let within = (q * distances).sumPerExample().mean() / Float(mean.shape[1])
    scope.move(spread, to: spread * decay + within.stopGradient() * (1 - decay))
  }
}
