import ExptComponents

extension Trainer {
  /// Checks that not every batch is one image that cannot be normalised.
  ///
  /// - Throws: `DataProblem` saying what to do.
  func checkBatchNorms() throws(DataProblem) {
    guard batches.size(ofBatch: 0) == 1, let place = loneBatchNorm else { return }
    throw DataProblem(
      .malformed,
      "there is only one image to train on, and batch normalisation (\(place)) needs at least two "
        + "in a batch: use more images, or layer_norm")
  }

  /// What there is to say where the last batch of an epoch is one image that cannot be normalised.
  var loneLastBatch: String? {
    guard batches.size(ofBatch: batchesPerEpoch - 1) == 1, let place = loneBatchNorm else {
      return nil
    }
    return "the last batch of each epoch is one image, which batch normalisation (\(place)) cannot "
      + "normalise: it uses the running statistics, and leaves them as they are. "
      + "training.drop_last: true leaves it out; another training.batch_size avoids it"
  }

  private var loneBatchNorm: String? {
    network.step(batch: 1, mode: .training).graph.graph.loneBatchNorms.first
  }
}
