import ExptTensor

/// Codes drawn for each place on its own, as often as they are used: the prior of a model of codes that
/// knows nothing of neighbours.
///
///     log p(c) = Σ log (n(cᵢ) / Σ n)
///
/// Shapes: `use` `[K]` for each code of a piece; values `[batch, depth · …]`, the numbers of the codes.
struct CodesByUse: Distribution {
  let space: LatentSpace
  let use: [Tensor]

  /// Keeps a code that was never used from having no probability at all.
  private static let least: Float = 1e-6

  private var width: Int { space.width / use.count }

  func draw(_ count: Int, batch: Int, in scope: Scope) -> Draw {
    let rows = batch * count
    let levels = use.enumerated().map { level, use in
      let noise = scope.graph.gumbel([rows * width, use.shape[0]], stream: "codes.\(level)")
      return (noise + log(use + Self.least)).argMaxPerExample().reshaped([rows, width])
    }
    let values = levels.dropFirst().reduce(levels[0]) { concatenate($0, $1) }
    return Draw(values, logDensity: logDensity(values))
  }

  func logDensity(_ values: Tensor) -> Tensor? {
    let rows = values.shape[0]
    let densities = use.enumerated().map { level, use in
      let size = use.shape[0]
      let shares = log(use + Self.least).reshaped([1, size]).logSoftmax(along: 1)
      return shares.reshaped([size, 1])
        .gatheredRows(values.columns(level * width..<(level + 1) * width).reshaped([rows * width]))
        .reshaped([rows, width]).sumPerExample()
    }
    return densities.dropFirst().reduce(densities[0], +)
  }
}
