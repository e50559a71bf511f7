import ExptComponents
import ExptTensor

/// An importance-weighted autoencoder: a VAE with a tighter bound from several samples of each image.
///
///     wᵢ = p(x|zᵢ)·p(zᵢ) / q(zᵢ|x),  zᵢ ~ q(z|x)
///
/// | `form` | loss, of K `samples` in each of M `groups` |
/// | --- | --- |
/// | `iwae` | −log (1/K) Σᵢ wᵢ; there is one group |
/// | `miwae` | the mean of that over the groups |
/// | `piwae` | decoder and prior: iwae's with all M·K samples; encoder: miwae's |
/// | `ciwae` | β · (mean of −log wᵢ) + (1 − β) · miwae's: β of the ELBO |
///
/// | `gradient` | the encoder's |
/// | --- | --- |
/// | `reparameterized` | through zᵢ and log q |
/// | `stl` | through zᵢ alone, q's parameters in log q held still; biased for more than one sample |
/// | `dreg` | likewise with each sample's weight squared, Σ w̃ᵢ² ∂log wᵢ/∂zᵢ, w̃ᵢ = wᵢ / Σ wⱼ of its group |
///
/// Sums of weights are in log space. With one sample it is the VAE's loss with a Monte-Carlo KL, with one
/// group miwae and piwae are iwae. Decoder and prior always have the gradient of the loss in the first
/// table. `piwae` and `dreg` run the decoder twice, once for each side.
///
/// Units: nats per image, averaged over the batch. The column `loss` is the bound, for `piwae` that of
/// all samples; `reconstruction` and `kl` are the mean of −log p(x|zᵢ) and the KL (in closed form where
/// there is one, else the mean of log q − log p), whose sum, the VAE's loss, is never below it on average.
///
/// Source: Burda, Grosse & Salakhutdinov, "Importance Weighted Autoencoders", ICLR 2016, equation 8;
/// Rainforth et al., "Tighter Variational Bounds are Not Necessarily Better", ICML 2018, arXiv
/// 1802.04537, section 4; stl: Roeder, Wu & Duvenaud, NIPS 2017; dreg: Tucker et al., "Doubly
/// Reparameterized Gradient Estimators for Monte Carlo Objectives", ICLR 2019, arXiv 1810.04152,
/// equation 8.
public struct IWAE: LatentModel {
  public enum Form: String, NamedChoice { case iwae, miwae, piwae, ciwae }
  public enum Gradient: String, NamedChoice { case reparameterized, stl, dreg }

  public static let id = "iwae"
  public static let summary = "Importance-weighted autoencoder: a VAE with a tighter bound."
  public static let exampleSettings = "{ form: ciwae, groups: 2 }"

  @Group public var latents = LatentParts()
  @Setting("Importance samples per image (k), in each group.", .within(1...10_000))
  public var samples: Int = 5
  @Setting("Groups of samples (M), each with a bound of its own.", .within(1...10_000))
  public var groups: Int = 1
  @Setting("How the bounds of groups and samples are put together.")
  public var form: Form = .iwae
  @OptionalSlot("Share β of the ELBO in ciwae, a number or a schedule; null: one half.", .schedule)
  public var beta: (any Schedule)? = nil
  @Setting("The encoder's gradient.") public var gradient: Gradient = .reparameterized

  public init() {}

  public var formula: String? {
    let weight = "p(x|zᵢ)·p(zᵢ) / q(zᵢ|x),  zᵢ ~ q(z|x)"
    let groups = "(1/{M=groups}) Σₘ −log (1/{K=samples}) Σᵢ wᵢ"
    let inGroups = "\nwᵢ = \(weight),  {K=samples} samples in each of {M=groups} groups m"
    switch form {
    case .iwae: return "−log (1/{K=samples}) Σᵢ \(weight)"
    case .miwae: return groups + inGroups
    case .piwae:
      return "decoder and prior: −log (1/({M=groups}·{K=samples})) Σₘ Σᵢ wᵢ,  "
        + "encoder: \(groups)\(inGroups)"
    case .ciwae:
      let (elbo, rest) = beta == nil ? ("½", "½") : ("{β=beta}", "(1 − {β=beta})")
      return "\(elbo)·(1/({M=groups}·{K=samples})) Σₘ Σᵢ −log wᵢ + \(rest)·\(groups)\(inGroups)"
    }
  }

  public func check(_ report: SettingsReport) {
    if form == .iwae, groups > 1 {
      report.error(
        "'form: iwae' has a single group of samples", at: "groups",
        help: "write 'form: miwae', or raise 'samples'")
    }
    if beta != nil, form != .ciwae {
      report.error(
        "'beta' is the ELBO's share in ciwae, and the form is \(form.rawValue)", at: "beta",
        help: "write 'form: ciwae', or leave it out")
    } else if let beta, !(0...1).contains(beta.target.value) {
      report.error("'beta' is a share, from 0 to 1", at: "beta")
    }
    report.refuseCapacities(of: self)
  }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    guard parts.likelihood.measure != .loss else {
      throw BuildProblem(
        "the bound weighs samples by p(x|z), and \(parts.likelihood.id) is a loss and no density",
        help: "choose another likelihood, or the model vae", at: ["likelihood"])
    }
    let posterior = try latents.posterior(of: batch, in: scope)
    let draw = posterior.draw(groups * samples, batch: batch.count, in: scope)
    let isSplit = form == .piwae || gradient == .dreg
    let first = try Weighing(
      self, draw, of: posterior, batch, in: scope,
      teaches: isSplit ? .decoder : .both(through: gradient))
    var total = bound(first.negativeLogWeights, perGroup: form != .piwae, in: pass)
    if isSplit {
      try refuseState(in: scope)
      let second = try Weighing(
        self, draw, of: posterior, batch, in: scope, teaches: .encoder(through: gradient))
      let loss =
        gradient == .dreg
        ? doublyReparameterized(second.negativeLogWeights, in: pass)
        : bound(second.negativeLogWeights, perGroup: true, in: pass)
      total = total + (loss - loss.stopGradient())
    }
    let divergence = try posterior.meanDivergence(from: first.prior, drawn: draw)
    return LossTerms(
      total: total, reconstruction: first.negativeLogLikelihood.mean(), kl: divergence.value,
      klPerDimension: divergence.perDimension,
      decoded: first.decoded.firstOfSamples(groups * samples))
  }

  /// Refuses a decoder that changes each time it is run.
  private func refuseState(in scope: Scope) throws(BuildProblem) {
    let path = scope.child("decoder").path + "."
    let specs = scope.graph.parameters.specs
    guard specs.contains(where: { $0.isState && $0.name.hasPrefix(path) }) else { return }
    throw BuildProblem(
      "encoder and decoder learn from two runs of the decoder, and batch normalisation would move its "
        + "running statistics in both",
      help: "use layer_norm in its place, or none", at: ["decoder"])
  }

  private func bound(
    _ negativeLogWeights: Tensor, perGroup: Bool, in pass: LossPass
  ) -> Tensor {
    let bound = importanceWeightedBound(
      negativeLogWeights: negativeLogWeights, samples: perGroup ? samples : groups * samples)
    return mixed(bound, negativeLogWeights, in: pass)
  }

  /// Its gradient by the samples is Tucker's, its value is of no interest.
  private func doublyReparameterized(_ negativeLogWeights: Tensor, in pass: LossPass) -> Tensor {
    let each = negativeLogWeights.reshaped([negativeLogWeights.shape.count / samples, samples])
    let shares = (-each).softmax(along: 1).stopGradient()
    return mixed((square(shares) * each).sumPerExample().mean(), negativeLogWeights, in: pass)
  }

  /// With the ELBO's share, for `ciwae`.
  private func mixed(
    _ bound: Tensor, _ negativeLogWeights: Tensor, in pass: LossPass
  ) -> Tensor {
    guard form == .ciwae else { return bound }
    let share = beta.map { pass.weight("beta", $0) } ?? bound.graph.constant(0.5)
    return share * negativeLogWeights.mean() + (1 - share) * bound
  }
}

/// −log w of samples, and what it is made of.
private struct Weighing {
  /// Whose parameters the gradient reaches.
  enum Pupil {
    case both(through: IWAE.Gradient)
    /// Decoder and prior: samples and their densities are constants.
    case decoder
    /// Decoder and prior are constants.
    case encoder(through: IWAE.Gradient)
  }

  let prior: any Distribution
  let decoded: Tensor
  let negativeLogLikelihood: Tensor
  /// `[batch · samples]`.
  let negativeLogWeights: Tensor

  init(
    _ model: IWAE, _ draw: Draw, of posterior: any Distribution, _ batch: Batch, in scope: Scope,
    teaches pupil: Pupil
  ) throws(BuildProblem) {
    var scope = scope
    var values = draw.values
    switch pupil {
    case .both: break
    case .decoder: values = values.stopGradient()
    case .encoder: scope = scope.frozen
    }
    prior = try model.latents.prior(for: batch, space: posterior.space, in: scope)
    decoded = try model.decode(values, given: batch, in: scope)
    negativeLogLikelihood = model.parts.negativeLogLikelihood(decoded, of: batch, in: scope)
    let ratios: Tensor?
    switch pupil {
    case .both(.reparameterized), .encoder(.reparameterized):
      ratios = posterior.monteCarloDivergence(draw, from: prior)
    case .decoder:
      ratios = Self.ratios(draw.logDensity?.stopGradient(), prior.logDensity(values))
    case .both, .encoder:
      ratios = Self.ratios(try posterior.detachedLogDensity(values), prior.logDensity(values))
    }
    guard let ratios else {
      throw BuildProblem(
        "the bound weighs samples by their densities, and the posterior or the prior has none",
        help: "choose others", at: ["posterior"])
    }
    negativeLogWeights = negativeLogLikelihood + ratios
  }

  private static func ratios(_ own: Tensor?, _ other: Tensor?) -> Tensor? {
    guard let own, let other else { return nil }
    return own - other
  }
}
