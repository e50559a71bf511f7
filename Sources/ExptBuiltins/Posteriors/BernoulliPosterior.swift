import ExptComponents
import ExptTensor

/// q(z|x): `latent` independent switches, relaxed in training.
///
///     soft = σ((logit + logistic noise) / τ)
///
/// The encoder gives a logit for each switch. Latents are 0 or 1; in training they are soft unless
/// `hard`, in evaluation never. Its prior is `uniform`, fair switches; the KL of each switch, in nats,
/// is in closed form: log 2 − H. What `categorical` says of the temperature and of bounds that weigh
/// samples holds here too.
///
/// Source: Maddison, Mnih & Teh, "The Concrete Distribution", ICLR 2017, appendix B.
public struct BernoulliPosterior: Posterior {
  public static let id = "bernoulli"
  public static let summary = "Switches, relaxed in training (binary concrete)."

  @Group public var relaxation = Relaxation()

  public init() {}

  public var formula: String? {
    "q(z|x) = Πⱼ pⱼ(x)^zⱼ·(1 − pⱼ(x))^(1−zⱼ),  in training relaxed at {τ=temperature}"
  }

  public func headWidth(latent: Int) -> Int { latent }

  public func distribution(head: Tensor, latent: Int, in scope: Scope) -> any Distribution {
    Switches(
      logits: head, temperature: scope.scalar("temperature", relaxation.temperature),
      isHard: relaxation.hard)
  }
}
