public import ExptComponents

extension ImageSet {
  /// The mean of each pixel over some of the images as a model sees them: bytes as 0 … 1, and 0 or 1
  /// where they are thresholded.
  ///
  /// Bytes are summed as whole numbers and floats in the order of the images, so the mean is the
  /// same on every machine. Without images it is 0. Of a table it is the mean of what is observed.
  ///
  /// - Returns: `shape.count` values.
  /// - Complexity: One pass; MNIST's 60,000 images take some five milliseconds.
  public func meanImage(
    in range: Range<Int>, binarization: SplitSettings.Binarization = .none
  ) -> [Float] {
    let values = places(of: range)
    let count = Double(max(1, range.count))
    let isThreshold = binarization == .threshold
    switch pixels {
    case .bytes(let bytes):
      let whole = count * (isThreshold ? 1 : 255)
      return bytes[values].withUnsafeBufferPointer {
        Self.byteSums($0, size: shape.count, isThreshold: isThreshold)
      }.map { Float(Double($0) / whole) }
    case .floats(let floats):
      let sums = floatSums(floats[values], isThreshold: isThreshold)
      guard let observed else { return sums.map { Float($0 / count) } }
      // What is missing is 0, and is not counted.
      let counts = observed[values].withUnsafeBufferPointer {
        Self.byteSums($0, size: shape.count, isThreshold: false)
      }
      return zip(sums, counts).map { Float($0 / Double(max(1, $1))) }
    case .stored: return facts(in: range, isThreshold: isThreshold).mean
    }
  }

  /// Where the values of some images lie.
  func places(of range: Range<Int>) -> Range<Int> {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "images \(range) of \(count)")
    return range.lowerBound * shape.count..<range.upperBound * shape.count
  }

  static func byteSums(
    _ bytes: UnsafeBufferPointer<UInt8>, size: Int, isThreshold: Bool
  ) -> [UInt64] {
    // 257 bytes can be added in 16 bits, where twice as many are added at a time as in 32.
    let block = max(1, 257 * size)
    var sums = [UInt64](repeating: 0, count: size)
    for start in stride(from: 0, to: bytes.count, by: block) {
      var partial = [UInt16](repeating: 0, count: size)
      let images = bytes[start..<min(start + block, bytes.count)]
      partial.withUnsafeMutableBufferPointer {
        add(UnsafeBufferPointer(rebasing: images), to: $0, isThreshold)
      }
      for pixel in sums.indices { sums[pixel] += UInt64(partial[pixel]) }
    }
    return sums
  }

  private static func add(
    _ images: UnsafeBufferPointer<UInt8>, to sums: UnsafeMutableBufferPointer<UInt16>,
    _ isThreshold: Bool
  ) {
    for start in stride(from: 0, to: images.count, by: max(1, sums.count)) {
      if isThreshold {
        for pixel in sums.indices { sums[pixel] &+= UInt16(images[start &+ pixel] &>> 7) }
      } else {
        for pixel in sums.indices { sums[pixel] &+= UInt16(images[start &+ pixel]) }
      }
    }
  }

  private func floatSums(_ floats: ArraySlice<Float>, isThreshold: Bool) -> [Double] {
    var sums = [Double](repeating: 0, count: shape.count)
    var pixel = 0
    for value in floats {
      sums[pixel] += isThreshold ? (value > 0.5 ? 1 : 0) : Double(value)
      pixel = pixel + 1 == sums.count ? 0 : pixel + 1
    }
    return sums
  }
}
