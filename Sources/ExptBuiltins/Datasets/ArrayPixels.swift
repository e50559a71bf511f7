import ExptComponents
import ExptFiles

/// Makes pixels from a dataset's arrays, and keeps notes about them.
///
/// The array of the training images is to be given first: it says what whole numbers mean in all.
struct ArrayPixels {
  let reading: ArrayReading
  let edition: DataEdition
  private(set) var notes: [String] = []
  /// Whether the training images are whole numbers of only 0 and 1; nil before they are known.
  private var isBinary: Bool?

  init(_ reading: ArrayReading, _ edition: DataEdition) {
    self.reading = reading
    self.edition = edition
  }

  /// - Parameter title: What messages call the array: its path and name.
  mutating func pixels(_ array: NPYArray, title: String) throws(DataProblem) -> ImageSet.Pixels {
    let bytes = array.wholeBytes
    if let range = reading.range, range.count == 2 {
      return .floats(try mapped(array, from: range[0], to: range[1], title))
    }
    if reading.divisor != 1, edition > .first || bytes == nil {
      let divisor = Float(reading.divisor)
      return .floats(array.floats.map { $0 / divisor })
    }
    guard let bytes else { return .floats(array.floats) }
    if array.type == .bool { return .bytes(bytes.map { $0 == 0 ? 0 : 255 }) }
    if edition == .first || reading.standardize { return .bytes(bytes) }
    return .bytes(try levels(bytes, title))
  }

  /// Bytes as levels of 255: as they are, or 0 and 1 as black and white.
  private mutating func levels(_ bytes: [UInt8], _ title: String) throws(DataProblem) -> [UInt8] {
    let greatest = bytes.greatest(enough: 128)
    if isBinary == nil {
      isBinary = greatest == 1
      if greatest == 1 {
        notes.append(
          "\(title): its whole numbers are only 0 and 1, and are read as black and white; write "
            + "'divisor: 255' if they are levels from 0 to 255")
      } else if greatest > 1, greatest < 128 {
        notes.append(
          "\(title): its largest value is \(greatest), where white is 255, so that no pixel is "
            + "brighter than \(rounded(Double(greatest) / 255)); write 'divisor: \(greatest)' if "
            + "\(greatest) is white")
      }
    }
    guard isBinary == true else { return bytes }
    if let index = bytes.firstIndex(where: { $0 > 1 }) {
      throw DataProblem(
        .malformed,
        "\(title): holds \(bytes[index]), where the training images hold only 0 and 1; write "
          + "'divisor: 255' if those are levels from 0 to 255", setting: "divisor")
    }
    return bytes.map { $0 == 0 ? 0 : 255 }
  }

  /// Values with `lower` as 0 and `upper` as 1.
  private func mapped(
    _ array: NPYArray, from lower: Double, to upper: Double, _ title: String
  ) throws(DataProblem) -> [Float] {
    let values = array.doubles
    if let index = values.firstIndex(where: { $0 < lower || $0 > upper }) {
      throw DataProblem(
        .malformed,
        "\(title): holds \(rounded(values[index])) at \(array.place(index)), outside "
          + "'range: [\(rounded(lower)), \(rounded(upper))]'; its values are from "
          + "\(rounded(values.min() ?? 0)) to \(rounded(values.max() ?? 0))", setting: "range")
    }
    let width = upper - lower
    return values.map { Float(($0 - lower) / width) }
  }
}

/// A number for a sentence: no more than six digits.
func rounded(_ value: Double) -> String {
  if let whole = Int(exactly: value) { return "\(whole)" }
  guard value.isFinite, value != 0 else { return "\(value)" }
  var scale = 1.0
  while abs(value) * scale < 1e5, scale < 1e12 { scale *= 10 }
  return "\((value * scale).rounded() / scale)"
}

extension NPYArray {
  /// The values as bytes, where they are truths or whole numbers from 0 to 255.
  fileprivate var wholeBytes: [UInt8]? {
    if type == .u8 || type == .bool { return bytes }
    guard let integers, integers.allSatisfy({ (0...255).contains($0) }) else { return nil }
    return integers.map { UInt8(truncatingIfNeeded: $0) }
  }

  /// Where an element is, as NumPy counts: `[3, 0, 5]`.
  fileprivate func place(_ index: Int) -> String {
    var (rest, place) = (index, [Int]())
    for size in shape.reversed() {
      place.insert(rest % max(1, size), at: 0)
      rest /= max(1, size)
    }
    return "\(place)"
  }
}

extension [UInt8] {
  /// The greatest byte, or the first found that is at least `enough`: for most images that is soon.
  fileprivate func greatest(enough: UInt8) -> UInt8 {
    withUnsafeBufferPointer { bytes in
      var greatest: UInt8 = 0
      for start in stride(from: 0, to: bytes.count, by: 4096) {
        for place in start..<Swift.min(start + 4096, bytes.count) {
          greatest = Swift.max(greatest, bytes[place])
        }
        if greatest >= enough { break }
      }
      return greatest
    }
  }
}
