import ExptComponents
import ExptData

/// Where the values of some images lie, as a model sees them: bytes as 0 … 1.
public struct ValueSummary: Sendable, Hashable {
  public var least: Float
  public var greatest: Float
  public var mean: Double
  /// From where to where the bins go: 0 … 1 for bytes, else from the least to the greatest value.
  public var range: ClosedRange<Float>
  /// How many values lie in each of `binCount` bins of equal width; the last one holds its upper end.
  public var bins: [Int]

  /// The shares of values that are 0, and that are 1.
  public var zeroShare: Double
  public var oneShare: Double
  /// Whether all are whole numbers.
  public var areWhole: Bool

  public static let binCount = 16

  /// Nil without values.
  ///
  /// Sums are exact for bytes, and in the order of the images for floats, so the mean is the same on every
  /// machine.
  ///
  /// - Complexity: One pass over bytes, two over floats.
  init?(_ images: ImageSet, _ numbers: Range<Int>) {
    let places = numbers.lowerBound * images.shape.count..<numbers.upperBound * images.shape.count
    guard !places.isEmpty else { return nil }
    switch images.pixels {
    case .bytes(let bytes): self.init(levels: Self.levels(of: bytes[places]))
    case .floats(let floats): self.init(floats[places])
    case .stored(let stored): self.init(stored.floats(numbers)[...])
    }
  }

  /// Of numbers as they are; nil without any.
  init?(values: [Float]) {
    if values.isEmpty { return nil }
    self.init(values[...])
  }

  /// - Parameter levels: How often each byte is there.
  private init(levels: [Int]) {
    let total = levels.reduce(0, +)
    let sum = levels.enumerated().reduce(0) { $0 + $1.offset * $1.element }
    least = Float(levels.firstIndex { $0 > 0 } ?? 0) / 255
    greatest = Float(levels.lastIndex { $0 > 0 } ?? 0) / 255
    mean = Double(sum) / 255 / Double(max(1, total))
    let counted = Double(max(1, total))
    (zeroShare, oneShare) = (Double(levels[0]) / counted, Double(levels[255]) / counted)
    areWhole = levels[0] + levels[255] == total
    range = 0...1
    bins = [Int](repeating: 0, count: Self.binCount)
    for (level, count) in levels.enumerated() { bins[level * Self.binCount / 256] += count }
  }

  private init(_ values: ArraySlice<Float>) {
    var (least, greatest, sum) = (Float.infinity, -Float.infinity, 0.0)
    var (zeros, ones, areWhole) = (0, 0, true)
    for value in values {
      if value == 0 { zeros += 1 }
      if value == 1 { ones += 1 }
      if value != value.rounded() { areWhole = false }
      least = min(least, value)
      greatest = max(greatest, value)
      sum += Double(value)
    }
    (self.least, self.greatest, mean) = (least, greatest, sum / Double(values.count))
    (zeroShare, oneShare) = (
      Double(zeros) / Double(values.count), Double(ones) / Double(values.count)
    )
    self.areWhole = areWhole
    range = least...max(least, greatest)
    bins = [Int](repeating: 0, count: Self.binCount)
    let (start, width) = (Double(least), Double(greatest) - Double(least))
    for value in values {
      let place = width > 0 ? (Double(value) - start) / width * Double(Self.binCount) : 0
      bins[min(Self.binCount - 1, Int(place))] += 1
    }
  }

  /// Four counts side by side, since equal bytes often follow each other.
  private static func levels(of bytes: ArraySlice<UInt8>) -> [Int] {
    var counts = [Int](repeating: 0, count: 4 * 256)
    bytes.withUnsafeBufferPointer { bytes in
      counts.withUnsafeMutableBufferPointer { counts in
        for place in bytes.indices { counts[(place & 3) << 8 | Int(bytes[place])] += 1 }
      }
    }
    return (0..<256).map { counts[$0] + counts[256 + $0] + counts[512 + $0] + counts[768 + $0] }
  }
}
