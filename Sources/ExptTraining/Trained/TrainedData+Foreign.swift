public import ExptComponents
import ExptData

extension TrainedRun {
  /// Data that the run was not trained on, brought to what its model takes: standardized as its own data
  /// were. Those of the test images, or where there are none of the training images.
  ///
  /// - Parameter data: The run's own.
  /// - Throws: `DataProblem` where they cannot be loaded, are of another shape, hold values that the
  ///   likelihood cannot have, or lack what a conditional model is told.
  public func foreign(
    _ dataset: any Dataset, beside data: TrainedData, limit: Int?, _ environment: DataEnvironment
  ) throws(DataProblem) -> TrainedData.Part {
    var environment = environment
    environment.pool = network.run.pool
    environment.table = network.facts.table
    let loaded = try dataset.load(environment)
    let (split, images) = loaded.test.count > 0 ? (Split.test, loaded.test) : (.train, loaded.train)
    guard images.count > 0 else {
      throw DataProblem(.missing, "'\(type(of: dataset).id)' has no images")
    }
    guard images.shape == network.facts.image else {
      throw DataProblem(
        .malformed,
        "the images of '\(type(of: dataset).id)' are \(images.shape), and the model takes "
          + "\(network.facts.image)")
    }
    try data.check(images, split)
    try checkMissing(images)
    let adapted = try data.splits.adapting(images)
    var fit = DataFit(experiment.dataset, experiment.model.parts)
    try fit.measure(adapted)
    let count = min(adapted.count, limit ?? adapted.count)
    try TrainedData.checkMemory(count, of: adapted, "the images of '\(type(of: dataset).id)'")
    return TrainedData.Part(
      split: split, images: adapted, range: 0..<count,
      training: (data.splits.images, data.splits.train))
  }

  /// A model that was trained on whole rows has no place for a missing cell.
  ///
  /// - Throws: `malformed`, naming one.
  func checkMissing(_ images: ImageSet) throws(DataProblem) {
    guard let observed = images.observed, network.facts.table?.hasMissing != true,
      let missing = observed.firstIndex(of: 0), images.shape.count > 0
    else { return }
    let (image, value) = (missing / images.shape.count, missing % images.shape.count)
    throw DataProblem(
      .malformed,
      "\(images.source.map { "\($0): " } ?? "")row \(images.row(image)) has no value at \(images.place(value)), and the "
        + "model was trained on whole rows; leave that row out, or fill the cell")
  }
}
