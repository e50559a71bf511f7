import ExptComponents
import ExptTensor

/// A VQ-VAE: each place of a map of latents, or each piece of a vector, is replaced by the nearest of K
/// code vectors.
///
///     loss = −log p(x|e) + commitment · Σ ‖z − sg(e)‖²  [ + Σ ‖sg(z) − e‖², with update: gradient ]
///
/// The encoder's numbers z, `latent` of them at each place (or `latent` in all, for an encoder that ends
/// with a vector), are cut into `pieces`, and each piece is replaced by the code e nearest to it; ties go to
/// the lower number. The decoder's gradient goes past that choice: see `gradient`. A conv encoder ends with
/// a map with `hidden: []`.
///
/// With `update: ema` the codes are moving averages of the vectors that chose them; those that are chosen
/// too rarely can begin again at a vector of the batch (`restart_below`). With `levels` L > 1 (residual
/// quantization) what a level leaves, z − e, is quantized by a codebook of the next, the decoder sees the
/// sum, and the sums above go over all levels.
///
/// The prior draws each code on its own, by how often it is chosen: a baseline. Latents everywhere are the
/// numbers of the codes, a grid `[levels · pieces, height, width]`.
///
/// Units: nats per image for the reconstruction; `commitment` and `codebook` are sums over places, pieces
/// and levels, averaged over the batch, not weighted. `perplexity`, exp of the entropy of the codes' shares,
/// from 1 to K, and `usage`, the share of codes in use, are of all images of an epoch.
///
/// Source: van den Oord, Vinyals & Kavukcuoglu, "Neural Discrete Representation Learning", NIPS 2017,
/// equation 3 and appendix A.1; residual levels: Zeghidour et al., "SoundStream", 2021, section III.C;
/// restarts: Dhariwal et al., "Jukebox", 2020, section 3.1.
public struct VQVAE: CodedModel {
  public enum Update: String, NamedChoice { case ema, gradient }
  public enum Start: String, NamedChoice { case kmeans, random }

  public static let id = "vq_vae"
  public static let summary = "VQ-VAE: latents are codes of a learned codebook."
  public static let exampleSettings = """
    { encoder: {type: conv, channels: [4], hidden: []}, latent: 4, codebook: 8, levels: 2, \
    pieces: 2, initial: random }
    """

  @Group public var parts = AutoencoderParts()
  @Setting("Codebook size K.", .within(2...65536)) public var codebook: Int = 512
  @Setting("Codes that the numbers at a place are cut into.", .within(1...65536))
  public var pieces: Int = 1
  @Setting("Codebooks that a code is the sum of; over 1: residual quantization.", .within(1...64))
  public var levels: Int = 1
  @Setting("Weight of the commitment term.", .atLeast(0)) public var commitment: Float = 0.25
  @Setting("How the codes learn: as moving averages (ema), or by gradients.")
  public var update: Update = .ema
  @Setting("Decay γ of the moving averages.", .within(0...1)) public var decay: Float = 0.99
  @Setting("Least count ε that a code's movement is divided by.", .above(0))
  public var epsilon: Float = 1e-5
  @Setting("How the codes begin: k-means of the first images, or at random near 0.")
  public var initial: Start = .kmeans
  @Setting("With initial: random, how far from 0 codes begin; null: 1/K.", .above(0))
  public var initialBound: Float? = nil
  @Setting(
    "A code chosen less often in a batch, on average, begins again at a latent; null: never.",
    .above(0)) public var restartBelow: Float? = nil
  @Setting("The encoder's gradient: straight through (ste), or turned with the code (rotation).")
  public var gradient: CodeGradient = .ste

  public init() {}

  public var formula: String? {
    let isTrained = update == .gradient
    let sum = levels > 1 ? "Σ over levels " : "Σ "
    return "−log p(x|e) + {β=commitment}·\(sum)‖z − sg(e)‖²"
      + (isTrained ? " + \(sum)‖sg(z) − e‖²" : "") + ",  sg: a constant to the gradient\n"
      + (pieces > 1 ? "z in {P=pieces} pieces,  " : "")
      + (levels > 1
        ? "e the sum of {L=levels} codes, each the nearest of {K=codebook} to what is left by then"
        : "e the nearest of {K=codebook} codes")
      + (isTrained ? "" : "\ncodes: moving averages, of decay {γ=decay}, of the z that chose them")
  }

  public func check(_ report: SettingsReport) {
    if initial == .kmeans, initialBound != nil {
      report.error(
        "'initial_bound' is for codes that begin at random, and these begin with k-means",
        at: "initial_bound", help: "leave it out, or write 'initial: random'")
    }
    if update == .gradient {
      // A run's own record writes out the defaults.
      let changed = [
        ("epsilon", epsilon != Self().epsilon), ("restart_below", restartBelow != nil),
      ]
      for (setting, isChanged) in changed where isChanged {
        report.error(
          "'\(setting)' is for codes that are moving averages, and these learn by gradients",
          at: setting, help: "leave it out, or write 'update: ema'")
      }
    }
  }

  public func check(batchSize: Int, of data: DataFacts) throws(BuildProblem) {
    guard let restartBelow else { return }
    let features = try parts.featureShape(in: data)
    let places = features.rank == 3 ? features[1] * features[2] : 1
    let tokens = batchSize * places * pieces
    let share = Float(tokens) / Float(codebook)
    guard restartBelow > share else { return }
    throw BuildProblem(
      "no code could be kept: a batch has \(tokens) latents for \(codebook) codes, \(share) for each, and "
        + "one chosen less than \(restartBelow) times begins again",
      help: "set it to less than \(share), or use a larger batch or a smaller codebook",
      at: ["restart_below"])
  }

  public func pieceCount() throws(BuildProblem) -> Int {
    guard parts.latent % pieces == 0 else {
      throw BuildProblem(
        "\(parts.latent) numbers cannot be cut into \(pieces) pieces of one length",
        help: "make 'latent' a multiple of it", at: ["pieces"])
    }
    return pieces
  }

  public func codes(in scope: Scope) throws(BuildProblem) -> any Coding {
    try codebooks(in: scope)
  }

  private func codebooks(in scope: Scope) throws(BuildProblem) -> Codebooks {
    let (width, place) = (parts.latent / (try pieceCount()), scope.child("codebook"))
    return Codebooks(
      levels: (0..<levels).map { level in
        Codebook(
          size: codebook, width: width, isTrained: update == .gradient, bound: initialBound,
          in: levels == 1 ? place : place.child("\(level)"))
      })
  }

  public func loss(_ batch: Batch, in pass: LossPass) throws(BuildProblem) -> LossTerms {
    let scope = pass.scope
    let latents = try coded(batch, in: scope)
    let books = try codebooks(in: scope).levels
    var found = Found(rest: latents.vectors)
    for book in books { quantize(&found, by: book) }
    let seen = gradient.passing(found.sum ?? found.rest, through: latents.vectors)
    let decoded = try decode(vectors: seen, latents.layout, given: batch, in: scope)
    let reconstruction = parts.negativeLogLikelihood(decoded, of: batch, in: scope).mean()
    let distance = found.commitment.dropFirst().reduce(found.commitment[0], +) / Float(batch.count)
    var total = reconstruction + distance * commitment
    var extra = [(name: "commitment", value: distance)]
    if update == .gradient {
      let own = found.own.dropFirst().reduce(found.own[0], +) / Float(batch.count)
      total = total + own
      extra.append(("codebook", own))
    }
    return LossTerms(
      total: total, reconstruction: reconstruction, extra: extra, decoded: decoded,
      tallies: tallies(found.counts),
      firstValues: initial == .kmeans && scope.mode == .training
        ? firstValues(books, latents.vectors) : [])
  }

  /// What the levels have made of the latents.
  private struct Found {
    var rest: Tensor
    var sum: Tensor?
    /// Σ ‖z − sg(e)‖² and Σ ‖sg(z) − e‖² of each level.
    var commitment: [Tensor] = []
    var own: [Tensor] = []
    var counts: [Tensor] = []
  }

  private func quantize(_ found: inout Found, by book: Codebook) {
    let nearest = book.nearest(to: found.rest)
    book.follow(
      found.rest, nearest, decay: decay, floor: epsilon, restart: restartBelow)
    found.commitment.append(square(found.rest - nearest.vectors.stopGradient()).sum())
    if update == .gradient {
      found.own.append(square(found.rest.stopGradient() - nearest.vectors).sum())
    }
    found.counts.append(nearest.counts)
    let codes = nearest.vectors.stopGradient()
    found.sum = found.sum.map { $0 + codes } ?? codes
    found.rest = found.rest - codes
  }

  private func tallies(_ counts: [Tensor]) -> [Tally] {
    counts.enumerated().map { level, counts in
      let suffix = levels == 1 ? "" : "_\(level + 1)"
      return .codes("codes\(suffix)", counts, suffix: suffix)
    }
  }

  private func firstValues(_ books: [Codebook], _ latents: Tensor) -> [FirstValue] {
    var rest = latents
    return books.flatMap { book in
      let (values, vectors) = book.firstValues(clustering: rest)
      rest = rest - Codebook.nearest(to: rest, among: vectors).vectors
      return values
    }
  }
}

/// One codebook after another, each for what the one before leaves.
private struct Codebooks: Coding {
  let levels: [Codebook]

  var size: Int { levels[0].size }
  var use: [Tensor] { levels.map(\.counts) }

  func indices(of vectors: Tensor) -> [Tensor] {
    var rest = vectors
    return levels.map { level in
      let nearest = level.nearest(to: rest)
      rest = rest - nearest.vectors
      return nearest.index
    }
  }

  func vectors(of indices: [Tensor]) -> Tensor {
    let parts = zip(levels, indices).map { $0.vectors.gatheredRows($1) }
    return parts.dropFirst().reduce(parts[0], +)
  }
}
