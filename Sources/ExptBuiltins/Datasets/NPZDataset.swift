public import ExptComponents
import ExptFiles
public import ExptTensor

/// Images and labels in one of NumPy's `.npz` archives, as `numpy.savez` writes them.
///
/// Arrays that are not named are looked for under the names that common archives use, such as `X` and `y`, in
/// capitals or not; all others are left alone, whatever they hold. Shapes: see `layout`; values: see
/// `ArrayReading`; labels [n], or one-hot [n, classes].
public struct NPZDataset: Dataset {
  public static let id = "npz"
  public static let summary = "Images in a NumPy archive (.npz)."
  public static let exampleSettings = "{ path: absent }"

  @Setting("The file, relative to the folder expt is started in.") public var path: WrittenPath
  @Setting("The array of training images; null: images, train_images, x_train, x, imgs or arr_0.")
  public var images: String? = nil
  @Setting(
    "The array of their labels; auto: labels, train_labels, y_train or y, if there; null: none.")
  public var labels: LabelChoice = .auto
  @Setting(
    "The array of validation images; null: validation_images, val_images, valid_images, "
      + "x_validation, x_val or x_valid, if there and 'validation' is 0.")
  public var validationImages: String? = nil
  @Setting("The array of their labels; auto: likewise, such as val_labels or y_val; null: none.")
  public var validationLabels: LabelChoice = .auto
  @Setting("The array of test images; null: test_images or x_test, if there and 'test' is 0.")
  public var testImages: String? = nil
  @Setting("The array of their labels; auto: test_labels or y_test, if there; null: none.")
  public var testLabels: LabelChoice = .auto
  @Setting("The array of the training images' ground-truth factors, [n, factors].")
  public var factors: String? = nil
  @Setting("The factors' names, in order; none: factor_0, ….") public var factorNames: [String] =
    []
  @Setting("The array of the test images' factors.") public var testFactors: String? = nil
  @Group public var reading = ArrayReading()
  @Group public var heldOut = HeldOut()
  @Group public var split = SplitSettings()

  public init() {}

  public func check(_ report: SettingsReport) {
    checkFactorNames(factorNames, report)
    checkFiles(
      report, .validation, images: ("validation_images", validationImages != nil), heldOut: heldOut)
    checkFiles(report, .test, images: ("test_images", testImages != nil), heldOut: heldOut)
  }

  public var standardizes: Bool { reading.standardize }

  public func imageShape(_ environment: DataEnvironment) throws(DataProblem) -> Shape {
    let arrays = try NPZArrays(self, environment)
    return try reading.imageShape(arrays.shape(of: .train), title: arrays.archive.path)
  }

  public func counts(_ environment: DataEnvironment) throws(DataProblem) -> ImageCounts? {
    let arrays = try NPZArrays(self, environment)
    return try counts(heldOut, environment) { part throws(DataProblem) in
      arrays.names[part] == nil ? nil : try arrays.shape(of: part).first
    }
  }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    let arrays = try NPZArrays(self, environment)
    var pixels = ArrayPixels(reading, environment.edition)
    var classes = ArrayLabels()
    let own = Set(arrays.names.keys).subtracting([.train])
    var data = try loadParts(environment, heldOut, own: own) { part throws(DataProblem) in
      let (array, title) = try arrays.images(of: part)
      var set = try reading.images(
        array, title: title, pixels: pixels.pixels(array, title: title))
      if let name = part == .train ? factors : part == .test ? testFactors : nil {
        set.factors = try arrays.array(name, part == .train ? "factors" : "test_factors")
          .factors(of: set.count, names: factorNames, title: arrays.archive.title(name))
      }
      if let (name, isNamed) = try arrays.labels(of: part) {
        set.labels = try classes.classes(
          count: set.count, title: arrays.archive.title(name), isNamed: isNamed
        ) { () throws(FileProblem) in try arrays.archive.array(name) }
      }
      return set
    }
    data.notes = arrays.notes + pixels.notes + classes.notes
    return data
  }
}
