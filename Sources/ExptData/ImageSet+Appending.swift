public import ExptComponents

extension ImageSet {
  /// These images and, behind them, others of the same shape.
  ///
  /// Where one set holds bytes and the other numbers, bytes become the numbers that they mean.
  /// Labels and factors stay where both sets have them; rows are those of each set's own file.
  public func appending(_ other: ImageSet) -> ImageSet {
    precondition(shape == other.shape, "images of \(shape) and of \(other.shape)")
    var all = self
    all.count = count + other.count
    all.pixels =
      switch (pixels, other.pixels) {
      case (.bytes(let first), .bytes(let second)): .bytes(first + second)
      case (.stored(let stored), _), (_, .stored(let stored)):
        .stored(stored.with(JoinedPixels(pixelSource, other.pixelSource)))
      default: .floats(pixels.floats + other.pixels.floats)
      }
    if observed != nil || other.observed != nil {
      all.observed = mask + other.mask
    }
    all.labels = labels.flatMap { first in other.labels.map { first + $0 } }
    all.factors = factors.compactMap { factor in
      other.factors.first { $0.name == factor.name }.map {
        (factor.name, factor.values + $0.values)
      }
    }
    if rows != nil || other.rows != nil || other.count > 0 {
      all.rowNames = nil
      all.rows = (0..<count).map(row) + (0..<other.count).map(other.row)
    }
    return all
  }

  /// `observed`, also where all values are.
  private var mask: [UInt8] { observed ?? Array(repeating: 1, count: count * shape.count) }
}
