import ExptComponents
import ExptData
import ExptInference
import ExptTensor

extension Trainer {
  /// Gives a model that is fitted, not trained, the state that suits the training images.
  ///
  /// - Throws: `DataProblem` where the images are not enough, `TrainingFailure` where numbers overflow.
  func fit() throws {
    guard let model = experiment.model as? any FittedModel else { return }
    if data.images.pixels.stored != nil, !data.train.isEmpty {
      throw DataProblem(
        .malformed,
        "the model is fitted to all training images at once, and they are not in memory, as they are many: "
          + "raise the dataset's 'memory', if it has that, or use fewer images")
    }
    let split = experiment.dataset.split
    let access = NetworkAccess(network, batch: settings.batchSize, presentation: split)
    let images = FittingImages(
      shape: network.facts.image, values: access.presented(data.images, data.train))
    let fitted: FittedArrays
    do throws(FittingProblem) { fitted = try model.fit(images, pool: network.run.pool) } catch {
      throw DataProblem(.malformed, "the model cannot be fitted: \(error.message)")
    }
    for array in fitted.arrays {
      guard let target = network.store[array.name], target.count == array.values.count else {
        preconditionFailure("\(array.name) \(array.shape) is not among the model's state")
      }
      guard array.values.allSatisfy(\.isFinite) else {
        throw TrainingFailure("the fitted \(array.name) holds numbers that are not finite")
      }
      _ = target.values.update(fromContentsOf: array.values)
    }
  }
}
