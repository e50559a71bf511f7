public import ExptComponents
public import ExptFiles
public import ExptTensor

/// Pictures made of many images in a grid, with a gap of one pixel.
public enum Pictures {
  /// Lays images out in rows.
  ///
  /// - Parameters:
  ///   - images: `count · shape.count` values in 0 … 1, each image `[channels, height, width]`.
  ///   - shape: 1 channel makes a grey picture, 3 a colour one; of other counts the first is shown.
  ///   - columns: Images in a row.
  public static func grid(_ images: [Float], shape: Shape, columns: Int) -> Image8 {
    let count = shape.count > 0 ? images.count / shape.count : 0
    let columns = max(1, min(columns, count))
    let rows = (count + columns - 1) / columns
    let (height, width) = (shape[1], shape[2])
    let channels = shape[0] == 3 ? 3 : 1
    let wholeWidth = columns * (width + 1) - 1
    let wholeHeight = max(1, rows * (height + 1) - 1)
    var samples = [UInt8](repeating: gap, count: wholeWidth * wholeHeight * channels)
    for index in 0..<count {
      let left = index % columns * (width + 1)
      let top = index / columns * (height + 1)
      for channel in 0..<channels {
        for y in 0..<height {
          let source = index * shape.count + (channel * height + y) * width
          let target = ((top + y) * wholeWidth + left) * channels + channel
          for x in 0..<width { samples[target + x * channels] = byte(images[source + x]) }
        }
      }
    }
    return Image8(width: wholeWidth, height: wholeHeight, channels: channels, samples: samples)
  }

  /// Lays images out as close to square as possible.
  public static func square(_ images: [Float], shape: Shape) -> Image8 {
    let count = shape.count > 0 ? images.count / shape.count : 0
    return grid(images, shape: shape, columns: squareColumns(count))
  }

  /// The columns of this many images in a picture near to a square: 20 for 400, 6 for 24, 4 for 10. A
  /// few more than the root, where they leave no gap in the last row.
  public static func squareColumns(_ count: Int) -> Int {
    let root = Double(max(1, count)).squareRoot()
    let least = Int(root.rounded(.up))
    return (least...max(least, Int(root * 1.25))).first { count % $0 == 0 } ?? least
  }

  /// Originals above their reconstructions, pair rows one below another: 16 in a row, and more
  /// where 16 would make a strip.
  public static func pairs(
    _ originals: [Float], _ reconstructions: [Float], shape: Shape
  ) -> Image8 {
    let size = shape.count
    let count = size > 0 ? originals.count / size : 0
    let columns = max(1, min(max(16, squareColumns(2 * count)), count))
    var images: [Float] = []
    for start in stride(from: 0, to: count, by: columns) {
      let row = start..<min(start + columns, count)
      let blank = [Float](repeating: Float(gap) / 255, count: (columns - row.count) * size)
      let values = row.lowerBound * size..<row.upperBound * size
      images += originals[values] + blank + reconstructions[values] + blank
    }
    return grid(images, shape: shape, columns: columns)
  }

  private static let gap: UInt8 = 96

  private static func byte(_ value: Float) -> UInt8 {
    value.isNaN ? 0 : UInt8((max(0, min(1, value)) * 255).rounded())
  }
}

extension Image8 {
  /// Writes the picture in each of the formats.
  ///
  /// - Parameter path: The path of a file with the given ending.
  public func write(
    as formats: [ImageFormat], _ path: (_ ending: String) throws(FileProblem) -> String
  ) throws(FileProblem) {
    for format in formats {
      let target = try path(format.ending(isColour: channels == 3))
      switch format {
      case .pgm: try writePNM(to: target)
      case .png: try writePNG(to: target)
      }
    }
  }
}
