import ExptComponents

/// Brings each value of an image to mean 0 and variance 1 over the training images.
///
/// Sums are taken in Double and in the order of the images, so the numbers are the same on every
/// machine. A value that is the same in every training image has no variance, and becomes 0 there.
struct Standardization {
  private let mean: [Double]
  private let scale: [Double]
  /// A note about values that are the same in every training image; nil if there are none.
  let note: String?

  init(_ images: ImageSet, _ range: Range<Int>) {
    if images.pixels.stored != nil {
      let facts = images.asNumbers.facts(in: range)
      mean = facts.mean.map { Double($0) }
      scale = facts.variance.map { $0 > 0 ? Double($0).squareRoot() : 1 }
      let constant = facts.variance.indices.filter { facts.variance[$0] == 0 }
      note = constant.isEmpty ? nil : Self.sentence(constant, of: mean.count, images)
      return
    }
    let (values, size) = (images.pixels.floats, images.shape.count)
    let count = Double(max(1, range.count))
    func sums(_ term: (_ value: Double, _ pixel: Int) -> Double) -> [Double] {
      var sums = [Double](repeating: 0, count: size)
      for image in range {
        for pixel in 0..<size { sums[pixel] += term(Double(values[image * size + pixel]), pixel) }
      }
      return sums.map { $0 / count }
    }
    let mean = sums { value, _ in value }
    let variance = sums { value, pixel in (value - mean[pixel]) * (value - mean[pixel]) }
    let first = range.first.map { image in values[image * size..<(image + 1) * size] }
    let constant = (0..<size).filter { pixel in
      guard let first else { return false }
      let value = first[first.startIndex + pixel]
      return range.allSatisfy { values[$0 * size + pixel] == value }
    }
    var scale = variance.map { $0.squareRoot() }
    for pixel in constant { scale[pixel] = 1 }
    (self.mean, self.scale) = (mean, scale.map { $0 > 0 ? $0 : 1 })
    note = constant.isEmpty ? nil : Self.sentence(constant, of: size, images)
  }

  func apply(to images: ImageSet) -> ImageSet {
    var images = images
    if let stored = images.pixels.stored {
      let base = NumberPixels(stored.source)
      images.pixels = .stored(
        stored.with(StandardizedPixels(base: base, standardization: self)))
      return images
    }
    var values = images.pixels.floats
    values.withUnsafeMutableBufferPointer { apply(to: $0) }
    images.pixels = .floats(values)
    return images
  }

  /// - Parameter values: Those of one image after another.
  func apply(to values: UnsafeMutableBufferPointer<Float>) {
    let size = max(1, mean.count)
    for start in stride(from: 0, to: values.count, by: size) {
      for pixel in 0..<size {
        let value = Double(values[start + pixel])
        values[start + pixel] = Float((value - mean[pixel]) / scale[pixel])
      }
    }
  }

  private static func sentence(_ constant: [Int], of size: Int, _ images: ImageSet) -> String {
    let named = constant.prefix(8).map(images.place).joined(separator: "; ")
    let more = constant.count > 8 ? "; …" : ""
    let lead = images.source.map { "\($0): " } ?? ""
    return
      "\(lead)\(constant.count) of \(size) values are the same in every training image and become "
      + "0 with 'standardize': \(named)\(more)"
  }
}

extension ImageSet {
  /// Images that are not in memory as numbers, whatever they are.
  fileprivate var asNumbers: ImageSet {
    guard let stored = pixels.stored, stored.source.holdsBytes else { return self }
    var images = self
    images.pixels = .stored(stored.with(NumberPixels(stored.source)))
    return images
  }
}
