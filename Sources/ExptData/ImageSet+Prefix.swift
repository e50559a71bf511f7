public import ExptComponents

extension ImageSet {
  /// The first `limit` images with their labels and factors.
  public func prefix(_ limit: Int) -> ImageSet {
    let kept = min(max(0, limit), count)
    if kept == count { return self }
    let values = kept * shape.count
    let pixels: Pixels =
      switch pixels {
      case .bytes(let bytes): .bytes(Array(bytes.prefix(values)))
      case .floats(let floats): .floats(Array(floats.prefix(values)))
      }
    var prefix = self
    (prefix.count, prefix.pixels) = (kept, pixels)
    prefix.labels = labels.map { Array($0.prefix(kept)) }
    prefix.factors = factors.map { ($0.name, Array($0.values.prefix(kept))) }
    prefix.rows = rows.map { Array($0.prefix(kept)) }
    return prefix
  }
}
