public import ExptComponents
import ExptFiles
public import ExptTensor

/// CelebA: 202,599 photographs of faces, aligned and cropped to 178×218, with 40 attributes, which are
/// factors of 0 and 1, and the official parts: 162,770 to train on, 19,867 to validate with and 19,962 to
/// test on.
///
/// The files are not downloaded. `root` holds them as they are published: the folder
/// `img_align_celeba` and the lists `list_attr_celeba` and `list_eval_partition`, as `.txt` or, as on
/// Kaggle, `.csv`. `limit` reads the first training images only. A `validation` of one's own comes
/// from the end of the training images and replaces the official one.
///
/// The middle 148×148 pixels are resized to 64×64, as in Dinh et al., "Density estimation using Real NVP",
/// ICLR 2017, section 4.1; Tolstikhin et al., "Wasserstein Auto-Encoders", ICLR 2018, take 140×140.
///
/// Source: Liu, Luo, Wang & Tang, "Deep Learning Face Attributes in the Wild", ICCV 2015.
public struct CelebA: Dataset {
  public static let id = "celeba"
  public static let summary =
    "CelebA: aligned photographs of faces with 40 attributes, from files at hand."
  public static let exampleSettings = "{ root: absent }"

  public enum Channels: String, NamedChoice { case rgb, grey }

  @Setting("The folder of its files; null: $EXPT_DATA/celeba, or data/celeba.")
  public var root: WrittenPath? = nil
  @Setting("Height and width of an image: 64, or [height, width].", .within(1...4096))
  public var size: ImageSize = 64
  @Setting("The middle of each photograph that is used; null: all 218×178.", .within(1...218))
  public var centreCrop: ImageSize? = 148
  @Setting("Colour or grey.") public var channels: Channels = .rgb
  @Setting("What to do about images that cannot be read: stop, with a list of them, or skip them.")
  public var onError: Images.Failure = .stop
  @Setting(
    "Where to keep decoded images from run to run: the user's cache, beside the images, or nowhere."
  )
  public var cache: Images.Cache = .home
  @Group public var streaming = Streaming()
  @Group public var split = SplitSettings()

  public init() {}

  public func imageShape(_ environment: DataEnvironment) throws(DataProblem) -> Shape {
    _ = try CelebAFiles(root, environment)
    return shape
  }

  public func counts(_ environment: DataEnvironment) throws(DataProblem) -> ImageCounts? {
    let parts = try CelebAFiles(root, environment).parts()
    return ImageCounts(
      train: parts[.train]?.count ?? 0,
      validation: hasOwnValidation ? parts[.validation]?.count ?? 0 : nil,
      test: parts[.test]?.count ?? 0)
  }

  public func annotationFacts(
    _ environment: DataEnvironment
  ) throws(DataProblem) -> AnnotationFacts {
    AnnotationFacts(factors: try CelebAFiles(root, environment).attributes().names)
  }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    let files = try CelebAFiles(root, environment)
    var names = try files.parts()
    if hasOwnValidation, let limit = split.limit, let train = names[.train] {
      names[.train] = Array(train.prefix(limit))
    }
    let attributes = try files.attributes()
    let wanted = environment.wanted
    let parts =
      (wanted.contains(.train) ? [.train] + (hasOwnValidation ? [.validation] : []) : [])
      + (wanted.contains(.test) ? [DataPart.test] : [])
    var read: [DataPart: DecodedImages] = [:]
    var notes: [String] = []
    for part in parts {
      let folder = try files.folder(of: names[part] ?? [], attributes)
      guard !folder.files.isEmpty else { continue }
      let (pictures, note) = try reader.cached(folder, shape, cache, streaming, environment)
      read[part] = pictures
      notes += pictures.notes(background: 0) + note
    }
    let all = parts.compactMap { read[$0] }
    if let problem = DecodedImages.problem(all, skips: onError == .skip) { throw problem }
    return LoadedData(
      train: read[.train]?.images ?? .empty(shape), validation: read[.validation]?.images,
      test: read[.test]?.images ?? .empty(shape), notes: notes)
  }

  private var shape: Shape { [channels == .grey ? 1 : 3, size.height, size.width] }

  /// Whether the official validation images are used.
  private var hasOwnValidation: Bool { split.validation.isZero }

  private var reader: ImageReader {
    ImageReader(
      channels: channels == .grey ? .grey : .rgb,
      framing: ImageFraming(centre: centreCrop, size: size))
  }
}
