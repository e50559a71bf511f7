public import ExptComponents
import ExptData
import ExptFiles
public import ExptTensor

/// A folder of JPEG, PNG, PGM and PPM images. Where it has sub-folders, each is a class: its images are
/// labelled by the folder's place among the folders sorted by name, from 0.
///
/// Where its sub-folders are `train` and `val` or `test` (or `valid`, `validation`), these are the
/// parts instead, each with classes of its own or without.
///
/// Images have one size, unless `size` makes them so. Paths are counted from the folder that
/// expt is started in. Other files and deeper folders are skipped, which the run says, and names
/// that start with a dot. Transparent pixels are drawn on `background`; JPEGs are turned as their
/// EXIF orientation says.
///
/// `labels` is a table of pictures by name: its columns are known by names such as `file`, `label` and
/// `split`, or else the first holds the file and the second the label; further columns of numbers are
/// factors. `split` is such a table with a column of parts, or a folder of `train.txt`, `val.txt`
/// and `test.txt` with a name a line.
///
/// Decoded pictures, a hundred or more, are kept in `$XDG_CACHE_HOME/expt/images`, or `~/.cache`, and read from
/// there as long as the files are the same; the folder can be deleted at any time. Pictures that take more
/// than `memory`, decoded, stay there while they are trained on: see `Streaming`.
public struct Images: Dataset {
  public static let id = "images"
  public static let summary =
    "A folder of JPEG, PNG, PGM or PPM images; sub-folders are classes, or train, val and test."
  public static let exampleSettings = "{ path: absent }"

  public enum Channels: String, NamedChoice { case asFirst = "as_first", grey, rgb }
  public enum Resize: String, NamedChoice { case auto, box, bilinear }
  public enum Fit: String, NamedChoice { case crop, pad, stretch }
  public enum Failure: String, NamedChoice { case stop, skip }
  public enum Cache: String, NamedChoice { case home, beside, none }

  @Setting("The folder of the training images, or of the folders train, val and test.")
  public var path: WrittenPath
  @Setting("The folder of the validation images; null: val in 'path', if it has train.")
  public var validationPath: WrittenPath? = nil
  @Setting("The folder of the test images; null: test in 'path', if it has train.")
  public var testPath: WrittenPath? = nil
  @Setting("A table (CSV) of the pictures' labels; null: sub-folders are classes.")
  public var labels: WrittenPath? = nil
  @Setting(
    "A table (CSV), or a folder of lists, of what to train on, validate with and test on.",
    named: "split")
  public var partsFile: WrittenPath? = nil
  @Setting("Convert images to grey or colour; as_first: all must be like the first one.")
  public var channels: Channels = .asFirst
  @Setting(
    "Height and width to which all images are resized: 64, or [48, 64]; null: as they are.",
    .within(1...4096))
  public var size: ImageSize? = nil
  @Setting(
    "How other proportions fit: crop keeps the middle, pad adds 'background', stretch distorts.")
  public var fit: Fit = .crop
  @Setting(
    "Use only the middle of each image, before it is resized: 148, or [height, width].",
    .within(1...65_535))
  public var centreCrop: ImageSize? = nil
  @Setting(
    "How to resize: auto takes areas to shrink and bicubic to enlarge; box is always areas, bilinear "
      + "never.")
  public var resize: Resize = .auto
  @Setting(
    "Background of transparent pixels, and of 'fit: pad': a grey from 0, black, to 255, white.",
    .within(0...255))
  public var background: Int = 0
  @Setting("What to do about images that cannot be read: stop, with a list of them, or skip them.")
  public var onError: Failure = .stop
  @Setting(
    "Where to keep decoded images from run to run: the user's cache, beside the images, or nowhere."
  )
  public var cache: Cache = .home
  @Group public var streaming = Streaming()
  @Group public var heldOut = HeldOut()
  @Group public var split = SplitSettings()

  public init() {}

  public func check(_ report: SettingsReport) {
    checkFiles(
      report, .validation, images: ("validation_path", validationPath != nil), heldOut: heldOut)
    checkFiles(report, .test, images: ("test_path", testPath != nil), heldOut: heldOut)
    guard partsFile != nil else { return }
    let others = [
      ("validation_path", validationPath != nil), ("test_path", testPath != nil),
      ("validation", !split.validation.isZero), ("test", !heldOut.test.isZero),
    ]
    for (name, isSet) in others where isSet {
      report.error(
        "'split' lists the parts, and '\(name)' names others", at: name,
        help: "write one of the two")
    }
  }

  /// Reads one image at most.
  public func imageShape(_ environment: DataEnvironment) throws(DataProblem) -> Shape {
    try reader(environment).shape(of: ImageParts(self, environment).train.files)
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

  /// Reads no image.
  public func annotationFacts(
    _ environment: DataEnvironment
  ) throws(DataProblem) -> AnnotationFacts {
    AnnotationFacts(try ImageParts(self, environment).train)
  }

  public var givesSamples: Bool { true }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    let parts = try ImageParts(self, environment)
    let reader = reader(environment)
    let shape = try reader.shape(of: parts.train.files)
    var notes = parts.notes
    let isSampled = parts.isSampled(environment)
    var read: [DataPart: DecodedImages] = [:]
    // All are read before any is complained about.
    for part in wanted(environment, parts.own) {
      let folder = parts.folder(of: part)
      // A look at some of the pictures leaves nothing behind.
      let (pictures, note) =
        isSampled
        ? (try reader.read(folder.sampled(environment), shape, environment), [])
        : try reader.cached(folder, shape, cache, streaming, environment)
      read[part] = pictures
      notes += pictures.notes(background: reader.framing.background) + note
    }
    let all = [DataPart.train, .validation, .test].compactMap { read[$0] }
    if let problem = DecodedImages.problem(all, skips: onError == .skip) { throw problem }
    let held = isSampled ? HeldOut() : heldOut
    var data = try loadParts(environment, held, own: parts.own) { part throws(DataProblem) in
      var images = read[part]?.images ?? .empty(shape)
      if environment.sample != nil { images.rowNames = parts.folder(of: part).names }
      return images
    }
    data.notes = notes
    return data
  }

  /// The parts that `loadParts` will ask for.
  private func wanted(_ environment: DataEnvironment, _ own: Set<DataPart>) -> [DataPart] {
    let wanted = environment.wanted
    let trains = wanted.contains(.train) || !own.contains(.test)
    return (trains ? [.train] : [])
      + (wanted.contains(.train) && own.contains(.validation) ? [.validation] : [])
      + (wanted.contains(.test) && own.contains(.test) ? [.test] : [])
  }

  private func reader(_ environment: DataEnvironment) -> ImageReader {
    ImageReader(
      channels: channels,
      framing: ImageFraming(
        centre: centreCrop, size: size, fit: environment.edition < .third ? .stretch : fit,
        resize: resize, background: UInt8(clamping: background)))
  }
}

extension AnnotationFacts {
  init(_ folder: ImageFolder) {
    let labels = folder.files.compactMap(\.label)
    let classes = labels.max().map { max(Int($0) + 1, folder.classes.count) }
    self.init(
      classes: labels.count == folder.files.count ? classes : nil, factors: folder.factors)
  }
}
