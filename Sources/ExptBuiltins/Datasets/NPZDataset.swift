public import ExptComponents
import ExptFiles
public import ExptTensor

/// Images and labels in one of NumPy's `.npz` archives, as `numpy.savez` writes them.
///
/// Arrays that are not named are looked for under the names that common archives use. Shapes: see
/// `layout`; labels [n]. Bytes mean 0 … 1, floating-point values are taken as they are.
public struct NPZDataset: Dataset {
  public static let id = "npz"
  public static let summary = "Images in a NumPy archive (.npz)."

  @Setting("The file, counted from the folder that expt is started in.") public var path:
    WrittenPath
  @Setting("The array of training images; null: images, train_images, x_train, x, imgs or arr_0.")
  public var images: String? = nil
  @Setting("The array of their labels; null: labels, train_labels, y_train or y, if there.")
  public var labels: String? = nil
  @Setting("The array of test images; null: test_images or x_test, if there.")
  public var testImages: String? = nil
  @Setting("The array of their labels; null: test_labels or y_test, if there.")
  public var testLabels: String? = nil
  @Group public var reading = ArrayReading()
  @Group public var heldOut = HeldOut()
  @Group public var split = SplitSettings()

  public init() {}

  public func check(_ report: SettingsReport) {
    checkFiles(report, .test, images: ("test_images", testImages != nil), heldOut: heldOut)
  }

  public func imageShape(_ environment: DataEnvironment) throws(DataProblem) -> Shape {
    let archive = try Archive(path, environment)
    let array = try archive.required(images, Self.imageNames)
    return try reading.imageShape(array.shape, title: archive.path)
  }

  public func load(_ environment: DataEnvironment) throws(DataProblem) -> LoadedData {
    let archive = try Archive(path, environment)
    // Images held out replace test images that nobody asked for.
    let test =
      heldOut.test.isZero ? try archive.find(testImages, ["test_images", "x_test"]) : nil
    return try loadParts(environment, heldOut, own: test == nil ? [] : [.test]) {
      part throws(DataProblem) in
      if part == .test, let test {
        return try set(test, try archive.find(testLabels, ["test_labels", "y_test"]), archive)
      }
      let labels = try archive.find(labels, ["labels", "train_labels", "y_train", "y"])
      return try set(archive.required(images, Self.imageNames), labels, archive)
    }
  }

  private static let imageNames = ["images", "train_images", "x_train", "x", "imgs", "arr_0"]

  private func set(
    _ images: NPYArray, _ labels: NPYArray?, _ archive: Archive
  ) throws(DataProblem) -> ImageSet {
    var set = try reading.images(images, title: archive.path)
    set.labels = try labels?.labels(count: set.count, title: archive.path)
    return set
  }

  /// The arrays of a file.
  private struct Archive {
    let path: String
    private let arrays: [(name: String, array: NPYArray)]

    init(_ name: WrittenPath, _ environment: DataEnvironment) throws(DataProblem) {
      let path = try DataFolder.resolve(name, environment)
      arrays = try DataProblem.translating { () throws(FileProblem) in try NPZ.read(path) }
      self.path = path
    }

    /// The array of a name, or else the first of the usual names that is there.
    func find(_ name: String?, _ usual: [String]) throws(DataProblem) -> NPYArray? {
      guard let name else {
        return usual.lazy.compactMap { name in arrays.first { $0.name == name }?.array }.first
      }
      guard let array = arrays.first(where: { $0.name == name })?.array else {
        throw DataProblem(.malformed, "\(path): holds no array '\(name)'; \(content)")
      }
      return array
    }

    func required(_ name: String?, _ usual: [String]) throws(DataProblem) -> NPYArray {
      if let array = try find(name, usual) { return array }
      throw DataProblem(
        .malformed, "\(path): 'images' must name the array of the images; \(content)")
    }

    private var content: String {
      "it holds: " + arrays.map { "\($0.name) \($0.array.shape)" }.joined(separator: ", ")
    }
  }
}
