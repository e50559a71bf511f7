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
    let adapted = try data.splits.adapting(images)
    var fit = DataFit(experiment.dataset, experiment.model.parts)
    try fit.measure(adapted)
    let count = min(adapted.count, limit ?? adapted.count)
    try TrainedData.checkMemory(count, of: adapted, "the images of '\(type(of: dataset).id)'")
    return TrainedData.Part(
      split: split, images: adapted, range: 0..<count,
      training: (data.splits.images, data.splits.train))
  }
}
