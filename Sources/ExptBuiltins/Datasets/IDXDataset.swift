public import ExptComponents
import ExptFiles
public import ExptTensor

/// Images and labels in IDX files, the format of MNIST, gzipped or not.
///
/// Shapes: images [n, height, width], or [n, channels, height, width] with 1 or 3 channels; labels
/// [n]. Paths are counted from the folder that expt is started in.
public struct IDXDataset: Dataset {
  public static let id = "idx"
  public static let summary = "Images in IDX files of your own, gzipped or not."

  @Setting("The file of the training images.") public var images: WrittenPath
  @Setting("The file of their labels.") public var labels: WrittenPath? = nil
  @Setting("The file of validation images; null: 'validation' takes them from 'images'.")
  public var validationImages: WrittenPath? = nil
  @Setting("The file of their labels.") public var validationLabels: WrittenPath? = nil
  @Setting("The file of the test images.") public var testImages: WrittenPath? = nil
  @Setting("The file of their labels.") public var testLabels: WrittenPath? = nil
  @Group public var heldOut = HeldOut()
  @Group public var split = SplitSettings()

  public init() {}

  public func check(_ report: SettingsReport) {
    checkFiles(
      report, .validation, images: ("validation_images", validationImages != nil),
      labels: ("validation_labels", validationLabels != nil), heldOut: heldOut)
    checkFiles(
      report, .test, images: ("test_images", testImages != nil),
      labels: ("test_labels", testLabels != nil), heldOut: heldOut)
  }

  public func imageShape(_ environment: DataEnvironment) throws(DataProblem) -> Shape {
    let path = try DataFolder.resolve(images, environment)
    let shape = try DataProblem.translating { () throws(FileProblem) in
      try IDX.readShape(path)
    }
    return try IDXImages.imageShape(shape, path: path)
  }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    try loadParts(environment, heldOut, own: own) { part throws(DataProblem) in
      guard let (images, labels) = files(of: part) else { return .empty([0, 0, 0]) }
      return try IDXImages.read(
        images: DataFolder.resolve(images, environment),
        labels: labels.map { path throws(DataProblem) in
          try DataFolder.resolve(path, environment)
        })
    }
  }

  private var own: Set<DataPart> {
    Set([.validation, .test].filter { files(of: $0) != nil })
  }

  private func files(of part: DataPart) -> (images: WrittenPath, labels: WrittenPath?)? {
    switch part {
    case .train: (images, labels)
    case .validation: validationImages.map { ($0, validationLabels) }
    case .test: testImages.map { ($0, testLabels) }
    }
  }
}
