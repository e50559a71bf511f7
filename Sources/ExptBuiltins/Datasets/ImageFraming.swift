import ExptComponents
import ExptData
import ExptFiles
import ExptTensor

/// Which part of a picture is used, and how it is brought to a size.
struct ImageFraming: Sendable {
  /// The middle of the picture to start from; nil: all of it.
  var centre: ImageSize?
  /// Nil: as large as it is.
  var size: ImageSize?
  var fit = Images.Fit.crop
  var resize = Images.Resize.auto
  /// The grey of what `pad` adds.
  var background: UInt8 = 0

  /// The pixels in shape [channels, height, width].
  ///
  /// - Throws: `malformed` if the picture is smaller than the middle asked for, or too long to be
  ///   resized.
  func planes(_ image: Image8, path: String) throws(FileProblem) -> (shape: Shape, planes: [UInt8])
  {
    var region = PixelRegion(height: image.height, width: image.width)
    if let centre {
      guard image.height >= centre.height, image.width >= centre.width else {
        throw FileProblem(
          .malformed,
          "is \(image.height)×\(image.width), smaller than the 'centre_crop' of \(centre).",
          path: path)
      }
      region = region.centre(height: centre.height, width: centre.width)
    }
    guard let size else {
      return ([image.channels, region.height, region.width], resized(image, region, region.sides))
    }
    guard max(image.height, image.width) <= AreaBicubic.longestSide else {
      throw FileProblem(
        .tooLarge, "is \(image.height)×\(image.width), too long to be resized.", path: path)
    }
    let shape: Shape = [image.channels, size.height, size.width]
    switch fit {
    case .stretch: return (shape, resized(image, region, (size.height, size.width)))
    case .crop:
      let part = region.largest(of: (size.height, size.width))
      return (shape, resized(image, part, (size.height, size.width)))
    case .pad:
      let whole = PixelRegion(height: size.height, width: size.width)
      let place = whole.largest(of: region.sides)
      return (shape, padded(resized(image, region, place.sides), image.channels, place, in: whole))
    }
  }

  private func resized(
    _ image: Image8, _ region: PixelRegion, _ to: (height: Int, width: Int)
  ) -> [UInt8] {
    let isWhole = region.sides == (image.height, image.width)
    if isWhole, region.sides == to { return image.planar }
    if resize == .auto || region.sides == to {
      return AreaBicubic.resize(
        image.samples, width: image.width, channels: image.channels, region: region, to: to)
    }
    let planes = AreaBicubic.resize(
      image.samples, width: image.width, channels: image.channels, region: region, to: region.sides)
    let count = region.height * region.width
    return (0..<image.channels).flatMap { channel in
      Resizing.resize(
        Array(planes[channel * count..<(channel + 1) * count]), from: region.sides, to: to,
        resize == .box ? .box : .bilinear)
    }
  }

  private func padded(
    _ planes: [UInt8], _ channels: Int, _ place: PixelRegion, in whole: PixelRegion
  ) -> [UInt8] {
    var result = [UInt8](repeating: background, count: channels * whole.height * whole.width)
    for row in 0..<channels * place.height {
      let (channel, y) = row.quotientAndRemainder(dividingBy: place.height)
      let start = (channel * whole.height + place.top + y) * whole.width + place.left
      for x in 0..<place.width { result[start + x] = planes[row * place.width + x] }
    }
    return result
  }
}

extension PixelRegion {
  fileprivate var sides: (height: Int, width: Int) { (height, width) }

  /// The largest part in the middle with the proportions of `sides`, to the nearest pixel.
  fileprivate func largest(of sides: (height: Int, width: Int)) -> PixelRegion {
    func rounded(_ a: Int, _ b: Int, over c: Int) -> Int { max(1, (2 * a * b + c) / (2 * c)) }
    return height * sides.width > width * sides.height
      ? centre(height: rounded(width, sides.height, over: sides.width), width: width)
      : centre(height: height, width: rounded(height, sides.width, over: sides.height))
  }
}
