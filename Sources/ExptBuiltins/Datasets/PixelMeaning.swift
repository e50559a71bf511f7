import ExptComponents
import ExptFiles

/// What the elements of an array become as pixels.
enum PixelMeaning: Hashable {
  /// Whole numbers from 0 to 255, levels as they are.
  case levels
  /// Truths, and whole numbers of only 0 and 1, as black and white.
  case blackAndWhite
  /// Numbers as they are.
  case numbers
  case divided(by: Double)
  /// `lower` becomes 0 and `upper` 1.
  case mapped(from: Double, to: Double)

  var holdsBytes: Bool { self == .levels || self == .blackAndWhite }

  /// - Parameters:
  ///   - title: What messages call the array: its path and name.
  ///   - first: Which of its rows the first one of `array` is, where that is a part.
  func pixels(
    _ array: NPYArray, title: String, first: Int = 0
  ) throws(DataProblem) -> ImageSet.Pixels {
    switch self {
    case .levels: return .bytes(array.wholeBytes ?? [])
    case .blackAndWhite: return .bytes(try blackAndWhite(array, title))
    case .numbers: return .floats(array.floats)
    case .divided(let divisor):
      let divisor = Float(divisor)
      return .floats(array.floats.map { $0 / divisor })
    case .mapped(let lower, let upper):
      return .floats(try mapped(array, from: lower, to: upper, title, first))
    }
  }

  private func blackAndWhite(_ array: NPYArray, _ title: String) throws(DataProblem) -> [UInt8] {
    let bytes = array.wholeBytes ?? []
    if array.type != .bool, let index = bytes.firstIndex(where: { $0 > 1 }) {
      throw DataProblem(
        .malformed,
        "\(title): holds \(bytes[index]), where the training images hold only 0 and 1; write "
          + "'divisor: 255' if those are levels from 0 to 255", setting: "divisor")
    }
    return bytes.map { $0 == 0 ? 0 : 255 }
  }

  private func mapped(
    _ array: NPYArray, from lower: Double, to upper: Double, _ title: String, _ first: Int
  ) throws(DataProblem) -> [Float] {
    let values = array.doubles
    if let index = values.firstIndex(where: { $0 < lower || $0 > upper }) {
      throw DataProblem(
        .malformed,
        "\(title): holds \(rounded(values[index])) at \(array.place(index, first: first)), outside "
          + "'range: [\(rounded(lower)), \(rounded(upper))]'; its values are from "
          + "\(rounded(values.min() ?? 0)) to \(rounded(values.max() ?? 0))", setting: "range")
    }
    let width = upper - lower
    return values.map { Float(($0 - lower) / width) }
  }
}

extension NPYArray {
  /// The values as bytes, where they are truths or whole numbers from 0 to 255.
  var wholeBytes: [UInt8]? {
    if type == .u8 || type == .bool { return bytes }
    guard let integers, integers.allSatisfy({ (0...255).contains($0) }) else { return nil }
    return integers.map { UInt8(truncatingIfNeeded: $0) }
  }

  /// Where an element is, as NumPy counts: `[3, 0, 5]`, rows from `first` on.
  fileprivate func place(_ index: Int, first: Int) -> String {
    var (rest, place) = (index, [Int]())
    for size in shape.reversed() {
      place.insert(rest % max(1, size), at: 0)
      rest /= max(1, size)
    }
    if !place.isEmpty { place[0] += first }
    return "\(place)"
  }
}
