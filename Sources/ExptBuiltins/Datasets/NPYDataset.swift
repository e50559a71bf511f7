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
  @Setting("The file of validation images; null: 'validation' takes them from 'images'.")
  public var validationImages: WrittenPath? = nil
  @Setting("The file of their labels.") public var validationLabels: WrittenPath? = nil
  @Setting("The file of the test images.") public var testImages: WrittenPath? = nil
  @Setting("The file of their labels.") public var testLabels: WrittenPath? = nil
  @Group public var reading = ArrayReading()
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
    let (array, path) = try read(images, environment)
    return try reading.imageShape(array.shape, title: path)
  }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    try loadParts(environment, heldOut, own: own) { part throws(DataProblem) in
      guard let (images, labels) = files(of: part) else { return .empty([0, 0, 0]) }
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
