import ExptTensor

/// K vectors that others are replaced by, each by the nearest.
///
/// They are trained by gradients, or follow the vectors that chose them as moving averages. With nₖ vectors
/// of a batch nearest to code k, whose sum is sₖ:
///
///     Nₖ ← γ·Nₖ + (1 − γ)·nₖ        eₖ ← eₖ + (1 − γ)·(sₖ − nₖ·eₖ) / max(Nₖ, ε)
///
/// which is eₖ = mₖ / Nₖ with sums mₖ ← γ·mₖ + (1 − γ)·sₖ that start at Nₖ·eₖ, written so that a code that
/// nothing chose stays where it is, to the bit. N starts at 1: a code weighs as much as one vector.
///
/// Shapes: `vectors` `[K, d]`, a parameter or state; `counts` N, `[K]`, state.
///
/// Source: van den Oord, Vinyals & Kavukcuoglu, "Neural Discrete Representation Learning", NIPS 2017,
/// section 3.2 and appendix A.1.
public struct Codebook {
  public let vectors: Tensor
  public let counts: Tensor
  private let scope: Scope
  private let isTrained: Bool

  /// - Parameters:
  ///   - isTrained: Whether the vectors are trained by gradients; else they are state.
  ///   - bound: How far from 0 their numbers begin, uniformly; nil: 1/K.
  public init(size: Int, width: Int, isTrained: Bool, bound: Float? = nil, in scope: Scope) {
    self.scope = scope
    self.isTrained = isTrained
    counts = scope.state("counts", [size], .ones)
    let start = Initialiser.uniform(bound: bound ?? 1 / Float(size))
    vectors =
      isTrained
      ? scope.parameter("vectors", [size, width], start)
      : scope.state("vectors", [size, width], start)
  }

  public var size: Int { vectors.shape[0] }

  /// The codes that vectors chose.
  public struct Nearest {
    /// Which, of equal ones the lowest: `[n]`.
    public var index: Tensor
    /// `[n, d]`.
    public var vectors: Tensor
    /// How often each code was chosen: `[K]`.
    public var counts: Tensor
  }

  /// The nearest code of each of `[n, d]`.
  public func nearest(to latents: Tensor) -> Nearest {
    Self.nearest(to: latents, among: vectors)
  }

  /// The least ‖z − e‖² is the greatest 2·z·e − ‖e‖².
  public static func nearest(to latents: Tensor, among vectors: Tensor) -> Nearest {
    let codes = vectors.stopGradient()
    let closeness =
      matmul(latents.stopGradient(), codes, transposeB: true) * 2 - square(codes).sumPerExample()
    let index = closeness.argMaxPerExample()
    return Nearest(
      index: index, vectors: vectors.gatheredRows(index),
      counts: codeCounts(index, size: vectors.shape[0]))
  }

  /// Lets the counts, and codes that are not trained, follow the vectors that chose them, after the step.
  ///
  /// - Parameters:
  ///   - decay: γ.
  ///   - floor: ε.
  ///   - restart: A code whose count sinks below this becomes a vector of the batch, drawn at random, with
  ///     this count; nil: never.
  public func follow(
    _ latents: Tensor, _ nearest: Nearest, decay: Float, floor: Float, restart: Float?
  ) {
    let seen = nearest.counts
    var counted = counts * decay + seen * (1 - decay)
    guard !isTrained else { return scope.move(counts, to: counted) }
    let sums = latents.scatteredRows(nearest.index, count: size)
    let weight = (1 - decay) / clamp(counted, floor...Float.greatestFiniteMagnitude)
    var moved =
      vectors + (sums - vectors.scaledRows(by: seen)).scaledRows(by: weight)
    if let restart {
      let isDead = step(restart - counted)
      let drawn = latents.gatheredRows(randomRows(of: latents))
      moved = moved.scaledRows(by: 1 - isDead) + drawn.scaledRows(by: isDead)
      counted = counted * (1 - isDead) + isDead * restart
    }
    scope.move(counts, to: counted)
    scope.move(vectors, to: moved)
  }

  /// K rows drawn at random.
  private func randomRows(of latents: Tensor) -> Tensor {
    let rows = Float(latents.shape[0])
    let noise = scope.graph.uniform([size], stream: scope.path + ".restart")
    return clamp(floor(noise * rows), 0...rows - 1)
  }
}

// MARK: - k-means

extension Codebook {
  private static let clusteringSteps = 10

  /// The codes that k-means finds for vectors `[n, d]`, as first values. It begins with vectors drawn one
  /// from each K-th of the rows; a code that is nearest to none stays where it is, and weighs 1.
  public func firstValues(clustering latents: Tensor) -> (values: [FirstValue], vectors: Tensor) {
    let (rows, count) = (latents.shape[0], size)
    let graph = scope.graph
    let share = Float(rows) / Float(count)
    let starts = graph.constant((0..<count).map { Float($0) * share }, [count])
    let drawn = starts + graph.uniform([count], stream: scope.path + ".clusters") * share
    var found = latents.stopGradient()
      .gatheredRows(clamp(floor(drawn), 0...Float(rows - 1)))
    var counted = graph.constant(1, [count])
    for _ in 0..<Self.clusteringSteps {
      let nearest = Self.nearest(to: latents, among: found)
      counted = clamp(nearest.counts, 1...Float.greatestFiniteMagnitude)
      let sums = latents.scatteredRows(nearest.index, count: count)
      found =
        found
        + (sums - found.scaledRows(by: nearest.counts)).scaledRows(by: reciprocal(counted))
    }
    return (
      [
        FirstValue(scope.child("vectors").path, found),
        FirstValue(scope.child("counts").path, counted),
      ], found
    )
  }
}

/// How often each of K numbers comes in `[n]`: `[K]`.
public func codeCounts(_ indices: Tensor, size: Int) -> Tensor {
  indices.graph.constant(1, [indices.shape[0], 1]).scatteredRows(indices, count: size)
    .reshaped([size])
}
