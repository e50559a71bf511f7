import ExptComponents
import ExptFiles
import ExptTensor

extension ImageSet {
  /// What a pass over images that are not in memory finds, some things of all of them and some of a range. It
  /// is made once: what is asked for again is known.
  ///
  /// - Parameters:
  ///   - isThreshold: Whether the mean is to be that of thresholded images; nil: it does not matter.
  ///   - environment: Told how far it has come, and asked whether to stop.
  /// - Complexity: One pass over the images: about a second for a gigabyte of numbers, where the disk is faster.
  func facts(
    in range: Range<Int>, isThreshold: Bool? = nil,
    _ environment: DataEnvironment = DataEnvironment()
  ) -> PixelFacts {
    let stored =
      pixels.stored
      ?? StoredPixels(pixelSource, memory: 1 << 26)
    return stored.facts(about: range, isThreshold: isThreshold) {
      let count = FactsCount(self, stored, range, isThreshold: isThreshold ?? false)
      return count.pass(environment)
    }
  }

  /// Makes the pass, to know the facts of a range from then on.
  ///
  /// - Throws: What went wrong in reading; that the user asked to stop.
  func learnFacts(
    in range: Range<Int>, isThreshold: Bool, _ environment: DataEnvironment
  ) throws(DataProblem) {
    guard pixels.stored != nil else { return }
    _ = facts(in: range, isThreshold: isThreshold, environment)
    try checkRead()
    if environment.isStopped() { throw DataProblem(.stopped, "stopped while images were read") }
  }
}

/// Adds up what is to be known about stored images.
///
/// Numbers are added in Double and in the order of the images, so that sums are the same on every machine and
/// for images in memory; variances are those around the first image, moved to the mean.
private final class FactsCount {
  private let images: ImageSet
  private let stored: StoredPixels
  private let range: Range<Int>
  private let isThreshold: Bool
  private let size: Int
  private let isBytes: Bool
  private var digest = XXH64()
  private var extent: Extent?
  private var sums: [Double]
  /// Of the distances from the first image's values, and of their squares.
  private var distances: [Double]
  private var squares: [Double]
  private var first: [Double] = []
  private var (grey, zeros) = (0, 0)

  init(_ images: ImageSet, _ stored: StoredPixels, _ range: Range<Int>, isThreshold: Bool) {
    (self.images, self.stored, self.range) = (images, stored, range)
    self.isThreshold = isThreshold
    (size, isBytes) = (stored.source.size, stored.source.holdsBytes)
    sums = [Double](repeating: 0, count: size)
    (distances, squares) = (sums, sums)
  }

  /// Images read at a time: some four mebibytes.
  private var step: Int { max(1, (4 << 20) / max(1, stored.source.imageBytes)) }

  func pass(_ environment: DataEnvironment) -> PixelFacts {
    let (stored, count, step) = (stored, images.count, step)
    let bytes = stored.source.imageBytes
    func part(_ number: Int) -> Range<Int> { number * step..<min((number + 1) * step, count) }
    let ahead = ReadAhead(bytes: step * bytes) { number, memory in
      let images = number * step..<min((number + 1) * step, count)
      stored.read(
        images,
        into: UnsafeMutableRawBufferPointer(rebasing: memory[..<(images.count * bytes)]))
    }
    let parts = (count + step - 1) / step
    var told = 0
    for number in 0..<parts where stored.problem == nil && !environment.isStopped() {
      let images = part(number)
      let memory = ahead.piece(number, next: number + 1 < parts ? number + 1 : nil)
      add(images, UnsafeRawBufferPointer(rebasing: memory[..<(images.count * bytes)]))
      let percent = (number + 1) * 100 / parts
      if percent >= told + 10, parts > 50 {
        told = percent / 10 * 10
        environment.report("looking at all images once: \(told) %")
      }
    }
    return facts
  }

  private func add(_ images: Range<Int>, _ memory: UnsafeRawBufferPointer) {
    digest.update(memory)
    if !isBytes { widen(ImageSet.extent(memory)) }
    let counted = images.clamped(to: range)
    guard !counted.isEmpty else { return }
    let bytes = stored.source.imageBytes
    let start = (counted.lowerBound - images.lowerBound) * bytes
    let part = UnsafeRawBufferPointer(rebasing: memory[start..<start + counted.count * bytes])
    if isBytes {
      add(part.assumingMemoryBound(to: UInt8.self))
    } else {
      add(part.assumingMemoryBound(to: Float.self))
    }
  }

  private func widen(_ other: Extent) {
    guard let extent else { return self.extent = other }
    self.extent = Extent(
      least: min(extent.least, other.least), greatest: max(extent.greatest, other.greatest),
      isFinite: extent.isFinite && other.isFinite)
  }

  private func add(_ bytes: UnsafeBufferPointer<UInt8>) {
    for (pixel, sum) in ImageSet.byteSums(bytes, size: size, isThreshold: isThreshold).enumerated()
    {
      sums[pixel] += Double(sum)
    }
    grey += ImageSet.greyCount(bytes)
  }

  private func add(_ values: UnsafeBufferPointer<Float>) {
    if first.isEmpty { first = values[..<size].map { Double($0) } }
    let (size, isThreshold) = (size, isThreshold)
    sums.withUnsafeMutableBufferPointer { sums in
      for start in stride(from: 0, to: values.count, by: max(1, size)) {
        for pixel in 0..<size {
          let value = values[start &+ pixel]
          sums[pixel] += isThreshold ? (value > 0.5 ? 1 : 0) : Double(value)
        }
      }
    }
    distances.withUnsafeMutableBufferPointer { distances in
      squares.withUnsafeMutableBufferPointer { squares in
        first.withUnsafeBufferPointer { first in
          for start in stride(from: 0, to: values.count, by: max(1, size)) {
            for pixel in 0..<size {
              let distance = Double(values[start &+ pixel]) - first[pixel]
              distances[pixel] += distance
              squares[pixel] += distance * distance
            }
          }
        }
      }
    }
    for value in values {
      if value == 0 { zeros &+= 1 } else if value != 1 { grey &+= 1 }
    }
  }

  private var facts: PixelFacts {
    let count = Double(max(1, range.count))
    let whole = isBytes && !isThreshold ? count * 255 : count
    let means = sums.map { $0 / whole }
    let values = Double(max(1, range.count * size))
    var labelled = digest
    images.labels?.withUnsafeBytes { labelled.update($0) }
    return PixelFacts(
      least: extent?.least ?? 0, greatest: extent?.greatest ?? 1,
      isFinite: extent?.isFinite ?? true,
      digests: (digest.hex, labelled.hex), range: range, isThreshold: isThreshold,
      mean: means.map { Float($0) }, variance: variances(count),
      greyShare: Double(grey) / values, zeroShare: Double(zeros) / values)
  }

  private func variances(_ count: Double) -> [Float] {
    guard !isBytes else { return [] }
    return (0..<size).map { pixel in
      let offset = distances[pixel] / count
      return Float(max(0, squares[pixel] / count - offset * offset))
    }
  }
}
