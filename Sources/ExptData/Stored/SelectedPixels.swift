public import ExptComponents

/// Some images of a source, in any order.
struct SelectedPixels: PixelSource {
  let base: any PixelSource
  /// The images of `base` that these are.
  let numbers: [Int]

  init(_ base: any PixelSource, _ numbers: [Int]) {
    if let selected = base as? SelectedPixels {
      self.base = selected.base
      self.numbers = numbers.map { selected.numbers[$0] }
    } else {
      (self.base, self.numbers) = (base, numbers)
    }
  }

  var count: Int { numbers.count }
  var size: Int { base.size }
  var holdsBytes: Bool { base.holdsBytes }
  var isInMemory: Bool { base.isInMemory }

  /// Neighbours are read together.
  func read(
    _ images: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) throws(DataProblem) {
    let bytes = imageBytes
    var image = images.lowerBound
    while image < images.upperBound {
      let first = numbers[image]
      var end = image + 1
      while end < images.upperBound, numbers[end] == first + (end - image) { end += 1 }
      let place = (image - images.lowerBound) * bytes
      try base.read(
        first..<first + (end - image),
        into: UnsafeMutableRawBufferPointer(
          rebasing: target[place..<place + (end - image) * bytes]))
      image = end
    }
  }
}

extension StoredPixels {
  /// Some of the images: in memory where they are few, else still where they were.
  func selecting(_ numbers: [Int]) -> ImageSet.Pixels {
    let selected = with(SelectedPixels(source, numbers))
    let isSmall = numbers.count <= memory / 8 / max(1, source.imageBytes)
    return isSmall ? selected.pixels(0..<numbers.count) : .stored(selected)
  }
}

extension ImageSet {
  /// How many of images that are not in memory may be there together, as numbers; nil for those that are.
  public var mostInMemory: Int? {
    pixels.stored.map { max(1, $0.memory / max(1, shape.count * MemoryLayout<Float>.size)) }
  }

  /// Images that are not in memory, those of some ranges in the order in which they lie there: to be read
  /// quickly, one after another.
  func inOrderOfFile(_ ranges: [Range<Int>]) -> ImageSet {
    guard let stored = pixels.stored, !stored.source.isInMemory,
      let selected = stored.source as? SelectedPixels
    else { return self }
    var order = Array(0..<count)
    for range in ranges {
      order[range].sort { selected.numbers[$0] < selected.numbers[$1] }
    }
    var ordered = self
    ordered.pixels = .stored(
      stored.with(SelectedPixels(selected.base, order.map { selected.numbers[$0] })))
    ordered.annotate(from: self, order[...])
    return ordered
  }
}
