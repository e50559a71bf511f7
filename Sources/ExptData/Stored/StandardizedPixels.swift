import ExptComponents

/// A source of numbers, each value brought to mean 0 and variance 1.
struct StandardizedPixels: PixelSource {
  let base: NumberPixels
  let standardization: Standardization

  var count: Int { base.count }
  var size: Int { base.size }
  var holdsBytes: Bool { false }
  var isInMemory: Bool { base.isInMemory }

  func read(
    _ images: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) throws(DataProblem) {
    try base.read(images, into: target)
    let values = target.assumingMemoryBound(to: Float.self)
    standardization.apply(
      to: UnsafeMutableBufferPointer(rebasing: values[..<(images.count * size)]))
  }
}
