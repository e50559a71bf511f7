import ExptComponents
import ExptTensor

/// A sparse autoencoder: each example is a sum of a few patterns of a dictionary.
///
///     π = Wₑ(x − b) + g,   f = activation(π),   x̂ = f·W + b
///     loss = −log p(x|x̂) + weight · penalty + Σ over prefixes −log p(x|x̂ₘ) + aux_weight · aux
///
/// x are the pixels (or columns), W a dictionary of `latent` patterns, and f the latents, most of which are
/// 0 by the rule of `activation`. With `patterns: unit` the rows of W are divided by their length wherever
/// they are used; with `weighted` they may have any length, and penalties are multiplied by it. W begins at
/// random directions, Wₑ as its transpose (tied start), g at 0, and b at the mean or the geometric median of
/// the first images.
///
/// A latent that was 0 in `dead_after` examples running is dead. The `aux_latents` dead latents with the
/// greatest preactivations learn from what the others leave, x − x̂ (a constant), which their own part of
/// the sum, without b, is to be:
///
///     aux = −log p(x | x̂ + max(0, π_dead)·W) + log p(x | x̂)
///
/// below 0 where they help, and 0 where none is dead; for a Gaussian (‖x − x̂ − π_dead·W‖² − ‖x − x̂‖²) / 2σ².
///
/// `prefixes` are sizes of smaller dictionaries, each the first patterns of this one, that have to
/// reconstruct alone as well: general patterns come first (Matryoshka).
///
/// The likelihood is to be of pixels, not logits: with `{ type: gaussian, scale: 0.7071 }` its nats are the
/// squared error, but for a constant.
///
/// Parameters: `dictionary` W `[latent, pixels]`, `encoder.weight` Wₑ `[latent, pixels]`, `encoder.bias` g,
/// `bias` b `[pixels]`. State: `idle` `[latent]`, examples since a latent was on.
///
/// Units: nats per image. `l0` is the mean number of latents that are on in an example; `dead` counts the
/// latents that were on in no example of the epoch, and `explained_variance` is 1 − Σ(x − x̂)²/Σ(x − x̄)² over
/// all examples and pixels of the epoch.
///
/// Source: Bricken et al., "Towards Monosemanticity", 2023; dead latents: Gao et al., "Scaling and
/// evaluating sparse autoencoders", 2024, section 2.4 and appendix A.2; prefixes: Bussmann et al.,
/// "Learning Multi-Level Features with Matryoshka Sparse Autoencoders", 2025, section 3.
public struct SparseAE: Model {
  public enum Patterns: String, NamedChoice { case unit, weighted }
  public enum BiasStart: String, NamedChoice {
    case mean
    case geometricMedian = "geometric_median"
  }

  public static let id = "sparse_ae"
  public static let summary =
    "Sparse autoencoder: images as sums of a few patterns of a dictionary."
  public static let exampleSettings =
    "{ latent: 12, activation: {type: l1, weight: 0.1}, aux_latents: 3, dead_after: 0 }"

  @Setting("Patterns of the dictionary.", .within(1...1_000_000)) public var latent: Int = 256
  @Slot("How latents become sparse.", .sparseActivation, default: "top_k")
  public var activation: any SparseActivation
  @Slot(
    "p(x|x̂): the distribution of an image around its reconstruction.", .likelihood,
    default: "gaussian")
  public var likelihood: any Likelihood
  @Setting("Patterns of length 1 (unit), or penalties multiplied by their lengths (weighted).")
  public var patterns: Patterns = .unit
  @Setting("What the reconstruction's bias begins at: the mean or the median of the first images.")
  public var biasStart: BiasStart = .geometricMedian
  @Setting(
    "Sizes of smaller dictionaries, the first patterns each, that reconstruct too.",
    .within(1...1_000_000))
  public var prefixes: [Int] = []
  @Setting("Weight α of what dead latents learn from.", .atLeast(0))
  public var auxWeight: Float = 0.03125
  @Setting("Dead latents that learn from an example.", .within(1...1_000_000))
  public var auxLatents: Int = 32
  @Setting("Examples running in which a latent was 0 that make it dead.", .within(0...16_000_000))
  public var deadAfter: Int = 100_000

  public init() {}

  public var formula: String? {
    let prefixed = prefixes.isEmpty ? "" : " + Σₘ −log p(x|x̂ₘ)"
    let length = patterns == .unit ? "rows of W have length 1" : "rows of W of any length"
    return "−log p(x|x̂) + penalty" + prefixed + (auxWeight > 0 ? " + {α=aux_weight}·aux" : "")
      + "\nx̂ = f·W + b,  W: {n=latent} patterns,  \(length),  f by the activation of π = Wₑ(x − b) + g"
      + (prefixes.isEmpty ? "" : "\nx̂ₘ: of the first {m=prefixes} patterns alone")
      + (auxWeight > 0
        ? "\naux = −log p(x|x̂ + max(0, π_dead)·W) + log p(x|x̂),  of {d=aux_latents} latents at most that were 0 in "
          + "{N=dead_after} examples running" : "")
  }

  public func check(_ report: SettingsReport) {
    if let large = prefixes.first(where: { $0 >= latent }) {
      report.error(
        "a prefix must be smaller than 'latent', which is \(latent), and one is \(large)",
        at: "prefixes", help: "the whole dictionary reconstructs anyway")
    }
    if likelihood.decoded == .logits || likelihood.parametersPerPixel != 1 {
      report.error(
        "a sum of patterns is an image, and \(type(of: likelihood).id) takes "
          + (likelihood.decoded == .logits ? "logits" : "several numbers for each pixel"),
        at: "likelihood", help: "use gaussian or laplace, with a scale that is not per_pixel")
    }
  }

  /// What the rest of the program asks of any autoencoder.
  public var parts: AutoencoderParts {
    var parts = AutoencoderParts()
    (parts.latent, parts.likelihood, parts.condition) = (latent, likelihood, NoCondition())
    (parts.encoder, parts.decoder) = (MLP(hidden: []), MLP(hidden: []))
    return parts
  }

  public var takesMissing: Bool { false }

  public var dictionary: PatternDictionary? { PatternDictionary(parameter: "dictionary") }

  public func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    let network = SparseNetwork(self, in: scope)
    let rows = batch.examples.flattened()
    return PointMass(
      activation.latents(
        network.preactivations(rows), bias: network.encoderBias, in: scope.child("activation")))
  }

  public func decode(_ latents: Tensor, given batch: Batch, in scope: Scope) throws(BuildProblem)
    -> Tensor
  { SparseNetwork(self, in: scope).image(latents) }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let shape = try locating("likelihood") { () throws(BuildProblem) in
      try likelihood.outputShape(for: scope.data.image)
    }
    guard shape == scope.data.image else {
      throw BuildProblem(
        "a sum of patterns is an image, and \(type(of: likelihood).id) takes several numbers for each "
          + "pixel", help: "use gaussian or laplace", at: ["likelihood"])
    }
    let network = SparseNetwork(self, in: scope)
    let rows = batch.examples.flattened()
    let found = find(rows, network, pass)
    let decoded = network.image(sum: found.sum)
    func cost(_ image: Tensor) -> Tensor {
      likelihood.negativeLogLikelihood(
        image, images: batch.examples, in: scope.child("likelihood")
      ).mean()
    }
    let reconstruction = cost(decoded)
    var total = reconstruction
    var extra = [(name: "l0", value: found.fired.sum() / Float(batch.count))]
    func add(_ name: String, _ value: Tensor, times weight: Tensor? = nil) {
      total = total + (weight.map { value * $0 } ?? value)
      extra.append((name, value))
    }
    let terms = found.terms
    if let (penalty, weight) = terms.penalty { add("penalty", penalty, times: weight) }
    if let gates = terms.auxiliary {
      add("gate_reconstruction", cost(network.image(gates, isConstant: true)))
    }
    if let latents = found.latents, !prefixes.isEmpty {
      let costs = prefixes.map { cost(network.image(latents.columns(0..<$0))) }
      add("prefixes", costs.dropFirst().reduce(costs[0], +))
    }
    if let rest = found.dead {
      let aux =
        cost(decoded.stopGradient() + rest.reshaped(decoded.shape))
        - reconstruction.stopGradient()
      total = total + aux * auxWeight
      extra.append(("aux", aux))
    }
    let mean = likelihood.mean(decoded, in: scope.child("likelihood"))
    return LossTerms(
      total: total, reconstruction: reconstruction, extra: extra, decoded: decoded,
      tallies: [
        latentTally(found.fired), varianceTally(rows, rest: rows - mean.flattened()),
      ],
      firstValues: scope.mode == .training ? network.firstValues(rows) : [])
  }

  /// What the loss is made of.
  private struct Found {
    /// `[batch, latent]`; nil where only the greatest are kept.
    var latents: Tensor?
    /// f·W.
    var sum: Tensor
    /// In how many examples each latent is on.
    var fired: Tensor
    var terms = SparseTerms()
    /// The sum of what dead latents would add; nil without `aux_weight`.
    var dead: Tensor?
  }

  /// Of a dictionary with fewer latents for each that is on, dense products are as fast.
  private static let leastWidth = 256
  private static let leastShare = 16

  private func find(_ rows: Tensor, _ network: SparseNetwork, _ pass: LossPass) -> Found {
    let scope = pass.scope
    let idle = auxWeight > 0 ? scope.state("idle", [latent], .zeros) : nil
    let isDead = idle.map { step($0 - (Float(deadAfter) - 0.5)) }
    var found: Found
    let others = isDead == nil ? 0 : auxLatents
    if let count = activation.greatest, prefixes.isEmpty, latent >= Self.leastWidth,
      (count + others) * Self.leastShare <= latent, count + others <= SparseRows.mostEntries
    {
      let (greatest, dead) = network.greatest(rows, count, dead: isDead)
      found = Found(sum: network.sum(greatest), fired: greatest.counts)
      if isDead != nil { found.dead = network.sum(dead) }
    } else {
      let preactivations = network.preactivations(rows)
      let place = scope.child("activation")
      let latents = activation.latents(preactivations, bias: network.encoderBias, in: place)
      found = Found(
        latents: latents, sum: network.sum(latents), fired: step(latents).sumOverBatch())
      found.terms = activation.terms(
        SparsePass(
          pass: pass, scope: place, preactivations: preactivations, latents: latents,
          lengths: patterns == .weighted ? network.lengths : nil))
      found.dead = isDead.map { network.sum(deadLatents(preactivations, $0)) }
    }
    if let idle {
      scope.move(idle, to: (idle + Float(rows.shape[0])) * (1 - step(found.fired)))
    }
    return found
  }

  /// The greatest dead latents of each example.
  private func deadLatents(_ preactivations: Tensor, _ isDead: Tensor) -> Tensor {
    let ranked = preactivations * isDead - (1 - isDead) * 1e30
    return relu(preactivations) * (ranked.topMask(auxLatents) * isDead)
  }

  private func latentTally(_ fired: Tensor) -> Tally {
    Tally(
      "latents", fired,
      columns: [.init("dead") { counts, _ in Double(counts.count { $0 == 0 }) }],
      subject: .latents)
  }

  /// Σ rest², Σ x², and Σ x of each pixel.
  private func varianceTally(_ rows: Tensor, rest: Tensor) -> Tally {
    let sums = concatenate(
      square(rest).sum().reshaped([1, 1]), square(rows).sum().reshaped([1, 1]),
      rows.sumOverBatch().reshaped([1, rows.shape[1]]))
    return Tally(
      "variance", sums.reshaped([rows.shape[1] + 2]),
      columns: [
        .init("explained_variance") { sums, images in
          let squares = sums.dropFirst(2).reduce(0) { $0 + $1 * $1 }
          let variance = sums[1] - squares / Double(max(1, images))
          return variance > 0 ? 1 - sums[0] / variance : 0
        }
      ])
  }
}
