public import ExptComponents
public import ExptData
import ExptRunFolder

/// A part of a run's data.
public enum Split: String, Sendable, CaseIterable {
  case test, validation, train
}

/// The data that a run was trained on, loaded again.
public struct TrainedData {
  public let splits: DataSplits
  /// The dataset's name, as in an experiment file.
  public let name: String
  /// What a conditional model was told of its training images.
  let told: AnnotationFacts

  /// Some images of a part, in the dataset's order.
  public struct Part {
    public let split: Split
    public let images: ImageSet
    /// The images of `images` that are meant.
    public let range: Range<Int>
    /// The images that the model was trained on, whichever these are.
    public let training: (images: ImageSet, range: Range<Int>)
    public var count: Int { range.count }

    /// The numbers of these images, 0 ..< count, in the order of the user's own file or folder: a
    /// dataset may have mixed them.
    public var orderOfFile: [Int] { (0..<count).sorted { row($0) < row($1) } }

    /// Where one of these images stands in the user's own file or folder, from 0.
    public func row(_ image: Int) -> Int { images.row(range.lowerBound + image) }

    /// Other images in their place.
    public func replacing(images: ImageSet) -> Part {
      Part(split: split, images: images, range: 0..<images.count, training: training)
    }

    /// These images alone.
    public var slice: ImageSet { images.slice(range) }
  }

  /// The first images of a part.
  ///
  /// - Parameters:
  ///   - split: nil: the test images, or the validation images if there are no test images.
  ///   - limit: nil: all.
  ///   - isWhole: Whether all their pixels will be in memory together.
  /// - Throws: `DataProblem` if the part is empty, or if it is too large for memory.
  public func part(
    _ split: Split?, limit: Int? = nil, isWhole: Bool = true
  ) throws(DataProblem) -> Part {
    let split = split ?? [.test, .validation].first { !numbers($0).isEmpty } ?? .test
    let range = numbers(split)
    guard !range.isEmpty else {
      let others = Split.allCases.filter { !numbers($0).isEmpty }.map { "--split \($0)" }
      throw DataProblem(
        .missing,
        "'\(name)' has no \(split) images in this run; choose \(others.joined(separator: " or "))")
    }
    let images = split == .test ? splits.test : splits.images
    try check(images, split)
    let wanted = range.prefix(limit ?? range.count)
    if isWhole {
      try Self.checkMemory(wanted.count, of: images, "the \(split) images of '\(name)'")
    }
    return Part(
      split: split, images: images, range: wanted,
      training: (splits.images, splits.train))
  }

  /// - Throws: That so many images, which are not in memory, are too many to be there together.
  static func checkMemory(
    _ count: Int, of images: ImageSet, _ title: String
  ) throws(DataProblem) {
    guard let most = images.mostInMemory, count > most else { return }
    throw DataProblem(
      .malformed,
      "\(title) are \(count), too many for the memory that the dataset may take: measure at most \(most) of "
        + "them (--limit \(most))")
  }

  /// A conditional model must be told of each image what it was told in training, and knows no other
  /// classes.
  func check(_ images: ImageSet, _ split: Split) throws(DataProblem) {
    for factor in told.factors where !images.factors.contains(where: { $0.name == factor }) {
      throw DataProblem(
        .malformed, "the model is conditioned on '\(factor)', which the \(split) images do not have"
      )
    }
    guard let classes = told.classes else { return }
    guard let labels = images.labels else {
      throw DataProblem(
        .malformed, "the model is conditioned on labels, and the \(split) images have none")
    }
    if let label = labels.first(where: { $0 < 0 || Int($0) >= classes }) {
      throw DataProblem(
        .malformed,
        "the \(split) images have the label \(label), and the model was trained on the classes 0 to "
          + "\(classes - 1)")
    }
  }

  private func numbers(_ split: Split) -> Range<Int> {
    switch split {
    case .test: 0..<splits.test.count
    case .validation: splits.validation
    case .train: splits.train
    }
  }
}

extension TrainedRun {
  /// Loads the data of this run: those of its fallback dataset where it was trained on that.
  ///
  /// - Parameter warn: Told what must not be missed: that the data are not those of training.
  /// - Throws: `DataProblem`. Another dataset is never taken in place of one that is missing.
  public func data(
    _ environment: DataEnvironment, warn: (String) -> Void
  ) throws(DataProblem) -> TrainedData {
    var environment = environment
    environment.seed = experiment.seed
    environment.pool = network.run.pool
    environment.wanted = .all
    environment.table = network.facts.table
    let record = manifest.dataset
    let edition = DataEdition(record)
    environment.edition = edition
    let loaded = try environment.recalling(record) { place throws(DataProblem) in
      try LoadedDataset(experiment.dataset, for: experiment.model.parts, asIn: record, place)
    }
    let shape = loaded.splits.images.shape
    guard shape == network.facts.image else {
      throw DataProblem(
        .malformed,
        "the images of '\(record.name)' are \(shape) now, and were \(network.facts.image) when "
          + "\(folder.path) was trained")
    }
    for images in [loaded.splits.images, loaded.splits.test] { try checkMissing(images) }
    let fingerprint = loaded.splits.images.fingerprint(edition)
    if !record.fingerprint.isEmpty, fingerprint != record.fingerprint {
      warn(
        "THE DATA ARE NOT THOSE THIS RUN WAS TRAINED ON: the training images of '\(record.name)' "
          + "have the fingerprint \(fingerprint), and had \(record.fingerprint). What follows "
          + "describes the data as they are now")
    }
    return TrainedData(
      splits: loaded.splits, name: type(of: loaded.dataset).id,
      told: AnnotationFacts(classes: record.classes, factors: record.factors))
  }
}
