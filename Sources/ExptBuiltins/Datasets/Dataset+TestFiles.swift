import ExptComponents

/// A part of a dataset that may lie in files of its own.
enum DataPart: String {
  case train, validation, test
}

/// What datasets share whose test and validation images are files of their own, or taken from the
/// others.
extension Dataset {
  /// - Parameters:
  ///   - images: The setting that names the part's own images, such as `test_images`; and whether
  ///     it is set.
  ///   - labels: Likewise for their labels.
  func checkFiles(
    _ report: SettingsReport, _ part: DataPart, images: (name: String, isSet: Bool),
    labels: (name: String, isSet: Bool)? = nil, heldOut: HeldOut
  ) {
    if let labels, labels.isSet, !images.isSet {
      report.error(
        "'\(labels.name)' needs '\(images.name)'", at: labels.name,
        help: "name the file of the images")
    }
    let taken = part == .test ? ("test", heldOut.test) : ("validation", split.validation)
    if !taken.1.isZero, images.isSet {
      report.error(
        "'\(taken.0)' holds out images for the \(part), and '\(images.name)' names others",
        at: taken.0, help: "write one of the two")
    }
  }

  /// The wanted parts, read by `read`: validation and test images from files of their own where
  /// `own` says so, else held out.
  func loadParts(
    _ environment: DataEnvironment, _ heldOut: HeldOut, own: Set<DataPart>,
    _ read: (_ part: DataPart) throws(DataProblem) -> ImageSet
  ) throws(DataProblem) -> LoadedData {
    let wanted = environment.wanted
    var data: LoadedData
    if own.contains(.test) {
      let train = wanted.contains(.train) ? heldOut.arrange(try read(.train)) : nil
      let test = wanted.contains(.test) ? try read(.test) : nil
      let shape = (train ?? test)?.shape ?? [0, 0, 0]
      data = LoadedData(train: train ?? .empty(shape), test: test ?? .empty(shape))
    } else {
      data = try heldOut.divide(read(.train), environment)
    }
    if own.contains(.validation), wanted.contains(.train) {
      data.validation = try read(.validation)
    }
    return data
  }

  /// How many images there are in each part, by the lengths of the arrays that `count` gives; nil for
  /// a part without files of its own.
  func counts(
    _ heldOut: HeldOut, _ environment: DataEnvironment,
    _ count: (_ part: DataPart) throws(DataProblem) -> Int?
  ) throws(DataProblem) -> ImageCounts? {
    guard let total = try count(.train) else { return nil }
    let validation = try count(.validation)
    if let test = try count(.test) {
      return ImageCounts(train: total, validation: validation, test: test)
    }
    return try heldOut.counts(of: total, validation: validation, edition: environment.edition)
  }
}
