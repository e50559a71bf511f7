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
  @Setting("The file of the test images.") public var testImages: WrittenPath? = nil
  @Setting("The file of their labels.") public var testLabels: WrittenPath? = nil
  @Group public var heldOut = HeldOut()
  @Group public var split = SplitSettings()

  public init() {}

  public func check(_ report: SettingsReport) {
    checkTestFiles(report, testImages, testLabels, heldOut)
  }

  public func imageShape(_ environment: DataEnvironment) throws(DataProblem) -> Shape {
    let path = try DataFolder.resolve(images, environment)
    let shape = try DataProblem.translating { () throws(FileProblem) in
      try IDX.readShape(path)
    }
    return try IDXImages.imageShape(shape, path: path)
  }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    try loadPair(environment, heldOut, testImages) { part throws(DataProblem) in
      let (images, labels) = part == .train ? (images, labels) : (testImages ?? "", testLabels)
      return try IDXImages.read(
        images: DataFolder.resolve(images, environment),
        labels: labels.map { path throws(DataProblem) in
          try DataFolder.resolve(path, environment)
        })
    }
  }
}
