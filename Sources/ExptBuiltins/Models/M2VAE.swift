import ExptComponents
import ExptTensor

/// A semi-supervised VAE, in which the class y of an image is a latent that is known for some images: the
/// M2 of its paper.
///
///     L(x, y) = E_q(z|x,y)[−log p(x|y, z)] + β·(KL(q(z|x, y) ‖ p(z)) + log K)
///     U(x)    = Σ_y q(y|x)·L(x, y) − β·H(q(y|x))
///     loss    = mean of L(x, y) where y is seen, U(x) where it is not,
///               + α · mean over those with y seen of −log q(y|x)
///
/// K is the number of classes, p(y) = 1/K. U sums over all classes, each with the same noise of z, so that a
/// step decodes every image K times.
///
/// Which labels are seen, a share `labelled` of them, is drawn from the seed once for each image, of
/// validation images too. The classifier q(y|x) is a network of its own; encoder and decoder are told y as by
/// `condition: labels`. With `labelled: 1` it is `vae` under that condition, plus log K, beside a classifier.
///
/// Latents are y, one-hot, followed by z.
///
/// Units: nats per image. `reconstruction` and `kl` are means over q(y|x) where y is not seen, `kl` with
/// KL(q(y|x) ‖ p(y)); `classification` is −log q(y|x) and `accuracy` the share of images whose class is the
/// most probable one, both of all images, whether or not their labels are seen.
///
/// Source: Kingma et al., "Semi-supervised Learning with Deep Generative Models", NIPS 2014, arXiv 1406.5298,
/// equations 6 to 9; its α of 0.1·N on the sum over N images is 0.1 here.
public struct M2VAE: Model {
  public static let id = "m2_vae"
  public static let summary = "Semi-supervised VAE: the class is a latent, seen for some images."
  public static let exampleSettings = "{ latent: 3, labelled: 0.6, classifier: { hidden: [12] } }"

  @Group public var parts = AutoencoderParts()
  @Slot("Turns images into features that say their class.", .architecture, default: "mlp")
  public var classifier: any Architecture
  @Setting("Share of the images whose labels are seen.", .above(0, upTo: 1))
  public var labelled: Float = 0.1
  @Setting("Weight α of telling the class of an image whose label is seen.", .within(0...1e6))
  public var alpha: Float = 0.1
  @Slot("Weight β of the KL terms, a number or a schedule.", .schedule, default: "constant")
  public var beta: any Schedule

  public init() {}

  public var needsAnnotations: Bool { true }

  public var formula: String? {
    "mean of L(x, y), or U(x) = Σ_y q(y|x)·L(x, y) − {β=beta}·H(q(y|x)) without a label, "
      + "+ {α=alpha}·E[−log q(y|x)]\nL(x, y) = E[−log p(x|y, z)] + {β=beta}·(KL(q(z|x, y) ‖ p(z)) + log K)"
  }

  public func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    try posterior(of: batch, in: scope)
  }

  public func prior(for batch: Batch, space: LatentSpace, in scope: Scope) throws(BuildProblem)
    -> (any Distribution)?
  { ClassAndNormal(classes: try classes(scope), latent: parts.latent) }

  /// - Parameter latents: Classes may be shares of several.
  public func decode(_ latents: Tensor, given batch: Batch, in scope: Scope) throws(BuildProblem)
    -> Tensor
  {
    let classes = try classes(scope)
    let z = latents.columns(classes..<classes + parts.latent)
    let copies = batch.examples.repeatedExamples(latents.shape[0] / batch.count)
    let told = try condition(latents.columns(0..<classes), of: batch, in: scope)
    return try parts.decode(z, given: batch.with(copies, condition: told), in: scope)
  }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let posterior = try posterior(of: batch, in: scope)
    guard let labels = batch.labels else { throw noLabels }
    let (count, classes) = (batch.count, posterior.classes)
    let table: Shape = [count, classes]

    // The same noise for all classes of an image.
    let noise = scope.graph.normal([count, parts.latent], stream: "latent")
    let z = reparameterize(
      mean: posterior.gaussians.mean, logVariance: posterior.gaussians.logVariance,
      noise: noise.repeatedExamples(classes))
    let decoded = try parts.decode(z, given: posterior.batch, in: scope)
    let costs = parts.negativeLogLikelihood(decoded, of: posterior.batch, in: scope)
      .reshaped(table)
    let gaps = gaussianKL(
      mean: posterior.gaussians.mean, logVariance: posterior.gaussians.logVariance
    ).sumPerExample().reshaped(table)

    let told = labels.oneHot(classes)
    let logShares = posterior.logits.logSoftmax(along: 1)
    let shares = exp(logShares)
    let isSeen = step(labelled - batch.lot("labels"))
    let weights = told.scaledRows(by: isSeen) + shares.scaledRows(by: 1 - isSeen)
    let reconstruction = (weights * costs).sumPerExample().mean()
    let entropy = -(shares * logShares).sumPerExample() * (1 - isSeen)
    let kl =
      (weights * gaps).sumPerExample().mean() + Float(RepeatableMath.log(Double(classes)))
      - entropy.mean()
    let surprise = -(told * logShares).sumPerExample()
    // The mean over the images with labels, as many as there are on average.
    let taught = (surprise * isSeen).mean() / labelled
    let hits = (told * posterior.logits.argMaxPerExample().oneHot(classes)).sumPerExample()
    return LossTerms(
      total: reconstruction + kl * pass.weight("beta", beta) + taught * alpha,
      reconstruction: reconstruction, kl: kl,
      extra: [("classification", surprise.mean()), ("accuracy", hits.mean())],
      decoded: decoded.flattened().gatheredRows(posterior.likeliest)
        .reshaped(decoded.shape.withoutBatch.batched(count)))
  }

  /// q(y|x) and q(z|x, y) for every y.
  private func posterior(
    of batch: Batch, in scope: Scope
  ) throws(BuildProblem) -> ClassAndGaussian {
    if parts.condition is LabelCondition {
      throw BuildProblem(
        "the class is a latent of this model, and cannot be its condition too",
        help: "write condition: none", at: ["condition"])
    }
    let classes = try classes(scope)
    let logits = try locating("classifier") { () throws(BuildProblem) in
      let features = try classifier.encode(
        parts.shown(batch.examples, of: batch), in: scope.child("classifier"))
      return try linear(
        features.flattened(), to: classes, in: scope.child("classifier").child("head"))
    }
    let every = (0..<batch.count * classes).map { Float($0 % classes) }
    let told = try condition(
      scope.graph.constant(every, [every.count]).oneHot(classes), of: batch, in: scope)
    let copies = batch.with(
      batch.examples.repeatedExamples(classes), condition: told,
      observed: parts.missing.observed(batch)?.repeatedExamples(classes))
    let head = try parts.head(2 * parts.latent, of: copies, in: scope)
    return ClassAndGaussian(
      logits: logits,
      gaussians: DiagonalGaussian(
        mean: head.columns(0..<parts.latent),
        logVariance: head.columns(parts.latent..<2 * parts.latent)),
      batch: copies)
  }

  /// Classes, behind them what else the model is told: `[batch · n, …]`.
  private func condition(
    _ classes: Tensor, of batch: Batch, in scope: Scope
  ) throws(BuildProblem) -> Tensor {
    guard let rows = try parts.conditionRows(batch, in: scope) else { return classes }
    return concatenate(classes, rows.repeatedExamples(classes.shape[0] / batch.count))
  }

  private func classes(_ scope: Scope) throws(BuildProblem) -> Int {
    guard let classes = scope.data.classes else { throw noLabels }
    return classes
  }

  private var noLabels: BuildProblem {
    BuildProblem(
      "the model learns from labels, and the data have none", help: "use a dataset with labels",
      at: ["labelled"])
  }
}

/// q(y|x) · q(z|x, y). Values are y, one-hot, followed by z.
private struct ClassAndGaussian: Distribution {
  /// `[batch, classes]`.
  let logits: Tensor
  /// Of every class of the first example, then of the second: `[batch · classes, latent]`.
  let gaussians: DiagonalGaussian
  /// The examples repeated so.
  let batch: Batch
  /// The rows of `gaussians` of the most probable classes, `[batch]`.
  let likeliest: Tensor
  /// Of z in those.
  let parameters: [(name: String, value: Tensor)]

  init(logits: Tensor, gaussians: DiagonalGaussian, batch: Batch) {
    (self.logits, self.gaussians, self.batch) = (logits, gaussians, batch)
    likeliest = Self.rows(of: logits.argMaxPerExample(), logits.shape)
    parameters = [("log_variance", gaussians.logVariance.gatheredRows(likeliest))]
  }

  var classes: Int { logits.shape[1] }
  private var latent: Int { gaussians.mean.shape[1] }
  private var count: Int { logits.shape[0] }

  var space: LatentSpace {
    .groups([
      LatentGroup("class", .codes(count: 1, size: classes)), LatentGroup("style", .vector(latent)),
    ])
  }

  /// The rows of `gaussians` of a class for each example, `[batch · n]`.
  ///
  /// - Parameter table: `[batch, classes]`.
  private static func rows(of choices: Tensor, _ table: Shape) -> Tensor {
    let draws = choices.shape[0] / table[0]
    let firsts = (0..<choices.shape[0]).map { Float($0 / draws * table[1]) }
    return choices + choices.graph.constant(firsts, [firsts.count])
  }

  private func gaussians(at rows: Tensor) -> DiagonalGaussian {
    DiagonalGaussian(
      mean: gaussians.mean.gatheredRows(rows), logVariance: gaussians.logVariance.gatheredRows(rows)
    )
  }

  /// The shares of the classes, and the mean of z in the most probable one.
  var expectation: Tensor? {
    concatenate(logits.softmax(), gaussians.mean.gatheredRows(likeliest))
  }

  func draw(_ draws: Int, batch: Int, in scope: Scope) -> Draw {
    let wide = logits.repeatedExamples(draws)
    let choices = (wide + scope.graph.gumbel(wide.shape, stream: "class")).argMaxPerExample()
    let z = gaussians(at: Self.rows(of: choices, logits.shape)).samples(in: scope)
    let values = concatenate(choices.oneHot(classes), z)
    return Draw(values, logDensity: logDensity(values))
  }

  func logDensity(_ values: Tensor) -> Tensor? {
    let chosen = values.columns(0..<classes)
    let shares = logits.logSoftmax(along: 1).repeatedExamples(values.shape[0] / count)
    let own = gaussians(at: Self.rows(of: chosen.argMaxPerExample(), logits.shape))
    let z = values.columns(classes..<classes + latent)
    return (chosen * shares).sumPerExample()
      + gaussianLogDensity(z, mean: own.mean, logVariance: own.logVariance)
  }

  /// KL(q(y|x) ‖ 1/K) + Σ_y q(y|x) · KL(q(z|x, y) ‖ N(0, I)).
  func divergence(from prior: any Distribution) -> Divergence? {
    guard prior is ClassAndNormal else { return nil }
    let logShares = logits.logSoftmax(along: 1)
    let gaps = gaussianKL(mean: gaussians.mean, logVariance: gaussians.logVariance)
      .sumPerExample().reshaped(logits.shape)
    let whole = exp(logShares) * (logShares + gaps)
    return .whole(whole.sumPerExample() + Float(RepeatableMath.log(Double(classes))))
  }
}

/// p(y) · p(z): every class alike, and N(0, I).
private struct ClassAndNormal: Distribution {
  let classes: Int
  let latent: Int

  var space: LatentSpace {
    .groups([
      LatentGroup("class", .codes(count: 1, size: classes)), LatentGroup("style", .vector(latent)),
    ])
  }

  func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let rows = batch * count
    let classes = scope.graph.gumbel([rows, classes], stream: "class prior").argMaxPerExample()
    let z = scope.graph.normal([rows, latent], stream: "prior")
    let values = concatenate(classes.oneHot(self.classes), z)
    return Draw(values, logDensity: logDensity(values))
  }

  func logDensity(_ values: Tensor) -> Tensor? {
    gaussianLogDensity(values.columns(classes..<classes + latent))
      - Float(RepeatableMath.log(Double(classes)))
  }
}
