public import ExptComponents
import ExptFiles
public import ExptTensor

/// Images in NumPy's `.npy` files, as `numpy.save` writes them.
///
/// Shapes: see `layout`; labels [n]. Bytes mean 0 … 1, floating-point values are taken as they are.
/// Paths are counted from the folder that expt is started in.
public struct NPYDataset: Dataset {
  public static let id = "npy"
  public static let summary = "Images in NumPy arrays (.npy)."

  @Setting("The file of the training images.") public var images: WrittenPath
  @Setting("The file of their labels.") public var labels: WrittenPath? = nil
  @Setting("The file of the test images.") public var testImages: WrittenPath? = nil
  @Setting("The file of their labels.") public var testLabels: WrittenPath? = nil
  @Group public var reading = ArrayReading()
  @Group public var heldOut = HeldOut()
  @Group public var split = SplitSettings()

  public init() {}

  public func check(_ report: SettingsReport) {
    checkTestFiles(report, testImages, testLabels, heldOut)
  }

  public func imageShape(_ environment: DataEnvironment) throws(DataProblem) -> Shape {
    let (array, path) = try read(images, environment)
    return try reading.imageShape(array.shape, title: path)
  }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    try loadPair(environment, heldOut, testImages) { part throws(DataProblem) in
      let (images, labels) = part == .train ? (images, labels) : (testImages ?? "", testLabels)
      let (array, path) = try read(images, environment)
      var set = try reading.images(array, title: path)
      if let labels {
        let (array, path) = try read(labels, environment)
        set.labels = try array.labels(count: set.count, title: path)
      }
      return set
    }
  }

  private func read(
    _ name: WrittenPath, _ environment: DataEnvironment
  ) throws(DataProblem) -> (array: NPYArray, path: String) {
    let path = try DataFolder.resolve(name, environment)
    let array = try DataProblem.translating { () throws(FileProblem) in try NPYArray.read(path) }
    return (array, path)
  }
}
