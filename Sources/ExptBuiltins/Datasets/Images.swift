public import ExptComponents
public import ExptTensor

/// A folder of PGM, PPM and PNG images. Where it has sub-folders, each is a class: its images are
/// labelled by the folder's place among the folders sorted by name, from 0.
///
/// Where its sub-folders are `train` and `val` or `test` (or `valid`, `validation`), these are the
/// parts instead, each with classes of its own or without.
///
/// Images have one size, unless `size` makes them so. Paths are counted from the folder that
/// expt is started in. Other files and deeper folders are skipped, which the run says, and names
/// that start with a dot. Transparent pixels are drawn on `background`.
public struct Images: Dataset {
  public static let id = "images"
  public static let summary =
    "A folder of PGM, PPM or PNG images; sub-folders are classes, or train, val and test."
  public static let exampleSettings = "{ path: absent }"

  public enum Channels: String, NamedChoice { case asFirst = "as_first", grey, rgb }
  public enum Resize: String, NamedChoice { case box, bilinear }

  @Setting("The folder of the training images, or of the folders train, val and test.")
  public var path: WrittenPath
  @Setting("The folder of the validation images; null: val in 'path', if it has train.")
  public var validationPath: WrittenPath? = nil
  @Setting("The folder of the test images; null: test in 'path', if it has train.")
  public var testPath: WrittenPath? = nil
  @Setting("Convert images to grey or colour; as_first: all must be like the first one.")
  public var channels: Channels = .asFirst
  @Setting("Height and width, in pixels, to which all images are resized.", .within(1...4096))
  public var size: Int? = nil
  @Setting("How to resize: box suits shrinking, bilinear enlarging.")
  public var resize: Resize = .box
  @Setting(
    "Background of transparent pixels: a grey from 0, black, to 255, white.",
    .within(0...255))
  public var background: Int = 0
  @Group public var heldOut = HeldOut()
  @Group public var split = SplitSettings()

  public init() {}

  public func check(_ report: SettingsReport) {
    checkFiles(
      report, .validation, images: ("validation_path", validationPath != nil), heldOut: heldOut)
    checkFiles(report, .test, images: ("test_path", testPath != nil), heldOut: heldOut)
  }

  /// Reads the first image only.
  public func imageShape(_ environment: DataEnvironment) throws(DataProblem) -> Shape {
    let folder = try ImageParts(self, environment).train
    return try reader.prepared(folder.files[0].path, as: nil).shape
  }

  /// The numbers of files.
  public func counts(_ environment: DataEnvironment) throws(DataProblem) -> ImageCounts? {
    let parts = try ImageParts(self, environment)
    let train = parts.train.files.count
    let validation = parts.validation?.files.count
    guard let test = parts.test else {
      return try heldOut.counts(
        of: train, validation: validation, edition: environment.edition)
    }
    return ImageCounts(train: train, validation: validation, test: test.files.count)
  }

  public var givesSamples: Bool { true }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    let parts = try ImageParts(self, environment)
    let first = parts.train.files[0].path
    let shape = try reader.prepared(first, as: nil).shape
    var notes = parts.notes
    let held = parts.isSampled(environment) ? HeldOut() : heldOut
    var data = try loadParts(environment, held, own: parts.own) { part throws(DataProblem) in
      let folder = parts.folder(of: part)
      let numbers = environment.sampled(folder.files.count)
      let read = try reader.read(
        numbers.map { folder.files[$0] }, shape, first: first, pool: environment.pool)
      notes += folder.notes + read.notes
      var images = read.images
      images.classNames = folder.classes.isEmpty ? nil : folder.classes
      if environment.sample != nil { images.rowNames = folder.names }
      if numbers.count < folder.files.count { images.rows = numbers }
      return images
    }
    data.notes = notes
    return data
  }

  private var reader: ImageReader {
    ImageReader(
      channels: channels, size: size, method: resize == .box ? .box : .bilinear,
      background: UInt8(clamping: background))
  }
}
