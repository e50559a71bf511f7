public import ExptComponents
import ExptData

/// How images that come without test images are divided: `@Group var heldOut = HeldOut()`.
///
/// First the images are mixed, as files and folders are often sorted by class, then the test images
/// are taken from the front; `validation` later takes its images from the end of the rest. The seed
/// is the dataset's own: runs of several seeds are tested on the same images.
public struct HeldOut: Settings {
  @Setting("Images to hold out for testing: a number of them, or a share below 1.", .atLeast(0))
  public var test: ImageAmount = 0
  @Setting("Shuffle the images before dividing them; false keeps their order.") public var mix =
    true
  @Setting("Seed of that shuffle.") public var mixSeed: UInt64 = 0

  public init() {}

  /// Divides images; a part that is not wanted is left empty.
  ///
  /// - Throws: `malformed` if no image is left to train on, or if a share comes to none.
  func divide(
    _ images: ImageSet, _ environment: DataEnvironment
  ) throws(DataProblem) -> LoadedData {
    let (count, wanted) = (try testCount(of: images.count, environment.edition), environment.wanted)
    guard mix || count > 0 else { return LoadedData(train: images, test: .empty(images.shape)) }
    let order = mix ? MixedOrder.numbers(images.count, seed: mixSeed) : Array(0..<images.count)
    func part(_ part: DataParts, _ numbers: ArraySlice<Int>) -> ImageSet {
      wanted.contains(part) ? images.selecting(numbers) : .empty(images.shape)
    }
    return LoadedData(
      train: part(.train, order.dropFirst(count)), test: part(.test, order.prefix(count)))
  }

  /// Training images that have test images of their own: only mixed.
  func arrange(_ images: ImageSet) -> ImageSet {
    guard mix else { return images }
    return images.selecting(MixedOrder.numbers(images.count, seed: mixSeed)[...])
  }

  /// How many of this many images go into each part; `validation` counts their own validation images.
  func counts(
    of total: Int, validation: Int? = nil, edition: DataEdition = .current
  ) throws(DataProblem) -> ImageCounts {
    let held = try testCount(of: total, edition)
    return ImageCounts(train: total - held, validation: validation, test: held)
  }

  private func testCount(of count: Int, _ edition: DataEdition) throws(DataProblem) -> Int {
    var held = test.count(of: count)
    if edition == .first, case .share(let share) = test { held = Int(share * Double(count)) }
    guard held < max(count, 1) else {
      throw DataProblem(
        .malformed,
        "'test: \(test)' leaves no image to train on: there are \(count); hold out fewer",
        setting: "test")
    }
    guard held > 0 || test.isZero || edition == .first else {
      throw DataProblem(
        .malformed,
        "'test: \(test)' of \(count) images comes to none; hold out more, or write a number of images",
        setting: "test")
    }
    return held
  }
}
