public import ExptComponents
import ExptFiles
public import ExptTensor

/// Images in NumPy's `.npy` files, as `numpy.save` writes them.
///
/// Shapes: see `layout`; values: see `ArrayReading`; labels [n], or one-hot [n, classes]; factors [n, factors].
/// Paths are relative to the folder that expt is started in. A file that is too large for memory is read while
/// it is trained on: see `Streaming`.
public struct NPYDataset: Dataset {
  public static let id = "npy"
  public static let summary = "Images in NumPy arrays (.npy)."
  public static let exampleSettings = "{ images: absent }"

  @Setting("The file of the training images.") public var images: WrittenPath
  @Setting("The file of their labels.") public var labels: WrittenPath? = nil
  @Setting("The file of their ground-truth factors, [n, factors].")
  public var factors: WrittenPath? = nil
  @Setting("The factors' names, in order; none: factor_0, ….") public var factorNames: [String] =
    []
  @Setting("The file of validation images; null: 'validation' takes them from 'images'.")
  public var validationImages: WrittenPath? = nil
  @Setting("The file of their labels.") public var validationLabels: WrittenPath? = nil
  @Setting("The file of the test images.") public var testImages: WrittenPath? = nil
  @Setting("The file of their labels.") public var testLabels: WrittenPath? = nil
  @Setting("The file of their factors.") public var testFactors: WrittenPath? = nil
  @Group public var streaming = Streaming()
  @Group public var reading = ArrayReading()
  @Group public var heldOut = HeldOut()
  @Group public var split = SplitSettings()

  public init() {}

  public func check(_ report: SettingsReport) {
    checkFactorNames(factorNames, report)
    if testFactors != nil, testImages == nil {
      report.error(
        "'test_factors' needs 'test_images'", at: "test_factors",
        help: "name the file of the images")
    }
    checkFiles(
      report, .validation, images: ("validation_images", validationImages != nil),
      labels: ("validation_labels", validationLabels != nil), heldOut: heldOut)
    checkFiles(
      report, .test, images: ("test_images", testImages != nil),
      labels: ("test_labels", testLabels != nil), heldOut: heldOut)
  }

  public var standardizes: Bool { reading.standardize }

  public func imageShape(_ environment: DataEnvironment) throws(DataProblem) -> Shape {
    let path = try DataFolder.resolve(images, environment)
    return try reading.imageShape(shape(images, environment), title: path)
  }

  public func counts(_ environment: DataEnvironment) throws(DataProblem) -> ImageCounts? {
    try counts(heldOut, environment) { part throws(DataProblem) in
      guard let images = files(of: part)?.images else { return nil }
      return try shape(images, environment).first
    }
  }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    var pixels = ArrayPixels(reading, environment.edition)
    var classes = ArrayLabels()
    var data = try loadParts(environment, heldOut, own: own) { part throws(DataProblem) in
      guard let (images, labels) = files(of: part) else { return .empty([0, 0, 0]) }
      let path = try DataFolder.resolve(images, environment)
      var set = try reading.images(ofFile: path, streaming, &pixels)
      if let factors = part == .train ? factors : part == .test ? testFactors : nil {
        let path = try DataFolder.resolve(factors, environment)
        let array = try DataProblem.translating { () throws(FileProblem) in
          try NPYArray.read(path)
        }
        set.factors = try array.factors(of: set.count, names: factorNames, title: path)
      }
      if let labels {
        let path = try DataFolder.resolve(labels, environment)
        set.labels = try classes.classes(count: set.count, title: path, isNamed: true) {
          () throws(FileProblem) in try NPYArray.read(path)
        }
      }
      return set
    }
    data.notes = pixels.notes + classes.notes
    return data
  }

  private func shape(
    _ images: WrittenPath, _ environment: DataEnvironment
  ) throws(DataProblem) -> [Int] {
    let path = try DataFolder.resolve(images, environment)
    return try DataProblem.translating { () throws(FileProblem) in try NPYArray.readShape(path) }
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
