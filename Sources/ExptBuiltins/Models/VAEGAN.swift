import ExptComponents
import ExptTensor

/// A VAE/GAN: a VAE that is asked to reconstruct what a discriminator of images sees in an image, in place
/// of its pixels, and whose decoder learns to fool the discriminator.
///
///     encoder       = β·KL(q(z|x) ‖ p(z)) + L
///     decoder       = γ·L + F
///     L             = E[½‖D_f(x) − D_f(x̃)‖² + ½ n log 2π],   x̃ = decode(z), z ~ q(z|x)
///     F             = E[−log D(x̃)] + E[−log D(x′)],   x′ = decode(z′), z′ ~ p(z)
///     discriminator = −⅓ (E[log D(x)] + E[log(1 − D(x̃))] + E[log(1 − D(x′))])
///
/// D_f(x) are the n features of the discriminator: what its `network` makes of an image, or its last hidden
/// layer where it has no network. F reaches the decoder alone, not the encoder, and γ weighs L for the
/// decoder alone; the column `loss` is β·KL + γ·L + F. The decoder fools by −log D, which has a gradient
/// where D is sure, in place of log(1 − D).
///
/// The likelihood says which image a decoder's output means: its locations, or σ of logits. Its own
/// −log p(x|z), the column `reconstruction`, is shown and not trained, nor is a learned scale of it.
///
/// Units: `features` is L, nats per image, summed over features; `fooling` is F, in nats.
/// `discriminator_loss` is log 3 − ⅔ log 2, 0.64, where the discriminator cannot tell, and
/// `discriminator_accuracy` its share of right answers: ½ there, by logits above or below −log 2.
///
/// Source: Larsen et al., "Autoencoding beyond pixels using a learned similarity metric", ICML 2016,
/// arXiv 1512.09300, equations 5 to 8 and algorithm 1.
public struct VAEGAN: LatentModel {
  public static let id = "vae_gan"
  public static let summary =
    "VAE that reconstructs the features of a discriminator, and learns to fool it."
  public static let exampleSettings =
    "{ discriminator: { network: { type: conv, channels: [4], hidden: [] }, hidden: [8] } }"

  @Group public var latents = LatentParts()
  @Section("Tells images from decoded ones; its features are what is reconstructed.")
  public var discriminator = Opponent()
  @Slot("Weight β of the KL term, a number or a schedule.", .schedule, default: "constant")
  public var beta: any Schedule
  @Setting("Weight γ of reconstructing features, for the decoder, beside fooling.", .above(0))
  public var gamma: Float = 1

  public init() {}

  public var formula: String? {
    "{β=beta}·KL(q(z|x) ‖ p(z)) + {γ=gamma}·E[−log N(D_f(x); D_f(x̃), I)] + E[−log D(x̃)] + E[−log D(x′)]\n"
      + "x̃ = decode(z), z ~ q(z|x),  x′ = decode(z′), z′ ~ p(z),  D_f(x): "
      + (discriminator.network == nil
        ? "the last hidden layer of D" : "what the network of D makes of x")
      + "\nthe encoder learns from {β=beta}·KL and the D_f term, the decoder from all but the KL\n"
      + "D learns from −⅓ (E[log D(x)] + E[log(1 − D(x̃))] + E[log(1 − D(x′))]),  "
      + "at the rate {η=discriminator.optimizer.learning_rate}"
  }

  public var takesMissing: Bool { false }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    guard parts.missing.share == 0 else {
      throw BuildProblem(
        "the discriminator judges whole images, and would see the missing pixels",
        help: "leave 'missing' out, or use vae or iwae", at: ["missing"])
    }
    let posterior = try latents.posterior(of: batch, in: scope)
    let prior = try latents.prior(for: batch, space: posterior.space, in: scope)
    let draw = posterior.draw(1, batch: batch.count, in: scope)
    let drawn = prior.draw(1, batch: batch.count, in: scope).values
    guard
      let divergence = posterior.divergence(from: prior)?.perExample
        ?? posterior.monteCarloDivergence(draw, from: prior)
    else {
      throw BuildProblem(
        "the KL needs densities, and the posterior or the prior has none", at: ["posterior"])
    }
    let judge = Judge(discriminator, "discriminator", in: scope)
    let decoded = try decode(weakened(draw.values), given: batch, in: scope)
    let features = try features(of: decoded, like: batch, judge, in: scope)

    let again = try image(decode(draw.values.stopGradient(), given: batch, in: scope), in: scope)
    let sampled = try image(decode(drawn.stopGradient(), given: batch, in: scope), in: scope)
    let fooling =
      try -logSigmoid(judge.frozen(again)).mean()
      - logSigmoid(judge.frozen(sampled)).mean()

    let kl = divergence.mean()
    return LossTerms(
      total: kl * pass.weight("beta", beta) + features * gamma + fooling,
      reconstruction: parts.negativeLogLikelihood(decoded, of: batch, in: scope).mean(), kl: kl,
      klPerDimension: posterior.divergence(from: prior)?.perDimension?.meanOverBatch(),
      extra: [("features", features), ("fooling", fooling)], decoded: decoded,
      opponents: [try judge.loss(real: batch.examples, fake: again, sampled)])
  }

  /// z, whose gradient is divided by γ: what the decoder is told γ times, the encoder hears once.
  private func weakened(_ z: Tensor) -> Tensor {
    if gamma == 1 { return z }
    let held = z.stopGradient()
    return held + (z - held) * (1 / gamma)
  }

  /// L.
  private func features(
    of decoded: Tensor, like batch: Batch, _ judge: Judge, in scope: Scope
  ) throws(BuildProblem) -> Tensor {
    let wanted = try judge.frozenVerdict(on: batch.examples).features
    let found = try judge.frozenVerdict(on: image(decoded, in: scope)).features
    return gaussianNLL(mean: found, targets: wanted, logScale: scope.graph.constant(0)).mean()
  }

  /// The image that a decoder's output means: its locations, or σ of logits.
  private func image(_ decoded: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    let likelihood = parts.likelihood
    guard likelihood.isPixelwise, likelihood.parametersPerPixel <= 2 else {
      throw BuildProblem(
        "the discriminator judges images, and the decoder's numbers for "
          + "'\(type(of: likelihood).id)' are not one", help: "use bernoulli or gaussian",
        at: ["likelihood"])
    }
    let locations = decoded.columns(0..<scope.data.image[0])
    return likelihood.decoded == .logits ? sigmoid(locations) : locations
  }
}
