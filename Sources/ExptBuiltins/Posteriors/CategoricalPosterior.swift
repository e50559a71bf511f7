import ExptComponents
import ExptTensor

/// q(z|x): `latent` independent choices among `size` values each, relaxed in training.
///
///     soft = softmax((logits + Gumbel noise) / τ)
///
/// The encoder gives latent · size logits. Latents are rows of latent · size numbers, each choice
/// one-hot; in training they are soft unless `hard`, in evaluation never. Its prior is `uniform`; the KL
/// of each choice, in nats, is in closed form: log size − H.
///
/// The temperature may be annealed as in the paper, τ = max(τ_min, exp(−rt)): the schedule `exponential`.
/// A bound that weighs samples (`iwae`) compares soft draws as what they are, by the densities of
/// the concrete distributions of posterior and prior at one τ; then training has the bound of the
/// relaxed model, and evaluation that of the discrete one. With `hard` both are of the discrete
/// model, and the gradient is biased.
///
/// Source: Jang, Gu & Poole, "Categorical Reparameterization with Gumbel-Softmax", ICLR 2017; Maddison,
/// Mnih & Teh, "The Concrete Distribution", ICLR 2017; τ = 0.67: Dupont, "Learning Disentangled
/// Joint Continuous and Discrete Representations", NeurIPS 2018.
public struct CategoricalPosterior: Posterior {
  public static let id = "categorical"
  public static let summary = "Choices among several values, relaxed in training (Gumbel-softmax)."

  @Setting("Values of each choice.", .within(2...65536)) public var size: Int = 10
  @Group public var relaxation = Relaxation()

  public init() {}

  public var formula: String? {
    "q(z|x) = Πⱼ softmax(l(x))ⱼ,  of {K=size} values each,  in training relaxed at {τ=temperature}"
  }

  public func headWidth(latent: Int) -> Int { latent * size }

  public func distribution(head: Tensor, latent: Int, in scope: Scope) -> any Distribution {
    Choices(
      logits: head, count: latent, size: size,
      temperature: scope.scalar("temperature", relaxation.temperature), isHard: relaxation.hard)
  }
}
