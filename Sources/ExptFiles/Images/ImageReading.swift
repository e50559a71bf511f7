/// An image as it was read from a file, and what is to be said about that.
public struct ImageReading: Sendable {
  public var image: Image8
  /// What is wrong with the file and was skipped, as clauses: `its end is missing`.
  public var oddities: [String] = []
  /// Whether some pixels were not wholly opaque, and so were drawn on the background.
  public var isTransparent = false

  init(image: Image8, oddities: [String] = [], isTransparent: Bool = false) {
    (self.image, self.oddities, self.isTransparent) = (image, oddities, isTransparent)
  }

  /// Reads a JPEG, PNG, PGM or PPM file; its first bytes tell which.
  ///
  /// - Parameters:
  ///   - limit: The largest number of pixels accepted; the default is 64 Mi.
  ///   - background: The grey, 0…255, that transparent pixels are drawn on.
  public static func read(
    _ path: String, limit: Int = 64 << 20, background: UInt8 = 0
  ) throws(FileProblem) -> ImageReading {
    try ImageReading(
      FileBytes.read(path, limit: 1 << 30), path: path, limit: limit, background: background)
  }

  public init(
    _ bytes: [UInt8], path: String, limit: Int = 64 << 20, background: UInt8 = 0
  ) throws(FileProblem) {
    if bytes.first == UInt8(ascii: "P") {
      self.init(image: try PNM.parse(bytes, path: path, limit: limit))
    } else if PNG.isPNG(bytes) {
      self = try PNG.read(bytes, path: path, limit: limit, background: background)
    } else if JPEG.isJPEG(bytes) {
      self = try JPEG.read(bytes, path: path, limit: limit)
    } else {
      let what = OtherImageKinds.name(bytes).map { "this is a \($0) image" }
      throw FileProblem(
        .unsupported,
        (what ?? "this is not a JPEG, PNG, PGM or PPM image") + "; convert it to PNG or JPEG.",
        path: path)
    }
  }
}
