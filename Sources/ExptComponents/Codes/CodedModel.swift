import ExptTensor

/// A model whose latents are codes: each place of the encoder's map, or each piece of its vector, becomes
/// one of K codes, known by its number, and the decoder sees the vectors that the codes stand for.
///
/// `latent` numbers at each place of a map (or `latent` numbers in all, for an encoder that ends with a
/// vector) are cut into `pieces`, and each piece becomes a code. Latents everywhere are the codes' numbers,
/// a grid `[depth · pieces, height, width]`.
///
/// The prior draws each code on its own, as often as it was chosen lately: a baseline for priors that know
/// neighbours.
public protocol CodedModel: Model {
  /// How many codes `latent` numbers become.
  ///
  /// - Throws: `BuildProblem` if they cannot be cut so.
  func pieceCount() throws(BuildProblem) -> Int

  /// What vectors and codes have to do with each other; its parameters and state are made in `scope`.
  func codes(in scope: Scope) throws(BuildProblem) -> any Coding
}

/// How vectors become codes and codes vectors.
public protocol Coding {
  /// K.
  var size: Int { get }
  /// How often each code was chosen lately, `[K]`, for each code of a piece: the number of them is the
  /// depth, 1 but for residual codes.
  var use: [Tensor] { get }
  /// The codes of vectors `[n, d]`: `[n]` numbers for each of the depth.
  func indices(of vectors: Tensor) -> [Tensor]
  /// The vectors `[n, d]` of codes.
  func vectors(of indices: [Tensor]) -> Tensor
}

extension CodedModel {
  /// The encoder's numbers before they are replaced by codes.
  public func coded(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> CodedLatents {
    let features = try parts.features(of: batch, in: scope)
    let pieces = try pieceCount()
    guard features.shape.rank == 4 else {
      let row = try linear(features.flattened(), to: parts.latent, in: scope.child("latent"))
      return CodedLatents(row, CodeLayout(pieces: pieces, width: parts.latent, map: nil))
    }
    let map = try conv2d(
      features, channels: parts.latent, kernel: 1, stride: 1, padding: 0, activation: .none,
      bias: .drawn, in: scope.child("latent"))
    return CodedLatents(map, CodeLayout(pieces: pieces, width: parts.latent, map: map.shape))
  }

  /// The likelihood's parameters for vectors in the place of the encoder's.
  public func decode(
    vectors: Tensor, _ layout: CodeLayout, given batch: Batch, in scope: Scope
  ) throws(BuildProblem) -> Tensor {
    try parts.decode(layout.latents(of: vectors), given: batch, in: scope)
  }

  public func encode(_ batch: Batch, in scope: Scope) throws(BuildProblem) -> any Distribution {
    let latents = try coded(batch, in: scope)
    let coding = try codes(in: scope)
    let grid = latents.layout.grid(of: coding.indices(of: latents.vectors))
    return PointMass(
      grid, space: .indices(latents.layout.grid(depth: coding.use.count), size: coding.size))
  }

  public func prior(for batch: Batch, space: LatentSpace, in scope: Scope) throws(BuildProblem)
    -> (any Distribution)?
  { CodesByUse(space: space, use: try codes(in: scope).use) }

  public func decode(_ latents: Tensor, given batch: Batch, in scope: Scope) throws(BuildProblem)
    -> Tensor
  {
    let features = try parts.featureShape(in: scope.data)
    let layout = CodeLayout(
      pieces: try pieceCount(), width: parts.latent,
      map: features.rank == 3 ? features.batched(1) : nil)
    let coding = try codes(in: scope)
    let indices = layout.indices(of: latents, depth: coding.use.count)
    return try decode(
      vectors: coding.vectors(of: indices), layout, given: batch, in: scope)
  }
}

/// Latents as rows, one for each code to be.
public struct CodedLatents {
  public let layout: CodeLayout
  /// `[batch · places · pieces, d]`.
  public let vectors: Tensor

  init(_ latents: Tensor, _ layout: CodeLayout) {
    self.layout = layout
    vectors = layout.vectors(of: latents)
  }
}

/// Where the codes of an example stand.
public struct CodeLayout: Sendable, Hashable {
  /// Codes at each place.
  public let pieces: Int
  /// Numbers at each place.
  private let width: Int
  /// `[height, width]` of a map; nil for a vector.
  private let map: Shape?

  /// - Parameter map: `[batch, channels, height, width]`; nil for a vector.
  init(pieces: Int, width: Int, map: Shape?) {
    precondition(width % pieces == 0, "\(width) numbers in \(pieces) pieces")
    self.pieces = pieces
    self.width = width
    self.map = map.map { [$0[2], $0[3]] }
  }

  public var places: Int { map?.count ?? 1 }
  /// Numbers that a code stands for.
  public var codeWidth: Int { width / pieces }

  public func grid(depth: Int) -> Shape { [depth * pieces, map?[0] ?? 1, map?[1] ?? 1] }

  /// A map `[batch, width, height, width]`, or rows `[batch, width]`, as a row for each code.
  func vectors(of latents: Tensor) -> Tensor {
    let rows = latents.shape[0] * places * pieces
    guard map != nil else { return latents.reshaped([rows, codeWidth]) }
    return latents.reshaped([latents.shape[0], width, places]).transposed()
      .reshaped([rows, codeWidth])
  }

  func latents(of vectors: Tensor) -> Tensor {
    let batch = vectors.shape[0] / (places * pieces)
    guard let map else { return vectors.reshaped([batch, width]) }
    return vectors.reshaped([batch, places, width]).transposed()
      .reshaped([batch, width, map[0], map[1]])
  }

  /// Numbers of codes in the order of `vectors`, for each of the depth, as grids: `[batch, n]`.
  func grid(of indices: [Tensor]) -> Tensor {
    let grids = indices.map { index in
      index.reshaped([index.shape[0] / (places * pieces), places, pieces]).transposed().flattened()
    }
    return grids.dropFirst().reduce(grids[0]) { concatenate($0, $1) }
  }

  func indices(of grid: Tensor, depth: Int) -> [Tensor] {
    let (batch, size) = (grid.shape[0], places * pieces)
    return (0..<depth).map { level in
      grid.columns(level * size..<(level + 1) * size).reshaped([batch, pieces, places])
        .transposed().reshaped([batch * size])
    }
  }
}
