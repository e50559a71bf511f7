import ExptComponents

/// What datasets share whose test images are files of their own, or held out of the others.
extension Dataset {
  func checkTestFiles(
    _ report: SettingsReport, _ testImages: (some Sendable)?, _ testLabels: WrittenPath?,
    _ heldOut: HeldOut
  ) {
    if testLabels != nil, testImages == nil {
      report.error(
        "'test_labels' needs 'test_images'", at: "test_labels", help: "name the file of the images")
    }
    if heldOut.test > 0, testImages != nil {
      report.error(
        "'test' holds out images for the test, and 'test_images' names others", at: "test",
        help: "write one of the two")
    }
  }

  /// The wanted parts, read by `read`: the test images from their own file where there is one, else
  /// held out.
  func loadPair(
    _ environment: DataEnvironment, _ heldOut: HeldOut, _ testImages: WrittenPath?,
    _ read: (_ part: DataParts) throws(DataProblem) -> ImageSet
  ) throws(DataProblem) -> LoadedData {
    let wanted = environment.wanted
    guard testImages != nil else { return try heldOut.divide(read(.train), wanted: wanted) }
    let train = wanted.contains(.train) ? heldOut.arrange(try read(.train)) : nil
    let test = wanted.contains(.test) ? try read(.test) : nil
    let shape = (train ?? test)?.shape ?? [0, 0, 0]
    return LoadedData(train: train ?? .empty(shape), test: test ?? .empty(shape))
  }
}
