public import ExptComponents
public import ExptTensor

/// A folder of PGM, PPM and PNG images. Where it has sub-folders, each is a class: its images are
/// labelled by the folder's place among the folders sorted by name, from 0.
///
/// Images have one size, unless `size` makes them so. Paths are counted from the folder that
/// expt is started in. Names that start with a dot, other files and deeper folders are passed over.
public struct Images: Dataset {
  public static let id = "images"
  public static let summary = "A folder of PGM, PPM or PNG images; sub-folders are classes."

  public enum Channels: String, NamedChoice { case asFirst = "as_first", grey, rgb }
  public enum Resize: String, NamedChoice { case box, bilinear }

  @Setting("The folder of the training images.") public var path: WrittenPath
  @Setting("The folder of the test images, with the same sub-folders.")
  public var testPath: WrittenPath? = nil
  @Setting("Make images grey or coloured; as_first: all must be as the first one is.")
  public var channels: Channels = .asFirst
  @Setting("Height and width in pixels to change all images to.", .within(1...4096))
  public var size: Int? = nil
  @Setting("How to change the size: box for smaller images, bilinear for larger ones.")
  public var resize: Resize = .box
  @Group public var heldOut = HeldOut()
  @Group public var split = SplitSettings()

  public init() {}

  public func check(_ report: SettingsReport) {
    if !heldOut.test.isZero, testPath != nil {
      report.error(
        "'test' holds out images for the test, and 'test_path' names others", at: "test",
        help: "write one of the two")
    }
  }

  /// Reads the first image only.
  public func imageShape(_ environment: DataEnvironment) throws(DataProblem) -> Shape {
    let folder = try ImageFolder(DataFolder.resolve(path, environment))
    return try reader.prepared(folder.files[0].path, as: nil).shape
  }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    let folder = try ImageFolder(DataFolder.resolve(path, environment))
    let shape = try imageShape(environment)
    return try loadParts(environment, heldOut, own: testPath == nil ? [] : [.test]) {
      part throws(DataProblem) in
      guard part == .test, let testPath else {
        return try reader.read(folder, shape, pool: environment.pool)
      }
      let test = try ImageFolder(DataFolder.resolve(testPath, environment))
      guard test.classes == folder.classes else {
        throw DataProblem(
          .malformed,
          "\(test.path) has other sub-folders than \(folder.path); they must be the same classes")
      }
      return try reader.read(test, shape, pool: environment.pool)
    }
  }

  private var reader: ImageReader {
    ImageReader(channels: channels, size: size, method: resize == .box ? .box : .bilinear)
  }
}
