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
///
/// Bytes, and other whole numbers from 0 to 255, mean 0 … 1, unless there are only 0 and 1, which
/// then mean themselves; all other numbers are taken as they are. The settings say otherwise.
public struct ArrayReading: Settings {
  @Setting("Order of the axes; auto: found from their number and from where 1 or 3 channels are.")
  public var layout: ArrayLayout = .auto
  @Setting(
    "Divisor of all values, such as 255 for numbers from 0 to 255; 1: bytes are scaled to 0 … 1, "
      + "others are left as they are.", .above(0))
  public var divisor: Double = 1
  @Setting("The smallest and largest possible values, which become 0 and 1: [-1, 1].")
  public var range: [Double]? = nil
  @Setting(
    "Scale each pixel (each column of a table) to mean 0 and variance 1 over the training "
      + "images.")
  public var standardize: Bool = false

  public init() {}

  public func check(_ report: SettingsReport) {
    if let range, range.count != 2 || range[0] >= range[1] {
      report.error(
        "'range' must be two numbers, the lower one first", at: "range", help: "write [-1, 1]")
    }
    let written = [
      ("divisor", divisor != 1), ("range", range != nil), ("standardize", standardize),
    ]
    .filter(\.1).map(\.0)
    if written.count > 1 {
      report.error(
        "'\(written[0])' and '\(written[1])' both set what the values become", at: written[1],
        help: "leave one of them out")
    }
  }

  /// An array's values as an image set.
  ///
  /// - Parameter title: What messages call the array: its path and name.
  func images(
    _ array: NPYArray, title: String, pixels: ImageSet.Pixels
  ) throws(DataProblem) -> ImageSet {
    let (image, resolved) = try form(of: array.shape, title: title)
    var pixels = pixels
    if resolved == .channelsLast, image[0] > 1 { pixels = pixels.channelsFirst(image) }
    var set = ImageSet(shape: image, count: array.shape[0], pixels: pixels, source: title)
    set.isTable = resolved == .flat
    return set
  }

  /// The shape of one image in an array of this shape that holds some, and what its axes mean.
  func form(of shape: [Int], title: String) throws(DataProblem) -> (Shape, ArrayLayout) {
    let resolved = try resolve(shape, title: title)
    let image = try imageShape(shape, title: title)
    guard shape[0] > 0, image.count > 0 else {
      throw DataProblem(.malformed, "\(title): holds no images (shape \(shape))")
    }
    return (image, resolved)
  }

  /// The shape of one image in an array of this shape.
  func imageShape(_ shape: [Int], title: String) throws(DataProblem) -> Shape {
    // A header may promise anything where the array is empty.
    guard shape.allSatisfy({ $0 <= 1 << 32 }), shape.count < 2 || sizeFits(shape) else {
      throw DataProblem(.malformed, "\(title): its shape \(shape) is too large for images")
    }
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

  private func sizeFits(_ shape: [Int]) -> Bool {
    shape.dropFirst().reduce(1.0) { $0 * Double($1) } <= 0x1p32
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
          "\(title): cannot tell which axis of its shape \(shape) holds the channels; write "
            + "'layout: channels_first' or 'layout: channels_last'")
      }
      found = isFirst ? .channelsFirst : .channelsLast
    default:
      throw DataProblem(
        .malformed,
        "\(title): its shape \(shape) is not one of images with 'layout: \(layout.rawValue)'; "
          + "supported are [n, height, width], [n, channels, height, width], "
          + "[n, height, width, channels] and [n, values]")
    }
    return found
  }
}
