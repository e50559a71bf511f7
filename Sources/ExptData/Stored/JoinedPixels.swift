import ExptComponents

/// The images of a source and, behind them, those of another; numbers where one has bytes and the other not.
struct JoinedPixels: PixelSource {
  private let first: any PixelSource
  private let second: any PixelSource

  init(_ first: any PixelSource, _ second: any PixelSource) {
    let areAlike = first.holdsBytes == second.holdsBytes
    self.first = areAlike ? first : NumberPixels(first)
    self.second = areAlike ? second : NumberPixels(second)
  }

  var count: Int { first.count + second.count }
  var size: Int { first.size }
  var holdsBytes: Bool { first.holdsBytes }
  var isInMemory: Bool { first.isInMemory && second.isInMemory }

  func read(
    _ images: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) throws(DataProblem) {
    let border = first.count
    let front = images.clamped(to: 0..<border)
    let back = images.clamped(to: border..<max(border, count))
    let split = front.count * imageBytes
    if !front.isEmpty {
      try first.read(front, into: UnsafeMutableRawBufferPointer(rebasing: target[..<split]))
    }
    if !back.isEmpty {
      try second.read(
        back.lowerBound - border..<back.upperBound - border,
        into: UnsafeMutableRawBufferPointer(rebasing: target[split...]))
    }
  }
}

/// A source of bytes as numbers from 0 to 1; numbers as they are.
struct NumberPixels: PixelSource {
  let base: any PixelSource

  init(_ base: any PixelSource) { self.base = base }

  var count: Int { base.count }
  var size: Int { base.size }
  var holdsBytes: Bool { false }
  var isInMemory: Bool { base.isInMemory }

  func read(
    _ images: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) throws(DataProblem) {
    try base.read(images, into: target)
    guard base.holdsBytes else { return }
    // From the end: a number takes the place of bytes that have been read already.
    for place in (0..<images.count * size).reversed() {
      target.storeBytes(
        of: Float(target[place]) / 255, toByteOffset: place * MemoryLayout<Float>.size,
        as: Float.self)
    }
  }
}

/// Images in memory as a source.
struct MemoryPixels: PixelSource {
  let pixels: ImageSet.Pixels
  let count: Int
  let size: Int

  var holdsBytes: Bool { if case .bytes = pixels { true } else { false } }
  var isInMemory: Bool { true }

  func read(_ images: Range<Int>, into target: UnsafeMutableRawBufferPointer) {
    let values = images.lowerBound * size..<images.upperBound * size
    switch pixels {
    case .bytes(let bytes):
      bytes.withUnsafeBytes { target.copyMemory(from: .init(rebasing: $0[values])) }
    case .floats(let floats):
      floats.withUnsafeBufferPointer {
        target.copyMemory(
          from: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: $0[values])))
      }
    case .stored(let stored): stored.read(images, into: target)
    }
  }
}

extension ImageSet {
  /// These images, wherever they are.
  var pixelSource: any PixelSource {
    pixels.stored?.source ?? MemoryPixels(pixels: pixels, count: count, size: shape.count)
  }
}
