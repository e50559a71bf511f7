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
    if let fixed = fixed, edition > .first || bytes == nil || reading.range != nil {
      return try fixed.pixels(array, title: title)
    }
    guard let bytes else { return .floats(array.floats) }
    if array.type == .bool { return .bytes(bytes.map { $0 == 0 ? 0 : 255 }) }
    if edition == .first || reading.standardize { return .bytes(bytes) }
    return try levels(greatest: bytes.greatest(enough: 128), title).pixels(array, title: title)
  }

  /// What the elements of a file mean that is too large for memory: read once, where its first images do not
  /// tell.
  mutating func meaning(of file: NPYFile) throws(DataProblem) -> PixelMeaning {
    if let fixed { return fixed }
    switch file.type {
    case .f16, .f32, .f64: return .numbers
    case .bool: return .blackAndWhite
    default: break
    }
    if file.type == .u8, reading.standardize { return .levels }
    var greatest: UInt8 = 0
    let step = max(1, (4 << 20) / max(1, file.rowSize * file.type.size))
    for start in stride(from: 0, to: file.shape[0], by: step) {
      let rows = start..<min(start + step, file.shape[0])
      let array = try DataProblem.translating { () throws(FileProblem) in try file.rows(rows) }
      guard let bytes = array.wholeBytes else { return .numbers }
      greatest = max(greatest, bytes.greatest(enough: 128))
      // Other whole numbers may be too large for a byte further on.
      if greatest >= 128, file.type == .u8 { break }
    }
    return reading.standardize ? .levels : levels(greatest: greatest, file.path)
  }

  /// Says how images are read that stay in their file.
  mutating func note(_ stored: StoredPixels, title: String) {
    notes.append(
      "\(title): its \(stored.source.count) images stay in the file, as it is larger than 'memory' lets it "
        + "be: \(stored.reading)")
  }

  /// What the settings say, whatever the array holds.
  private var fixed: PixelMeaning? {
    if let range = reading.range, range.count == 2 { return .mapped(from: range[0], to: range[1]) }
    return reading.divisor == 1 ? nil : .divided(by: reading.divisor)
  }

  /// Bytes as levels of 255: as they are, or 0 and 1 as black and white.
  private mutating func levels(greatest: UInt8, _ title: String) -> PixelMeaning {
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
    return isBinary == true ? .blackAndWhite : .levels
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
