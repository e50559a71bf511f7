public import ExptComponents
import ExptFiles
public import ExptTensor

/// MNIST as binarized once and for all by Larochelle, 28×28: 50,000 to train, 10,000 to validate and 10,000 to
/// test, without labels. What papers call static or fixed binarisation.
///
/// Reads `binarized_mnist_train.amat`, `…_valid.amat` and `…_test.amat`: text, a line an image, 784 times 0 or 1.
///
/// Source: Larochelle & Murray, "The neural autoregressive distribution estimator", AISTATS 2011.
public struct StaticMNIST: Dataset {
  public static let id = "static_mnist"
  public static let summary =
    "Statically binarized MNIST: 50,000, 10,000 and 10,000 digits of 0 and 1, 28×28; from its files."

  @Setting("The folder of the .amat files; null: $EXPT_DATA/static_mnist, else data/static_mnist.")
  public var root: WrittenPath? = nil
  @Group public var split = SplitSettings()

  public init() {}

  public func check(_ report: SettingsReport) {
    if !split.validation.isZero {
      report.error(
        "static_mnist has validation images of its own", at: "validation", help: "leave it out")
    }
  }

  public func imageShape(_ environment: DataEnvironment) -> Shape { AMAT.image }

  public func annotationFacts(_ environment: DataEnvironment) -> AnnotationFacts {
    AnnotationFacts()
  }

  public func counts(_ environment: DataEnvironment) throws(DataProblem) -> ImageCounts? {
    guard let train = try count(.train, environment), let test = try count(.test, environment)
    else { return nil }
    return ImageCounts(train: train, validation: try count(.validation, environment), test: test)
  }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    let (train, test) = (environment.wanted.contains(.train), environment.wanted.contains(.test))
    var data = LoadedData(
      train: train ? try images(.train, environment) : .empty(AMAT.image),
      test: test ? try images(.test, environment) : .empty(AMAT.image))
    if train { data.validation = try images(.validation, environment) }
    return data
  }

  private func images(
    _ part: DataPart, _ environment: DataEnvironment
  ) throws(DataProblem) -> ImageSet {
    let path = try file(part, environment)
    return try AMAT.images(
      DataProblem.translating { () throws(FileProblem) in try FileBytes.read(path) }, path: path)
  }

  /// The lines of a file, by its size: nil where they are not as long as they should be.
  private func count(
    _ part: DataPart, _ environment: DataEnvironment
  ) throws(DataProblem) -> Int? {
    let path = try file(part, environment)
    let size = try DataProblem.translating { () throws(FileProblem) in
      try FileBytes.size(of: path)
    }
    return size % AMAT.lineLength == 0 ? size / AMAT.lineLength : nil
  }

  private func file(
    _ part: DataPart, _ environment: DataEnvironment
  ) throws(DataProblem) -> String {
    let folder = try DataFolder(name: Self.id, root: root, environment)
    let name = "binarized_mnist_\(part == .validation ? "valid" : part.rawValue).amat"
    guard let path = folder.find([name]) else {
      throw folder.absent(
        "static MNIST",
        "binarized_mnist_train.amat, binarized_mnist_valid.amat and binarized_mnist_test.amat, from "
          + "http://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist/")
    }
    return path
  }
}

/// Text of images, a line each: 784 times 0 or 1 with a space between.
enum AMAT {
  static let image: Shape = [1, 28, 28]
  /// Bytes, the end of the line included.
  static let lineLength = 2 * 784

  /// - Throws: `malformed`, with the line, for anything else.
  static func images(_ text: [UInt8], path: String) throws(DataProblem) -> ImageSet {
    var (pixels, line, place) = ([UInt8](), 1, 0)
    pixels.reserveCapacity(text.count / 2)
    while place < text.count {
      let end = text[place...].firstIndex(of: 0x0a) ?? text.endIndex
      let found = pixels.count
      for byte in text[place..<end] where byte != 0x20 && byte != 0x0d {
        guard byte == 0x30 || byte == 0x31 else {
          throw DataProblem(
            .malformed, "\(path):\(line): holds something that is not 0, 1 or a space")
        }
        pixels.append(byte == 0x30 ? 0 : 255)
      }
      guard pixels.count - found == image.count else {
        throw DataProblem(
          .malformed,
          "\(path):\(line): holds \(pixels.count - found) numbers, and an image has \(image.count)")
      }
      (line, place) = (line + 1, end + 1)
    }
    guard !pixels.isEmpty else { throw DataProblem(.malformed, "\(path): holds no images") }
    return ImageSet(
      shape: image, count: pixels.count / image.count, pixels: .bytes(pixels), source: path)
  }
}
