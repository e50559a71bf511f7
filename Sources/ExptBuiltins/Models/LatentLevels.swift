import ExptComponents
import ExptTensor

/// The networks between the levels of latents of a `HierarchicalVAE`, in a graph. Levels count from 0 here,
/// the one nearest the image.
struct LatentLevels {
  let parts: AutoencoderParts
  /// Latent dimensions of each level.
  let widths: [Int]
  let inference: HierarchicalVAE.Inference
  let between: [Int]
  let activation: Activation
  let scope: Scope

  var count: Int { widths.count }
  var top: Int { count - 1 }

  var space: LatentSpace {
    count == 1
      ? .vector(widths[0])
      : .groups(widths.enumerated().map { LatentGroup("level \($0 + 1)", .vector($1)) })
  }

  func posterior(of batch: Batch) throws(BuildProblem) -> any LeveledPosterior {
    var features = [try parts.features(of: batch, in: scope).flattened()]
    if inference != .bottomUp {
      for level in 0..<count where level > 0 {
        features.append(try up(to: level, features[level - 1]))
      }
    }
    if count == 1 { return SingleLevel(gaussian: try gaussian(of: 0, from: features[0])) }
    return LevelsPosterior(levels: self, batch: batch.count, features: features)
  }

  /// Each level's z for latents as they are written: `[rows, Σ widths]` to `[rows, width]` each.
  func levels(of latents: Tensor) throws(BuildProblem) -> [Tensor] {
    if count == 1 { return [latents] }
    var noises: [Tensor] = []
    var start = 0
    for width in widths {
      noises.append(latents.columns(start..<start + width))
      start += width
    }
    var values = noises
    for level in (0..<top).reversed() {
      let prior = try prior(of: level, from: down(from: level + 1, values[level + 1]))
      values[level] = reparameterize(
        mean: prior.mean, logVariance: prior.logVariance, noise: noises[level])
    }
    return values
  }

  /// What a level's sample says to the level below it.
  func down(from level: Int, _ z: Tensor) throws(BuildProblem) -> Tensor {
    try hidden(z, in: place(level).child("down"))
  }

  /// p(zᵢ|z_{i+1}), from what the level above says.
  func prior(of level: Int, from x: Tensor) throws(BuildProblem) -> DiagonalGaussian {
    let (inputs, numbers) = (x.shape[1], 2 * widths[level])
    let scope = place(level + 1).child("prior")
    let output = scope.layer("linear \(inputs) → \(numbers), from 0") {
      linear(
        x, weight: scope.parameter("weight", [numbers, inputs], .zeros),
        bias: scope.parameter("bias", [numbers], .zeros), activation: .none)
    }
    return halves(output)
  }

  /// The Gaussian that a level's head says.
  func gaussian(of level: Int, from x: Tensor) throws(BuildProblem) -> DiagonalGaussian {
    let place = level == 0 ? scope.child("latent") : place(level).child("posterior")
    return halves(try linear(x, to: 2 * widths[level], in: place))
  }

  /// What a level's features are made of: those of the level below, or its sample.
  func up(to level: Int, _ x: Tensor) throws(BuildProblem) -> Tensor {
    try hidden(x, in: place(level).child("up"))
  }

  private func halves(_ numbers: Tensor) -> DiagonalGaussian {
    let width = numbers.shape[1] / 2
    return DiagonalGaussian(
      mean: numbers.columns(0..<width), logVariance: numbers.columns(width..<2 * width))
  }

  private func hidden(_ x: Tensor, in scope: Scope) throws(BuildProblem) -> Tensor {
    var x = x
    for (index, units) in between.enumerated() {
      x = try linear(x, to: units, activation: activation, in: scope.child("\(index)"))
    }
    return x
  }

  private func place(_ level: Int) -> Scope { scope.child("level\(level + 1)") }
}

/// A posterior that says what each level came to.
protocol LeveledPosterior: Distribution {
  /// `count` draws of each example, the level nearest the image first.
  func descend(_ count: Int, in scope: Scope) throws(BuildProblem) -> [LevelPass]
}

/// What a level came to.
struct LevelPass {
  /// zᵢ, `[rows, width]`.
  var value: Tensor
  /// q of it.
  var own: DiagonalGaussian
  /// p of it; nil for N(0, I).
  var prior: DiagonalGaussian?
  /// KLᵢ of each row and dimension, `[rows, width]`.
  var divergence: Tensor

  /// (zᵢ − μ_p) / σ_p.
  func noise(_ value: Tensor) -> Tensor {
    guard let prior else { return value }
    return (value - prior.mean) * exp(prior.logVariance * -0.5)
  }

  /// log q of that noise, `[rows]`.
  var logDensity: Tensor {
    let density = gaussianLogDensity(value, mean: own.mean, logVariance: own.logVariance)
    guard let prior else { return density }
    return density + prior.logVariance.sumPerExample() * 0.5
  }

  /// log q − log p of the sample, `[rows]`.
  var logRatio: Tensor {
    let own = gaussianLogDensity(value, mean: own.mean, logVariance: own.logVariance)
    return own
      - gaussianLogDensity(value, mean: prior?.mean, logVariance: prior?.logVariance)
  }
}

/// The posterior of one level: what `vae` has.
struct SingleLevel: LeveledPosterior {
  let gaussian: DiagonalGaussian

  var space: LatentSpace { gaussian.space }
  var expectation: Tensor? { gaussian.expectation }
  var parameters: [(name: String, value: Tensor)] { gaussian.parameters }

  func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    gaussian.draw(count, batch: batch, in: scope)
  }

  func logDensity(_ values: Tensor) -> Tensor? { gaussian.logDensity(values) }

  func divergence(from prior: any Distribution) -> Divergence? {
    gaussian.divergence(from: prior)
  }

  func descend(_ count: Int, in scope: Scope) -> [LevelPass] {
    let kl = gaussianKL(mean: gaussian.mean, logVariance: gaussian.logVariance)
    let own = DiagonalGaussian(
      mean: gaussian.mean.repeatedExamples(count),
      logVariance: gaussian.logVariance.repeatedExamples(count))
    return [
      LevelPass(value: gaussian.samples(count, in: scope), own: own, prior: nil, divergence: kl)
    ]
  }
}

/// q(z₁, …, z_L|x) as the noise that makes the levels.
struct LevelsPosterior: LeveledPosterior {
  let levels: LatentLevels
  let batch: Int
  /// Of each level, `[batch, n]`; of the first alone with `bottom_up`.
  let features: [Tensor]

  /// Where the values of the levels come from.
  private enum Source {
    case drawn(Int, Scope)
    case means
    case given([Tensor])

    func rows(for batch: Int) -> Int {
      switch self {
      case .drawn(let count, _): count
      case .means: 1
      case .given(let values): values[0].shape[0] / batch
      }
    }

    func value(of gaussian: DiagonalGaussian, level: Int) -> Tensor {
      switch self {
      case .means: return gaussian.mean
      case .given(let values): return values[level]
      case .drawn(_, let scope):
        let noise = scope.graph.normal(
          gaussian.mean.shape, stream: level == 0 ? "latent" : "latent \(level + 1)")
        return reparameterize(
          mean: gaussian.mean, logVariance: gaussian.logVariance, noise: noise)
      }
    }
  }

  var space: LatentSpace { levels.space }

  var expectation: Tensor? { joined(recorded(.means)) }

  func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let passes = recorded(.drawn(count, scope))
    return Draw(joined(passes), logDensity: density(passes))
  }

  func logDensity(_ values: Tensor) -> Tensor? {
    density(recorded { () throws(BuildProblem) in .given(try levels.levels(of: values)) })
  }

  func descend(_ count: Int, in scope: Scope) throws(BuildProblem) -> [LevelPass] {
    try passes(.drawn(count, scope))
  }

  private func joined(_ passes: [LevelPass]) -> Tensor {
    passes.dropFirst().reduce(passes[0].noise(passes[0].value)) {
      concatenate($0, $1.noise($1.value))
    }
  }

  private func density(_ passes: [LevelPass]) -> Tensor {
    passes.dropFirst().reduce(passes[0].logDensity) { $0 + $1.logDensity }
  }

  /// Levels whose widths were checked when the heads were made.
  private func recorded(_ source: Source) -> [LevelPass] {
    recorded { () throws(BuildProblem) in source }
  }

  private func recorded(_ source: () throws(BuildProblem) -> Source) -> [LevelPass] {
    do { return try passes(source()) } catch {
      preconditionFailure("levels that were built once cannot be built again: \(error.message)")
    }
  }

  private func passes(_ source: Source) throws(BuildProblem) -> [LevelPass] {
    let count = source.rows(for: batch)
    let features = features.map { $0.repeatedExamples(count) }
    return levels.inference == .bottomUp
      ? try upwards(features[0], source) : try downwards(features, source)
  }

  private func upwards(
    _ features: Tensor, _ source: Source
  ) throws(BuildProblem) -> [LevelPass] {
    var own: [DiagonalGaussian] = []
    var values: [Tensor] = []
    for level in 0..<levels.count {
      let x = level == 0 ? features : try levels.up(to: level, values[level - 1])
      own.append(try levels.gaussian(of: level, from: x))
      values.append(source.value(of: own[level], level: level))
    }
    var passes: [LevelPass] = []
    for (level, gaussian) in own.enumerated() {
      let prior =
        level == levels.top
        ? nil : try levels.prior(of: level, from: levels.down(from: level + 1, values[level + 1]))
      passes.append(
        LevelPass(
          value: values[level], own: gaussian, prior: prior,
          divergence: prior.map { logRatio(values[level], gaussian, $0) }
            ?? gaussianKL(mean: gaussian.mean, logVariance: gaussian.logVariance)))
    }
    return passes
  }

  /// log q − log p of each number.
  private func logRatio(
    _ value: Tensor, _ own: DiagonalGaussian, _ prior: DiagonalGaussian
  ) -> Tensor {
    func squares(_ gaussian: DiagonalGaussian) -> Tensor {
      square(value - gaussian.mean) * exp(-gaussian.logVariance) + gaussian.logVariance
    }
    return (squares(prior) - squares(own)) * 0.5
  }

  private func downwards(
    _ features: [Tensor], _ source: Source
  ) throws(BuildProblem) -> [LevelPass] {
    var passes: [LevelPass] = []
    var above: Tensor?
    for level in (0..<levels.count).reversed() {
      let pass = try pass(level, features[level], above: above, source)
      passes.insert(pass, at: 0)
      above = pass.value
    }
    return passes
  }

  private func pass(
    _ level: Int, _ features: Tensor, above: Tensor?, _ source: Source
  ) throws(BuildProblem) -> LevelPass {
    guard let above else {
      let own = try levels.gaussian(of: level, from: features)
      return LevelPass(
        value: source.value(of: own, level: level), own: own, prior: nil,
        divergence: gaussianKL(mean: own.mean, logVariance: own.logVariance))
    }
    let said = try levels.down(from: level + 1, above)
    let prior = try levels.prior(of: level, from: said)
    if levels.inference == .ladder {
      let own = product(try levels.gaussian(of: level, from: features), prior)
      return LevelPass(
        value: source.value(of: own, level: level), own: own, prior: prior,
        divergence: divergence(own, prior))
    }
    let change = try levels.gaussian(of: level, from: concatenate(features, said))
    let own = DiagonalGaussian(
      mean: prior.mean + exp(prior.logVariance * 0.5) * change.mean,
      logVariance: prior.logVariance + change.logVariance)
    return LevelPass(
      value: source.value(of: own, level: level), own: own, prior: prior,
      divergence: gaussianKL(mean: change.mean, logVariance: change.logVariance))
  }

  /// The Gaussian proportional to the product of two: precisions add, means are weighed by them.
  private func product(_ a: DiagonalGaussian, _ b: DiagonalGaussian) -> DiagonalGaussian {
    let difference = b.logVariance - a.logVariance
    return DiagonalGaussian(
      mean: b.mean + (a.mean - b.mean) * sigmoid(difference),
      logVariance: b.logVariance - softplus(difference))
  }

  /// KL(q ‖ p) of each number.
  private func divergence(_ own: DiagonalGaussian, _ prior: DiagonalGaussian) -> Tensor {
    let distance = square(own.mean - prior.mean) * exp(-prior.logVariance)
    let ratio = own.logVariance - prior.logVariance
    return (exp(ratio) + distance - ratio - 1) * 0.5
  }
}
