public import ExptComponents
import ExptFiles
import ExptTensor

/// What the axes of an array of images mean.
public enum ArrayLayout: String, NamedChoice {
  case auto
  /// [n, height, width]
  case grey
  /// [n, channels, height, width]
  case channelsFirst = "channels_first"
  /// [n, height, width, channels]
  case channelsLast = "channels_last"
  /// [n, values]: a square image where the values make one, else a line.
  case flat
}

/// Settings of arrays of images: `@Group var reading = ArrayReading()`.
public struct ArrayReading: Settings {
  @Setting("The axes of the images; auto: by their number and by where 1 or 3 channels are.")
  public var layout: ArrayLayout = .auto
  @Setting("Floating-point values are divided by it: 255 for values from 0 to 255.", .above(0))
  public var divisor: Double = 1

  public init() {}

  /// Images of whole numbers from 0 to 255 as bytes, meaning 0 … 1; others as floats.
  ///
  /// - Parameter title: What messages call the array: its path and name.
  func images(_ array: NPYArray, title: String) throws(DataProblem) -> ImageSet {
    let resolved = try resolve(array.shape, title: title)
    let image = try imageShape(array.shape, title: title)
    guard array.shape[0] > 0, image.count > 0 else {
      throw DataProblem(.malformed, "\(title): holds no images (shape \(array.shape))")
    }
    var pixels = try values(array, title: title)
    if resolved == .channelsLast, image[0] > 1 { pixels = pixels.channelsFirst(image) }
    return ImageSet(shape: image, count: array.shape[0], pixels: pixels)
  }

  /// The shape of one image in an array of this shape.
  func imageShape(_ shape: [Int], title: String) throws(DataProblem) -> Shape {
    switch try resolve(shape, title: title) {
    case .grey, .auto: return try .image([1, shape[1], shape[2]], title: title)
    case .channelsFirst: return try .image([shape[1], shape[2], shape[3]], title: title)
    case .channelsLast: return try .image([shape[3], shape[1], shape[2]], title: title)
    case .flat:
      let side = Int(Double(shape[1]).squareRoot())
      return try .image(
        side * side == shape[1] ? [1, side, side] : [1, 1, shape[1]], title: title)
    }
  }

  private func resolve(_ shape: [Int], title: String) throws(DataProblem) -> ArrayLayout {
    let found: ArrayLayout
    switch (layout, shape.count) {
    case (.auto, 2), (.flat, 2): found = .flat
    case (.auto, 3), (.grey, 3): found = .grey
    case (.channelsFirst, 4), (.channelsLast, 4): found = layout
    case (.auto, 4):
      let isFirst = [1, 3].contains(shape[1])
      guard isFirst != [1, 3].contains(shape[3]) else {
        throw DataProblem(
          .malformed,
          "\(title): which axis of its shape \(shape) holds the channels is not plain; write "
            + "'layout: channels_first' or 'layout: channels_last'")
      }
      found = isFirst ? .channelsFirst : .channelsLast
    default:
      throw DataProblem(
        .malformed,
        "\(title): its shape \(shape) is no array of images with 'layout: \(layout.rawValue)'; "
          + "there are [n, height, width], [n, channels, height, width], "
          + "[n, height, width, channels] and [n, values]")
    }
    return found
  }

  private func values(_ array: NPYArray, title: String) throws(DataProblem) -> ImageSet.Pixels {
    switch array.type {
    case .u8: return .bytes(array.bytes)
    case .bool: return .bytes(array.bytes.map { $0 == 0 ? 0 : 255 })
    case .f32, .f64:
      let divisor = Float(divisor)
      let values = divisor == 1 ? array.floats : array.floats.map { $0 / divisor }
      if let index = values.firstIndex(where: { !$0.isFinite }) {
        let image = index / max(1, values.count / max(1, array.shape[0]))
        throw DataProblem(
          .malformed, "\(title): image \(image) holds \(values[index]), which is no number to learn"
        )
      }
      return .floats(values)
    default:
      let bytes = array.integers?.map { UInt8(exactly: $0) } ?? [nil]
      guard !bytes.contains(nil) else {
        throw DataProblem(
          .malformed,
          "\(title): its whole numbers are not all from 0 to 255; save it as floats from 0 to 1")
      }
      return .bytes(bytes.compactMap { $0 })
    }
  }
}
