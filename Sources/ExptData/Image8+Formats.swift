public import ExptComponents
public import ExptFiles

extension Image8 {
  /// Writes the picture in each of the formats.
  ///
  /// - Parameter path: The path of a file with the given ending.
  public func write(
    as formats: [ImageFormat], _ path: (_ ending: String) throws -> String
  ) throws {
    for format in formats {
      let target = try path(format.ending(isColour: channels == 3))
      switch format {
      case .pgm: try writePNM(to: target)
      case .png: try writePNG(to: target)
      }
    }
  }
}
