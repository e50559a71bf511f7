public import ExptComponents

extension ImageSet {
  /// The variance of each pixel over some of the images, and the share of all pixels that are 0; nil for
  /// bytes.
  public func spread(in range: Range<Int>) -> (variance: [Float], zeroShare: Double)? {
    if let stored = pixels.stored, !stored.source.holdsBytes, !range.isEmpty {
      let facts = facts(in: range)
      return (facts.variance, facts.zeroShare)
    }
    guard case .floats(let floats) = pixels, !range.isEmpty, shape.count > 0 else { return nil }
    let values = floats[places(of: range)]
    let mean = meanImage(in: range)
    var squares = [Double](repeating: 0, count: shape.count)
    var (pixel, zeros) = (0, 0)
    for value in values {
      let distance = Double(value) - Double(mean[pixel])
      squares[pixel] += distance * distance
      if value == 0 { zeros += 1 }
      pixel = pixel + 1 == squares.count ? 0 : pixel + 1
    }
    return (
      squares.map { Float($0 / Double(range.count)) }, Double(zeros) / Double(values.count)
    )
  }
}
