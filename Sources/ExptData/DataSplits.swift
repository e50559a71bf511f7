public import ExptComponents

/// A loaded dataset divided into training, validation and test images.
///
/// Validation images come from the end of the training set, before `limit` cuts the rest:
///
///     60000 loaded, validation 10000, limit 1000:   train 0 ..< 1000, validation 50000 ..< 60000
///
/// so that runs with different limits are validated on the same images. Windows of a table that would reach
/// into the validation rows are left out of the training images. Where a dataset brings a validation set of
/// its own, its images stand behind the training images:
///
///     1000 loaded and 200 of their own, limit 500:    train 0 ..< 500, validation 1000 ..< 1200
public struct DataSplits: Sendable {
  /// The images that `train` and `validation` count.
  public let images: ImageSet
  public let train: Range<Int>
  public let validation: Range<Int>
  public let test: ImageSet
  /// Notes about how they were presented.
  public private(set) var notes: [String] = []
  private var standardization: Standardization?
  private var table: TableStandardization?

  /// - Parameter standardizes: Whether to bring each value to mean 0 and variance 1 over `train`.
  /// - Parameter environment: Told how far a pass over images that are not in memory has come.
  /// - Throws: `malformed` if validation leaves no image to train on, and if images have
  ///   different shapes, or values that are not numbers, or if rows of a table are to be mirrored.
  public init(
    _ data: LoadedData, _ settings: SplitSettings, standardizes: Bool = false,
    _ environment: DataEnvironment = DataEnvironment()
  ) throws(DataProblem) {
    let divided = try settings.divide(
      ImageCounts(
        train: data.train.count, validation: data.validation?.count, test: data.test.count))
    let straddling = data.train.windows(in: divided.train, before: divided.validation)
    (train, validation) = (divided.train.dropLast(straddling), divided.validation)
    guard straddling == 0 || !train.isEmpty else {
      throw DataProblem(
        .malformed,
        "no window is left to train on: all reach into the validation rows; write a shorter window",
        setting: "window")
    }
    if straddling > 0 {
      notes.append(
        "\(straddling) training \(straddling == 1 ? "window" : "windows") left out that would reach into the "
          + "validation rows")
    }
    for (name, other) in [("validation", data.validation), ("test", data.test)] {
      guard let other, other.count > 0, data.train.count > 0, other.shape != data.train.shape
      else { continue }
      throw DataProblem(
        .malformed,
        "the training images are \(data.train.shape) and the \(name) images \(other.shape); "
          + "they must have the same shape")
    }
    if settings.flip, data.train.isTable {
      throw DataProblem(
        .malformed, "'flip' mirrors images, and these are rows of a table", setting: "flip")
    }
    // Those that train lie together, in the order of their file, if that is read as they are needed.
    let end = data.validation == nil ? validation.lowerBound : data.train.count
    let trained = data.train.inOrderOfFile([train, train.upperBound..<max(train.upperBound, end)])
    let isThreshold = settings.binarization == .threshold
    let all = data.validation.map { trained.appending($0) } ?? trained
    try all.learnFacts(in: train, isThreshold: isThreshold, environment)
    for part in [data.validation, data.test].compactMap(\.self) {
      try part.learnFacts(in: 0..<part.count, isThreshold: false, environment)
    }
    for part in [all.pixels.stored == nil ? data.train : all, data.validation, data.test] {
      try part?.checkFinite()
      try part?.checkRead()
    }
    if let columns = all.table {
      let table = TableStandardization(all, columns, train)
      (images, test) = (table.apply(to: all), table.apply(to: data.test))
      notes += table.notes
      self.table = table
      return
    }
    guard standardizes else {
      (images, test) = (all, data.test)
      return
    }
    let standardization = Standardization(all, train)
    images = standardization.apply(to: all)
    try images.learnFacts(in: train, isThreshold: isThreshold, environment)
    test = data.test.count == 0 ? data.test : standardization.apply(to: data.test)
    notes += standardization.note.map { [$0] } ?? []
    self.standardization = standardization
  }

  /// Other images of the same shape, presented as these are: standardized by these training images.
  ///
  /// - Throws: `malformed` if they hold values that are not numbers.
  public func adapting(_ other: ImageSet) throws(DataProblem) -> ImageSet {
    try other.checkFinite()
    return table?.apply(to: other) ?? standardization?.apply(to: other) ?? other
  }
}

extension ImageSet {
  /// How many of the last windows in `train` hold rows of the first one in `validation`.
  fileprivate func windows(in train: Range<Int>, before validation: Range<Int>) -> Int {
    guard let table, table.window > 1, let first = validation.first, first < count else { return 0 }
    return train.reversed().prefix { row($0) + table.window > row(first) }.count
  }
}
