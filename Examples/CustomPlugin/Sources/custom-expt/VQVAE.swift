import ExptComponents
import ExptTensor

/// A VQ-VAE: each place of a map of latents is one of K code vectors, which follow the latents as moving
/// averages.
///
///     loss = −log p(x|e) + commitment · Σ ‖z − sg(e)‖²        e: the code nearest to z
///
/// The gradient by e is passed on to z (straight through). After each step, with nₖ latents nearest to
/// code k in the batch, whose sum is sₖ:
///
///     Nₖ ← γ·Nₖ + (1 − γ)·nₖ        mₖ ← γ·mₖ + (1 − γ)·sₖ        eₖ = mₖ / Nₖ
///
/// Nₖ begins at 1 and mₖ at random. The prior draws each place's code by how often it is used, on its
/// own: a baseline for priors that know neighbours.
///
/// `latent` is the length of a code vector. The encoder must end with a map: `conv` with `hidden: []`.
///
/// Units: nats per image for the reconstruction; `commitment` is summed over places and averaged over
/// the batch; `perplexity`, of the codes in a batch, is from 1 (one code) to K.
///
/// Source: van den Oord, Vinyals & Kavukcuoglu, "Neural Discrete Representation Learning", NIPS 2017,
/// equation 3 and appendix A.1; ties go to the lower code.
struct VQVAE: Model {
  static let id = "vq_vae_map"
  static let summary = "VQ-VAE: a map of codes, with a codebook of moving averages."

  @Group var parts = AutoencoderParts()
  @Setting("Codebook size K.", .within(2...65536)) var codes: Int = 512
  @Setting("Weight of the commitment term.", .atLeast(0)) var commitment: Float = 0.25
  @Setting("Decay γ of the moving averages.", .within(0...1)) var decay: Float = 0.99

  static let exampleSettings =
    "{encoder: {type: conv, channels: [4], hidden: []}, latent: 3, codes: 8}"

  func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    let map = try map(of: batch, in: scope)
    let nearest = codebook(in: scope).nearest(to: vectors(of: map)).vectors
    return PointMass(
      self.map(of: nearest, like: map).flattened(), space: .map(map.shape.withoutBatch))
  }

  func prior(for batch: Batch, space: LatentSpace, in scope: Scope) -> (any Distribution)? {
    CodesByUse(space: space, codebook: codebook(in: scope))
  }

  func decode(_ latents: Tensor, given batch: Batch, in scope: Scope) throws(BuildProblem) -> Tensor
  {
    let features = try parts.featureShape(in: scope.data)
    guard features.rank == 3 else { throw noMap }
    let map: Shape = [latents.shape[0], parts.latent, features[1], features[2]]
    return try parts.decode(latents.reshaped(map), given: batch, in: scope)
  }

  func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let map = try map(of: batch, in: scope)
    let vectors = vectors(of: map)
    let codebook = codebook(in: scope)
    let nearest = codebook.nearest(to: vectors)
    codebook.follow(vectors, nearest, decay: decay)
    let straight = vectors + (nearest.vectors - vectors).stopGradient()
    let decoded = try parts.decode(self.map(of: straight, like: map), given: batch, in: scope)
    let reconstruction = parts.negativeLogLikelihood(decoded, of: batch, in: scope).mean()
    let distance = square(vectors - nearest.vectors.stopGradient()).sum() / Float(batch.count)
    return LossTerms(
      total: reconstruction + distance * commitment, reconstruction: reconstruction,
      extra: [("commitment", distance), ("perplexity", nearest.perplexity)], decoded: decoded)
  }

  /// z: `[batch, latent, height, width]`.
  private func map(of batch: Batch, in scope: Scope) throws(BuildProblem) -> Tensor {
    let features = try parts.features(of: batch, in: scope)
    guard features.shape.rank == 4 else { throw noMap }
    return try conv2d(
      features, channels: parts.latent, kernel: 1, stride: 1, padding: 0, activation: .none,
      bias: .drawn, in: scope.child("latent"))
  }

  private var noMap: BuildProblem {
    BuildProblem(
      "a map of codes needs an encoder that ends with a map",
      help: "use conv with 'hidden: []'", at: ["encoder"])
  }

  /// `[batch, d, height, width]` to `[batch · height · width, d]`.
  private func vectors(of map: Tensor) -> Tensor {
    let (batch, places) = (map.shape[0], map.shape.count(from: 2))
    return map.reshaped([batch, map.shape[1], places]).transposed()
      .reshaped([batch * places, map.shape[1]])
  }

  private func map(of vectors: Tensor, like map: Tensor) -> Tensor {
    vectors.reshaped([map.shape[0], map.shape.count(from: 2), map.shape[1]]).transposed()
      .reshaped(map.shape)
  }

  private func codebook(in scope: Scope) -> Codebook {
    Codebook(size: codes, width: parts.latent, in: scope.child("codebook"))
  }
}

/// K code vectors as moving averages: the counts `[K]` and the sums `[K, d]` are state, kept in
/// checkpoints and still in evaluation.
private struct Codebook {
  let counts: Tensor
  /// `[K, d]`.
  let vectors: Tensor
  private let sums: Tensor
  private let scope: Scope

  /// Keeps a code that is no longer used from being divided by 0.
  private static let least: Float = 1e-5

  init(size: Int, width: Int, in scope: Scope) {
    self.scope = scope
    counts = scope.state("counts", [size], .ones)
    sums = scope.state("sums", [size, width], .normal(deviation: 0.1))
    let share = reciprocal(counts + Self.least).reshaped([size, 1])
    vectors = sums * matmul(share, scope.graph.constant(1, [1, width]))
  }

  private var size: Int { counts.shape[0] }

  struct Nearest {
    /// Which code, `[n]`.
    var index: Tensor
    /// `[n, d]`.
    var vectors: Tensor
    /// One-hot, `[n, K]`.
    var choices: Tensor

    /// exp of the entropy of the codes' shares.
    var perplexity: Tensor {
      let shares = choices.meanOverBatch()
      return exp(-(shares * log(shares + 1e-10)).sum())
    }
  }

  /// Of each of `[n, d]`: the least ‖z − e‖², which is the greatest 2·z·e − ‖e‖².
  func nearest(to latents: Tensor) -> Nearest {
    let closeness =
      matmul(latents, vectors, transposeB: true) * 2 - square(vectors).sumPerExample()
    let index = closeness.argMaxPerExample()
    return Nearest(
      index: index, vectors: vectors.gatheredRows(index), choices: index.oneHot(size))
  }

  func follow(_ latents: Tensor, _ nearest: Nearest, decay: Float) {
    scope.move(
      counts, to: counts * decay + nearest.choices.sumOverBatch() * (1 - decay))
    scope.move(
      sums, to: sums * decay + matmul(nearest.choices, latents, transposeA: true) * (1 - decay))
  }
}

/// Codes drawn for each place on its own, as often as they are used.
private struct CodesByUse: Distribution {
  let space: LatentSpace
  let codebook: Codebook

  func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let (rows, width) = (batch * count, codebook.vectors.shape[1])
    let places = space.width / width
    let noise = scope.graph.gumbel([rows * places, codebook.counts.shape[0]], stream: "prior")
    let index = (noise + log(codebook.counts + 1e-10)).argMaxPerExample()
    let map = codebook.vectors.gatheredRows(index).reshaped([rows, places, width]).transposed()
    return Draw(map.reshaped([rows, space.width]), logDensity: nil)
  }

  func logDensity(_ values: Tensor) -> Tensor? { nil }
}
