/// A rectangle of an image's pixels.
public struct PixelRegion: Sendable, Hashable {
  public var top: Int
  public var left: Int
  public var height: Int
  public var width: Int

  public init(top: Int = 0, left: Int = 0, height: Int, width: Int) {
    (self.top, self.left, self.height, self.width) = (top, left, height, width)
  }

  /// The middle of this region, of at most this height and width; of an odd rest the larger half is
  /// left out below and on the right.
  public func centre(height: Int, width: Int) -> PixelRegion {
    let (height, width) = (min(height, self.height), min(width, self.width))
    return PixelRegion(
      top: top + (self.height - height) / 2, left: left + (self.width - width) / 2, height: height,
      width: width)
  }
}

/// Changes the size of photographs: each axis by the mean of the area that a new pixel covers where it
/// becomes shorter, and by Keys' cubic with a = −1/2, which Pillow calls BICUBIC, where it becomes longer.
///
/// In whole numbers, so that the bytes are the same everywhere. Areas are exact: a new pixel is
/// Σ overlap · value / area, rounded once. Cubic weights are rounded to 2⁻¹⁴; pixels beyond the edge are
/// left out, and the others' weights made to sum to 1.
///
/// Source: Keys, "Cubic convolution interpolation for digital image processing", IEEE Transactions on
/// Acoustics, Speech, and Signal Processing 29 (1981), section IV.
public enum AreaBicubic {
  /// The longest side that is resized: sums of longer ones might not fit.
  public static let longestSide = 1 << 20

  /// Shapes: `samples` [any height, `width`, channels]; the result [channels, to.height, to.width].
  public static func resize(
    _ samples: [UInt8], width: Int, channels: Int, region: PixelRegion,
    to: (height: Int, width: Int)
  ) -> [UInt8] {
    precondition(
      region.top >= 0 && region.left >= 0 && region.left + region.width <= width
        && (region.top + region.height) * width * channels <= samples.count
        && max(region.width, region.height) <= longestSide,
      "\(region) of \(samples.count) samples in rows of \(width) × \(channels)")
    let rows = AxisWeights(from: region.height, to: to.height)
    let columns = AxisWeights(from: region.width, to: to.width)
    var result = [UInt8](repeating: 0, count: channels * to.height * to.width)
    // A row in its new height and its old width, times `rows.sum`.
    var line = [Int32](repeating: 0, count: region.width * channels)
    for y in 0..<to.height {
      let start = ((region.top + rows.firsts[y]) * width + region.left) * channels
      sum(rows.weights[rows.range(y)], of: samples, from: start, every: width * channels, in: &line)
      for channel in 0..<channels {
        let target = (channel * to.height + y) * to.width
        for x in 0..<to.width {
          let range = columns.range(x)
          var place = columns.firsts[x] * channels + channel
          var sum = 0
          for index in range {
            sum += Int(columns.weights[index]) * Int(line[place])
            place += channels
          }
          result[target + x] = rounded(sum, over: rows.sum * columns.sum)
        }
      }
    }
    return result
  }

  /// Σ weight · row, for rows that begin at `start` and then `stride` apart.
  private static func sum(
    _ weights: ArraySlice<Int32>, of samples: [UInt8], from start: Int, every stride: Int,
    in line: inout [Int32]
  ) {
    line.withUnsafeMutableBufferPointer { line in
      line.update(repeating: 0)
      samples.withUnsafeBufferPointer { samples in
        var start = start
        for weight in weights {
          for place in line.indices {
            line[place] &+= weight &* Int32(truncatingIfNeeded: samples[start + place])
          }
          start += stride
        }
      }
    }
  }

  /// To the nearest, halves up; a cubic may leave 0…255.
  private static func rounded(_ sum: Int, over whole: Int) -> UInt8 {
    sum < 0 ? 0 : UInt8(min((sum + whole / 2) / whole, 255))
  }
}

/// For each new pixel along one axis, the old pixels that it is made of and their whole weights.
struct AxisWeights {
  /// What the weights of each new pixel sum to.
  let sum: Int
  /// The first old pixel of each new one.
  private(set) var firsts: [Int] = []
  /// Of one new pixel after another.
  private(set) var weights: [Int32] = []
  private var ends: [Int] = []

  init(from old: Int, to new: Int) {
    sum = new <= old ? old : 1 << 14
    for pixel in 0..<new {
      if new <= old {
        addArea(pixel, old, new)
      } else {
        addCubic(pixel, old, new)
      }
      ends.append(weights.count)
    }
  }

  /// Where the weights of a new pixel are.
  func range(_ pixel: Int) -> Range<Int> { (pixel == 0 ? 0 : ends[pixel - 1])..<ends[pixel] }

  /// New pixel p covers p·old ..< (p + 1)·old, and old pixel i covers i·new ..< (i + 1)·new.
  private mutating func addArea(_ pixel: Int, _ old: Int, _ new: Int) {
    let (start, end) = (pixel * old, (pixel + 1) * old)
    firsts.append(start / new)
    for index in start / new...(end - 1) / new {
      weights.append(Int32(min(end, (index + 1) * new) - max(start, index * new)))
    }
  }

  private mutating func addCubic(_ pixel: Int, _ old: Int, _ new: Int) {
    let place = (Double(pixel) + 0.5) * Double(old) / Double(new) - 0.5
    let middle = Int(place.rounded(.down))
    let indices = max(0, middle - 1)...min(old - 1, middle + 2)
    let exact = indices.map { Self.cubic(Double($0) - place) }
    let total = exact.reduce(0, +)
    var rounded = exact.map { Int(($0 / total * Double(sum)).rounded()) }
    // What rounding left over goes to the nearest pixel.
    if let nearest = exact.indices.max(by: { exact[$0] < exact[$1] }) {
      rounded[nearest] += sum - rounded.reduce(0, +)
    }
    firsts.append(indices.lowerBound)
    weights += rounded.map { Int32($0) }
  }

  private static func cubic(_ distance: Double) -> Double {
    let x = abs(distance)
    if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
  }
}
