import ExptComponents
import ExptTensor

/// A mixture of K Gaussians with independent dimensions, all learned with the model.
///
///     p(z) = Σₖ πₖ N(z; μₖ, diag(σₖ²)),   π = softmax(logits)
///
/// The means begin as draws of N(0, I), the variances at 1, the weights equal. There is no closed form
/// of the KL to it: it is estimated from the samples.
///
/// Under a condition c the weights depend on it, and the components are shared:
///
///     p(z|c) = Σₖ πₖ(c) N(z; μₖ, diag(σₖ²)),   π(c) = softmax(logits + W·c),   W = 0 at first
///
/// Parameters: `prior.mean` and `prior.log_variance` `[K, latent]`, `prior.logits` `[K]`, and under a
/// condition of n numbers `prior.condition_weight` `[K, n]`.
///
/// Source: Dilokthanakul et al., "Deep Unsupervised Clustering with Gaussian Mixture Variational
/// Autoencoders", arXiv 1611.02648, 2016, in its marginal form.
public struct GaussianMixturePrior: Prior {
  public static let id = "gaussian_mixture"
  public static let summary = "A mixture of Gaussians, learned with the model."

  @Setting("Number of components K.", .within(1...100_000)) public var components: Int = 10

  public init() {}

  public var formula: String? { "p(z) = Σₖ πₖ·N(z; μₖ, diag σₖ²),  k = 1 … {K=components}" }

  public func distribution(in context: PriorContext) throws(BuildProblem) -> any Distribution {
    guard case .vector(let latent) = context.space else {
      throw BuildProblem(
        "a mixture of Gaussians needs latents that are numbers, and these are \(context.space)",
        help: context.space.priorHelp)
    }
    let shape: Shape = [components, latent]
    return GaussianMixture(
      DiagonalGaussian(
        mean: context.scope.parameter("mean", shape, .normal(deviation: 1)),
        logVariance: context.scope.parameter("log_variance", shape, .zeros)),
      logits: logits(in: context))
  }

  /// `[K]`; under a condition `[batch, K]`.
  private func logits(in context: PriorContext) -> Tensor {
    let logits = context.scope.parameter("logits", [components], .zeros)
    guard let condition = context.condition else { return logits }
    let weight = context.scope.parameter(
      "condition_weight", [components, condition.shape[1]], .zeros)
    return matmul(condition, weight, transposeB: true) + logits
  }
}
