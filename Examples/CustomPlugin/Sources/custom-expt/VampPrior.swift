import ExptComponents
import ExptTensor

/// VampPrior: the mixture of the model's own posteriors of K pseudo-inputs, which are learned.
///
///     p(z) = (1/K) Σₖ q(z|uₖ)
///
/// It is what the best prior, the average of the posteriors of all data, can be with K of them. There is
/// no closed form of the KL to it: it is estimated from the samples.
///
/// Parameters: `prior.pseudo_inputs` `[K, channels, height, width]`, which begin near the data's mean
/// image and are used as values from 0 to 1.
///
/// Source: Tomczak & Welling, "VAE with a VampPrior", AISTATS 2018, arXiv 1705.07120, equation 9.
struct VampPrior: Prior {
  static let id = "vamp"
  static let summary = "A mixture of the posteriors of learned pseudo-inputs."

  @Setting("Number of pseudo-inputs K.", .within(1...100_000)) var pseudoInputs: Int = 500

  func distribution(in context: PriorContext) throws(BuildProblem) -> any Distribution {
    let data = context.scope.data
    let inputs = context.scope.parameter(
      "pseudo_inputs", data.image.batched(pseudoInputs),
      .around(deviation: 0.1, data.pixelMean))
    let posterior = try context.posterior(of: clamp(inputs, 0...1))
    guard let gaussians = posterior as? DiagonalGaussian else {
      throw BuildProblem(
        "a VampPrior mixes Gaussians of independent dimensions, and the posterior is another",
        help: "use the posterior gaussian")
    }
    return GaussianMixture(gaussians)
  }
}
