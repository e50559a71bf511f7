public import ExptComponents

/// A loaded dataset divided into training, validation and test images.
///
/// Validation images come from the end of the training set, before `limit` cuts the rest:
///
///     60000 loaded, validation 10000, limit 1000:   train 0 ..< 1000, validation 50000 ..< 60000
///
/// so that runs with different limits are validated on the same images.
public struct DataSplits: Sendable {
  /// The images that `train` and `validation` count.
  public let images: ImageSet
  public let train: Range<Int>
  public let validation: Range<Int>
  public let test: ImageSet

  /// - Throws: `malformed` where validation leaves no image to train on, and where images have
  ///   different shapes, or values that are not numbers.
  public init(_ data: LoadedData, _ settings: SplitSettings) throws(DataProblem) {
    let count = data.train.count
    guard settings.validation < max(count, 1) else {
      throw DataProblem(
        .malformed,
        "'validation: \(settings.validation)' leaves no image to train on: there are \(count) "
          + "training images; take fewer for validation")
    }
    if data.test.count > 0, count > 0, data.test.shape != data.train.shape {
      throw DataProblem(
        .malformed,
        "the training images are \(data.train.shape) and the test images \(data.test.shape); "
          + "they must have one shape")
    }
    images = data.train
    test = data.test
    let rest = count - settings.validation
    train = 0..<min(rest, settings.limit ?? rest)
    validation = rest..<count
  }
}
