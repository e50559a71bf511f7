/// How many images a dataset has, known without loading them.
public struct ImageCounts: Sendable, Hashable {
  /// Training images, those that `SplitSettings.validation` takes from them included.
  public var train: Int
  /// Validation images that the dataset brings along; nil for none.
  public var validation: Int?
  public var test: Int

  public init(train: Int, validation: Int? = nil, test: Int) {
    (self.train, self.validation, self.test) = (train, validation, test)
  }
}

extension SplitSettings {
  /// The images to train on and to validate with, counted with the training images first and the
  /// validation images that a dataset brings along behind them.
  ///
  /// - Throws: `malformed`, at the setting, if validation leaves no image to train on, comes to
  ///   no image, or is asked for beside validation images that are there already.
  public func divide(
    _ counts: ImageCounts
  ) throws(DataProblem) -> (train: Range<Int>, validation: Range<Int>) {
    let taken = validation.count(of: counts.train)
    if let own = counts.validation {
      guard validation.isZero else {
        throw DataProblem(
          .malformed,
          "'validation: \(validation)' takes images from the training set, and the dataset has "
            + "\(own) validation images of its own; leave one of the two out",
          setting: "validation")
      }
      return (first(counts.train), counts.train..<counts.train + own)
    }
    guard taken < max(counts.train, 1) else {
      throw DataProblem(
        .malformed,
        "'validation: \(validation)' leaves no image to train on: there are \(counts.train) "
          + "training images; take fewer for validation", setting: "validation")
    }
    guard taken > 0 || validation.isZero || counts.train == 0 else {
      throw DataProblem(
        .malformed,
        "'validation: \(validation)' of \(counts.train) training images comes to none; take more, or "
          + "write a number of images", setting: "validation")
    }
    return (first(counts.train - taken), counts.train - taken..<counts.train)
  }

  private func first(_ count: Int) -> Range<Int> { 0..<min(count, limit ?? count) }

  /// Reports what a dataset that knows its counts from its settings alone cannot do with them:
  /// to be called by its `check`.
  public func check(_ counts: ImageCounts, _ report: SettingsReport) {
    do throws(DataProblem) {
      let rest = counts.train - (try divide(counts).validation.count)
      if let limit, limit > rest, counts.validation == nil {
        report.warning(
          "'limit: \(limit)' is more than the \(rest) images there are to train on, and has "
            + "no effect", at: "limit")
      }
    } catch {
      report.error(error.message, at: error.setting ?? "validation")
    }
  }
}
