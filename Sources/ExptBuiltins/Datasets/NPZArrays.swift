import ExptComponents
import ExptFiles

/// Which arrays of an archive a dataset reads.
struct NPZArrays {
  let archive: NPZArchive
  /// The arrays of images. A part without one is taken from the training images, or empty.
  private(set) var names: [DataPart: String] = [:]
  private(set) var notes: [String] = []
  private let dataset: NPZDataset
  private let edition: DataEdition

  init(_ dataset: NPZDataset, _ environment: DataEnvironment) throws(DataProblem) {
    self.dataset = dataset
    edition = environment.edition
    let path = try DataFolder.resolve(dataset.path, environment)
    archive = try DataProblem.translating { () throws(FileProblem) in try NPZArchive(path) }
    guard let train = try name(dataset.images, Self.imageNames(.train), "images") else {
      throw DataProblem(
        .malformed,
        "\(archive.path): 'images' must name the array of the images; it holds: \(archive.content)",
        setting: "images")
    }
    names[.train] = train
    try find(.validation, dataset.validationImages, taken: dataset.split.validation)
    try find(.test, dataset.testImages, taken: dataset.heldOut.test)
  }

  /// Images that are held out take the place of those that nobody asked for.
  private mutating func find(
    _ part: DataPart, _ named: String?, taken: ImageAmount
  ) throws(DataProblem) {
    guard let name = try name(named, Self.imageNames(part), "\(part)_images"),
      named != nil || part == .test || edition > .first
    else { return }
    if taken.isZero {
      names[part] = name
    } else if edition > .first {
      let setting = part == .test ? "test" : "validation"
      notes.append(
        "\(archive.path): its '\(name)' is not used, as '\(setting): \(taken)' takes images for "
          + "the \(part) from '\(names[.train] ?? "images")'")
    }
  }

  func shape(of part: DataPart) throws(DataProblem) -> [Int] {
    let name = names[part] ?? ""
    return try DataProblem.translating { () throws(FileProblem) in
      try archive.shape(name) ?? []
    }
  }

  func images(of part: DataPart) throws(DataProblem) -> (array: NPYArray, title: String) {
    let name = names[part] ?? ""
    let array = try DataProblem.translating { () throws(FileProblem) in try archive.array(name) }
    guard let array else { throw absent(name) }
    return (array, archive.title(name))
  }

  /// The array of a name that a setting gives.
  func array(_ named: String, _ setting: String) throws(DataProblem) -> NPYArray {
    let name = try name(named, [], setting) ?? named
    let array = try DataProblem.translating { () throws(FileProblem) in try archive.array(name) }
    guard let array else { throw absent(name) }
    return array
  }

  /// The array of a part's labels, and whether somebody named it.
  func labels(of part: DataPart) throws(DataProblem) -> (name: String, isNamed: Bool)? {
    let (choice, setting) =
      switch part {
      case .train: (dataset.labels, "labels")
      case .validation: (dataset.validationLabels, "validation_labels")
      case .test: (dataset.testLabels, "test_labels")
      }
    if case .named(let name) = choice {
      return try self.name(name, [], setting).map { ($0, true) }
    }
    guard choice == .auto || edition == .first else { return nil }
    return try name(nil, Self.labelNames(part), setting).map { ($0, false) }
  }

  /// An array of a name, or else the first of the usual names that is there, in capitals or not: `X` and `y`.
  private func name(
    _ named: String?, _ usual: [String], _ setting: String
  ) throws(DataProblem) -> String? {
    let there = archive.names
    guard let named else {
      return usual.first(where: there.contains)
        ?? usual.lazy.compactMap { name in there.first { $0.lowercased() == name } }.first
    }
    guard there.contains(named) else {
      var problem = absent(named)
      problem.setting = setting
      throw problem
    }
    return named
  }

  private func absent(_ name: String) -> DataProblem {
    DataProblem(
      .malformed, "\(archive.path): holds no array '\(name)'; it holds: \(archive.content)")
  }

  private static func imageNames(_ part: DataPart) -> [String] {
    switch part {
    case .train: ["images", "train_images", "x_train", "x", "imgs", "arr_0"]
    case .validation:
      ["validation_images", "val_images", "valid_images", "x_validation", "x_val", "x_valid"]
    case .test: ["test_images", "x_test"]
    }
  }

  private static func labelNames(_ part: DataPart) -> [String] {
    switch part {
    case .train: ["labels", "train_labels", "y_train", "y"]
    case .validation:
      ["validation_labels", "val_labels", "valid_labels", "y_validation", "y_val", "y_valid"]
    case .test: ["test_labels", "y_test"]
    }
  }
}
