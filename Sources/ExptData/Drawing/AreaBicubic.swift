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
    let whole = rows.sum * columns.sum
    let length = region.width * channels
    var result = [UInt8](repeating: 0, count: channels * to.height * to.width)
    // A row in its new height and its old width, times `rows.sum`.
    var line = [Int32](repeating: 0, count: length)
    for y in 0..<to.height {
      line.withUnsafeMutableBufferPointer { line in
        line.update(repeating: 0)
        samples.withUnsafeBufferPointer { samples in
          for (index, weight) in rows[y] {
            let start = ((region.top + index) * width + region.left) * channels
            for place in 0..<length {
              line[place] &+= weight &* Int32(truncatingIfNeeded: samples[start + place])
            }
          }
        }
      }
      line.withUnsafeBufferPointer { line in
        for x in 0..<to.width {
          for channel in 0..<channels {
            var sum = 0
            for (index, weight) in columns[x] {
              sum += Int(weight) * Int(line[index * channels + channel])
            }
            // Rounded to the nearest, halves up; a cubic may leave 0…255.
            let value = sum < 0 ? 0 : (sum + whole / 2) / whole
            result[(channel * to.height + y) * to.width + x] = UInt8(min(value, 255))
          }
        }
      }
    }
    return result
  }
}

/// For each new pixel along one axis, the old pixels that it is made of and their whole weights.
struct AxisWeights {
  /// What the weights of each new pixel sum to.
  let sum: Int
  private var firsts: [Int] = []
  /// The weights of new pixel p are `ends[p - 1] ..< ends[p]`.
  private var ends: [Int] = []
  private var weights: [Int32] = []

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

  subscript(pixel: Int) -> some Sequence<(index: Int, weight: Int32)> {
    let start = pixel == 0 ? 0 : ends[pixel - 1]
    let first = firsts[pixel]
    return weights[start..<ends[pixel]].lazy.enumerated().map { (first + $0.offset, $0.element) }
  }

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
