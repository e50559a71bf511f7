import ExptTensor

/// Codes whose vectors are known beforehand, one row of a table for each.
public struct TableCoding: Coding {
  public let size: Int
  public let use: [Tensor]
  private let table: [Float]
  private let number: (Tensor) -> Tensor

  /// - Parameters:
  ///   - table: `[size, d]`.
  ///   - use: How often each code was chosen lately, `[size]`.
  ///   - number: The numbers `[n]` of the codes of vectors `[n, d]`.
  public init(
    size: Int, table: [Float], use: Tensor, number: @escaping (Tensor) -> Tensor
  ) {
    self.size = size
    self.table = table
    self.use = [use]
    self.number = number
  }

  public func indices(of vectors: Tensor) -> [Tensor] { [number(vectors)] }

  public func vectors(of indices: [Tensor]) -> Tensor {
    indices[0].graph.constant(table, [size, table.count / size]).gatheredRows(indices[0])
  }
}

/// How often each of K codes is chosen in a batch, as a moving average with γ = 0.99 that starts at 1: state.
public struct CodeUse {
  /// `[K]`.
  public let counts: Tensor
  private let scope: Scope

  private static let decay: Float = 0.99

  public init(_ size: Int, in scope: Scope) {
    self.scope = scope
    counts = scope.child("codes").state("counts", [size], .ones)
  }

  public func follow(_ seen: Tensor) {
    scope.move(counts, to: counts * Self.decay + seen * (1 - Self.decay))
  }
}

extension CodedModel {
  /// How many codes of `width` numbers there are in `latent` numbers.
  ///
  /// - Throws: `BuildProblem` if they do not divide.
  public func piecesOf(
    _ width: Int, in latent: Int, setting: String
  ) throws(BuildProblem) -> Int {
    guard latent % width == 0 else {
      throw BuildProblem(
        "each code is made of \(width) numbers, and 'latent' is \(latent)",
        help: "make 'latent' \(width) for one code at each place, or a multiple of it",
        at: [setting])
    }
    return latent / width
  }
}
